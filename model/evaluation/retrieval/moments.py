"""Moments: frames of labelled videos with their seconds of sound, drawn at random, as retrieval is measured on."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from model import motion
from model.datasets import Skipped
from model.evaluation.retrieval.relevance import Labels
from model.samples import samples_of
from model.truth import Truth
from model.video import MediaError, audio_second, decode

RATE = 4.0  # moments a second to choose from
DECODERS = 2  # videos decoded ahead, in threads: the decoder lets go of the interpreter


@dataclass(frozen=True)
class Moment:
    """A frame and the second of sound with it in the middle.

    Attributes:
        frame: (S, S, 3) uint8, the picture squashed to a square; or the 25 of the second, (25, S, S, 3), its own in
            their middle.
        second: (48000,) float32.
        visible: classes of the frame.
        sounding: classes of the second.
    """

    frame: np.ndarray
    second: np.ndarray
    visible: Labels
    sounding: Labels


class LabelledVideo(Protocol):
    """A video of a dataset, whatever its labels look like."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def classes(self) -> Labels:
        """Every class its moments may have."""

    def moments(self, rng: np.random.Generator, *, size: int, most: int, moving: bool = False) -> list[Moment]:
        """At least one and at most `most` different moments, frames of `size` pixels a side; `moving`: 25 of each.

        Raises:
            MediaError: it cannot be decoded or has no moment to measure on.
        """


@dataclass(frozen=True)
class TruthVideo:
    """A video of a folder with `truth.json`, which tells what is visible and what sounds moment by moment."""

    folder: Path
    labels: Truth

    @property
    def name(self) -> str:
        """The file's."""
        return self.labels.file

    @property
    def classes(self) -> Labels:
        """Those of its objects."""
        return frozenset(self.labels.classes)

    def moments(self, rng: np.random.Generator, *, size: int, most: int, moving: bool = False) -> list[Moment]:
        """Moments at which something is visible in the frame and something sounds through the second."""
        rate = motion.FRAME_RATE if moving else RATE
        video = decode(self.folder / self.name, rate=rate, size=(size, size))
        if not len(video.frames) or not len(video.audio) or not video.info.frame_rate:
            raise MediaError(f"{self.name}: to be evaluated it needs both a picture and sound.")
        found = [one for one in samples_of(self.labels, video, number=0, rate=rate) if one.visible_classes]
        if not found:
            raise MediaError(f"{self.name}: never is something visible while something sounds through a whole second.")
        chosen = [found[index] for index in rng.permutation(len(found))[:most]]
        return [
            Moment(
                # Not a view: the video's other frames are not kept.
                motion.around("frames" if moving else "frame", video.frames, one.index).copy(),
                audio_second(video.audio, one.time).copy(),
                one.visible_classes,
                one.sounding_classes,
            )
            for one in chosen
        ]


def draw(
    videos: Sequence[LabelledVideo],
    *,
    size: int,
    most: int,
    moving: bool = False,
    seed: int,
    on_done: Callable[[int, int], None],
    on_skipped: Callable[[Skipped], None],
) -> Iterator[tuple[int, Moment]]:
    """Random moments of videos, in their order; the same seed draws the same ones, whatever else is skipped.

    Args:
        videos: whose.
        size: pixels a side of the frames.
        most: moments a video.
        moving: whether moments show the 25 frames of their second.
        seed: of the draw.
        on_done: called after each video with how many are done, of how many.
        on_skipped: called with each video that cannot be used.

    Yields:
        The video's index and a moment of it.
    """

    def load(index: int) -> list[Moment] | MediaError:
        try:
            return videos[index].moments(np.random.default_rng([seed, index]), size=size, most=most, moving=moving)
        except MediaError as error:
            return error

    with ThreadPoolExecutor(DECODERS) as pool:
        ahead: deque[Future[list[Moment] | MediaError]] = deque()
        for index in range(len(videos)):
            while len(ahead) <= 2 * DECODERS and index + len(ahead) < len(videos):
                ahead.append(pool.submit(load, index + len(ahead)))
            moments = ahead.popleft().result()
            if isinstance(moments, MediaError):
                on_skipped(Skipped(videos[index].name, str(moments)))
            else:
                for moment in moments:
                    yield index, moment
            on_done(index + 1, len(videos))
