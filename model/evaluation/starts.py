"""When the seconds of pairs begin, where that is to betray the mismatched ones as the naive sampler's do."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.clips import GRID
from model.samples import HALF, SLACK, Sample

REACH = 0.125  # s by which a second may be moved: three steps of the grid, and the same objects sound


class NaiveStarts:
    """Gives each sample a twin: the same frame and sound, but for when the second begins.

    The sample's own second is moved onto the grid that training takes those of matching pairs from; its twin's begins
    anywhere, as those of mismatched pairs do without the shortcut prevention (section 3.3). Neither leaves the samples'
    span, so that no end of the video moves it back.

    Args:
        seed: of the twins' seconds.
        whole: whether only samples at whole seconds are used, where others cost too much.
    """

    def __init__(self, seed: int, *, whole: bool) -> None:
        self._seed, self._whole = seed, whole

    def __call__(self, samples: list[Sample]) -> list[Sample]:
        """The samples of one video, then their twins in the same order; a `Choose` of `model.datasets`."""
        if self._whole:
            samples = [sample for sample in samples if sample.time.is_integer()]
        if not samples:
            return []
        rng = np.random.default_rng([self._seed, samples[0].video])
        middle = (samples[0].time + samples[-1].time) / 2
        shifts = rng.uniform(0, REACH, len(samples)) * [1 if one.time < middle else -1 for one in samples]
        matching = [replace(one, time=_on_grid(one.time)) for one in samples]
        return matching + [replace(one, time=one.time + shift) for one, shift in zip(samples, shifts, strict=True)]


def twins(samples: Sequence[Sample]) -> np.ndarray:
    """(n,) for each sample, where all were given twins, the index of its own; -1 where it is a twin itself."""
    videos = np.array([sample.video for sample in samples])
    found = np.full(len(samples), -1)
    for video in np.unique(videos):
        own, twin = np.split(np.flatnonzero(videos == video), 2)
        found[own] = twin
    return found


def _on_grid(time: float) -> float:
    """The middle of the last second before this one, or at it, that begins on the grid."""
    return math.floor((time - HALF + SLACK) / GRID) * GRID + HALF
