"""Material: the samples of a folder of labelled videos, each video decoded once and heard once by each network."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model import truth
from model.networks import AVOLNet
from model.responses import sound_embeddings
from model.samples import Sample, samples_of
from model.truth import Truth
from model.video import MediaError, Video, audio_second, decode

DECODERS = 2  # videos decoded ahead, in threads: the decoder lets go of the interpreter


@dataclass(frozen=True)
class Skipped:
    """A video that cannot be used, and why, in one sentence."""

    file: str
    reason: str


@dataclass(frozen=True)
class Material:
    """What the figures of a folder are measured on.

    Attributes:
        samples: of all videos, in order; n of them.
        frames: (n, S, S, 3) uint8, the samples' frames squashed to the networks' square.
        sounds: for each network, (n, e) embeddings of the samples' seconds.
        videos: how many videos were used.
        skipped: those that could not be.
    """

    samples: list[Sample]
    frames: np.ndarray
    sounds: list[Tensor]
    videos: int
    skipped: list[Skipped]


def collect(
    folder: Path,
    networks: Sequence[AVOLNet],
    *,
    rate: float,
    on_done: Callable[[int, int], None],
    on_skipped: Callable[[Skipped], None],
) -> Material:
    """Decode a folder's videos and let every network hear the seconds of their samples.

    Args:
        folder: with `truth.json`.
        networks: of one image size.
        rate: samples a second.
        on_done: called after each video with how many are done, of how many.
        on_skipped: called with each video that cannot be used.

    Raises:
        model.truth.TruthError: `truth.json` is missing or malformed.
    """
    truths = truth.read(folder)
    size = networks[0].config.image_size
    samples: list[Sample] = []
    frames: list[np.ndarray] = [np.zeros((0, size, size, 3), np.uint8)]
    sounds = [[torch.zeros(0, network.config.embedding)] for network in networks]
    skipped: list[Skipped] = []
    for done, (labels, video) in enumerate(_decoded(folder, truths, size, rate), 1):
        if isinstance(video, MediaError):
            skipped.append(Skipped(labels.file, str(video)))
            on_skipped(skipped[-1])
        elif found := samples_of(labels, video, number=done - 1, rate=rate):
            samples += found
            frames.append(video.frames[[sample.index for sample in found]])
            seconds = np.stack([audio_second(video.audio, sample.time) for sample in found])
            for network, heard in zip(networks, sounds, strict=True):
                heard.append(sound_embeddings(network, torch.from_numpy(seconds)))
        on_done(done, len(truths))
    together = [torch.cat(heard[1:] or heard) for heard in sounds]
    return Material(samples, np.concatenate(frames), together, len(truths) - len(skipped), skipped)


def _decoded(
    folder: Path, truths: Sequence[Truth], size: int, rate: float
) -> Iterator[tuple[Truth, Video | MediaError]]:
    """Each video, or why it cannot be used; a few are decoded ahead of the one in use."""

    def load(labels: Truth) -> Video | MediaError:
        try:
            video = decode(folder / labels.file, rate=rate, size=(size, size))
        except MediaError as error:
            return error
        if not len(video.frames) or not len(video.audio) or not video.info.frame_rate:
            return MediaError(f"{labels.file}: to be evaluated it needs both a picture and sound.")
        return video

    with ThreadPoolExecutor(DECODERS) as pool:
        ahead: deque[tuple[Truth, Future[Video | MediaError]]] = deque()
        for labels in truths:
            ahead.append((labels, pool.submit(load, labels)))
            if len(ahead) > 2 * DECODERS:
                first, future = ahead.popleft()
                yield first, future.result()
        for first, future in ahead:
            yield first, future.result()
