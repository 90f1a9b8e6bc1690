"""Moments: frames of labelled videos with their seconds of sound, drawn at random, as retrieval is measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from model.datasets import Dataset, Skipped, excerpts
from model.datasets.dataset import Choose
from model.evaluation.retrieval.relevance import Labels
from model.motion import Takes
from model.samples import Sample
from model.video import MediaError


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


def draw(
    dataset: Dataset,
    *,
    size: int,
    most: int,
    moving: bool = False,
    seed: int,
    on_done: Callable[[int, int], None],
    on_skipped: Callable[[Skipped], None],
) -> Iterator[tuple[int, Moment]]:
    """Random moments at which something is visible in the frame and something sounds through the second.

    The same seed draws the same ones, whatever else is skipped.

    Args:
        dataset: whose; they come in the order of its entries.
        size: pixels a side of the frames.
        most: moments an entry.
        moving: whether moments show the 25 frames of their second.
        seed: of the draw.
        on_done: called after each entry with how many are done, of how many.
        on_skipped: called with each entry that cannot be used.

    Yields:
        The video a moment is from, see `Sample.video`, and the moment.
    """

    def choose(number: int) -> Choose:
        rng = np.random.default_rng([seed, number])

        def chosen(samples: list[Sample]) -> list[Sample]:
            found = [sample for sample in samples if sample.visible_classes]
            if not found:
                raise MediaError(
                    f"{dataset.name(number)}: never is something visible while something sounds through a whole second."
                )
            return [found[index] for index in rng.permutation(len(found))[:most]]

        return chosen

    takes: Takes = "frames" if moving else "frame"
    for number, excerpt in enumerate(excerpts(dataset, size, takes, choose)):
        if isinstance(excerpt, MediaError):
            on_skipped(Skipped(dataset.name(number), str(excerpt)))
        else:
            for sample, frame, second in zip(excerpt.samples, excerpt.frames, excerpt.seconds, strict=True):
                yield sample.video, Moment(frame, second, sample.visible_classes, sample.sounding_classes)
        on_done(number + 1, len(dataset))
