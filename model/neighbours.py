"""Neighbours: which clips of a project look and sound most like which."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

BLOCK = 256  # clips compared with all others at once: with 10,000 of them 10 MB
# A similarity is the same whatever clips it is worked out beside only but for the last digits, and nobody is to be
# shown another order, or another prediction, for those.
DIGITS = 6


class Neighbour(NamedTuple):
    """A clip near the one asked about.

    Attributes:
        task: the Label Studio task the clip belongs to.
        similarity: as `similarities` has it, -1..1.
    """

    task: int
    similarity: float


def similarities(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How alike clips look and sound, -1..1: (m, 256) and (n, 256), picture and sound each of length 1 or 0, -> (m, n).

    The mean of the cosine of the pictures and that of the sounds. Where neither clip has the one, the other alone
    counts; where only one of them has it, they differ in it and its cosine is 0.
    """
    parts = 2 - _lacking(some) @ _lacking(others).T  # (m, n), which either has
    return some @ others.T / np.maximum(parts, 1)


def nearest(
    asked: Sequence[int],
    tasks: Sequence[int],
    clips: np.ndarray,
    *,
    most: int,
    floor: float,
    among: Collection[int] = (),
) -> Iterator[list[Neighbour]]:
    """The clips most like each that is asked about, best first; of equally like ones the lowest tasks.

    Args:
        asked: tasks of the clips asked about, each of them in `tasks`.
        tasks: n, in rising order.
        clips: (n, 256), picture and sound end to end, each of length 1 or 0.
        most: so many neighbours a clip,
        floor: none of them less similar than this,
        among: and the nearest of these tasks, where it is not one of them.
    """
    rows = {task: row for row, task in enumerate(tasks)}
    chosen = np.array([row for row, task in enumerate(tasks) if task in among], int)
    for start in range(0, len(asked), BLOCK):
        own = [rows[task] for task in asked[start : start + BLOCK]]
        compared = np.round(similarities(clips[own], clips), DIGITS)  # (block, n)
        compared[np.arange(len(own)), own] = -1.0
        for line in compared:
            near = {*_best(line, most).tolist(), *chosen[_best(line[chosen], 1)].tolist()}
            best = sorted((row for row in near if line[row] >= floor), key=lambda row: (-line[row], row))
            yield [Neighbour(tasks[row], min(float(line[row]), 1.0)) for row in best]


def _best(line: np.ndarray, most: int) -> np.ndarray:
    """Columns of the greatest of a line's (n,) similarities, at most so many; of equal ones the first."""
    near: np.ndarray = np.arange(len(line))
    if len(near) > most:
        near = np.flatnonzero(line >= np.partition(line, -most)[-most])
    return near[np.argsort(-line[near], kind="stable")][:most]


def _lacking(clips: np.ndarray) -> np.ndarray:
    """(n, 256) -> (n, 2), 1 where a clip has no picture, and where it has no sound, else 0."""
    return np.where(clips.reshape(len(clips), 2, -1).any(2), 0, 1).astype(np.float32)
