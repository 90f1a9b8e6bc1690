"""Material: the samples of a dataset, each entry decoded once and heard once by each network."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
import torch
from torch import Tensor

from model.datasets import Choose, Dataset, Skipped, excerpts
from model.networks import Network
from model.responses import sound_embeddings
from model.samples import Sample
from model.video import MediaError

__all__ = ["Material", "Skipped", "collect"]


@dataclass(frozen=True)
class Material:
    """What the figures of a dataset are measured on.

    Attributes:
        samples: of all entries, in order; n of them.
        frames: (n, S, S, 3) uint8, or what `model.motion.around` tells, of the networks' square; they lie in a
            temporary file, so that thousands of videos do not fill the memory.
        sounds: for each network, (n, e) embeddings of the samples' seconds.
        videos: how many entries were used.
        skipped: those that could not be.
    """

    samples: list[Sample]
    frames: np.ndarray
    sounds: list[Tensor]
    videos: int
    skipped: list[Skipped]


def collect(
    dataset: Dataset,
    networks: Sequence[Network],
    *,
    choose: Choose | None = None,
    on_done: Callable[[int, int], None],
    on_skipped: Callable[[Skipped], None],
) -> Material:
    """Decode a dataset and let every network hear the seconds of its samples.

    Args:
        dataset: what to decode.
        networks: of one image size, that take the same of a moment.
        choose: the samples of each entry, see `model.datasets.Dataset.load`.
        on_done: called after each entry with how many are done, of how many.
        on_skipped: called with each entry that cannot be used.
    """
    size = networks[0].config.image_size
    samples: list[Sample] = []
    sounds: list[list[Tensor]] = [[] for _ in networks]
    skipped = list(dataset.skipped)
    for one in skipped:
        on_skipped(one)
    used = 0
    with tempfile.TemporaryFile() as file:
        shape: tuple[int, ...] = (size, size, 3)
        for number, excerpt in enumerate(excerpts(dataset, size, networks[0].takes, lambda _: choose)):
            if isinstance(excerpt, MediaError):
                skipped.append(Skipped(dataset.name(number), str(excerpt)))
                on_skipped(skipped[-1])
            else:
                used += 1
                if excerpt.samples:
                    samples += excerpt.samples
                    shape = excerpt.frames.shape[1:]
                    file.write(np.ascontiguousarray(excerpt.frames).data)
                    for network, heard in zip(networks, sounds, strict=True):
                        heard.append(sound_embeddings(network, torch.from_numpy(excerpt.seconds)))
            on_done(number + 1, len(dataset))
        frames = _mapped(file, (len(samples), *shape))
    return Material(samples, frames, [torch.cat(heard) if heard else torch.zeros(0) for heard in sounds], used, skipped)


def _mapped(file: IO[bytes], shape: tuple[int, ...]) -> np.ndarray:
    """A file of uint8 as an array, read where it is used; it lives as long as the array does."""
    file.flush()
    if not shape[0]:
        return np.zeros(shape, np.uint8)
    return np.memmap(file, np.uint8, "r", shape=shape).view(np.ndarray)
