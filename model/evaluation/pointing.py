"""Pointing and boxes: whether a map's peak, and the box made of it, lie on what sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.boxes import Box, covered, iou, union_area
from model.localization import peak, regions


@dataclass(frozen=True)
class Target:
    """Where in a frame the sound comes from.

    Attributes:
        boxes: of what sounds, at least one.
        votes: how many of them must hold a point to be hit, see `model.samples.Sample`.
    """

    boxes: list[Box]
    votes: int = 1


def hits(targets: Sequence[Target], maps: np.ndarray) -> np.ndarray:
    """(n,) bool: whether the peak of each map (n, g, g) lies on its target."""
    return np.array([_hit(target, peak(one)) for target, one in zip(targets, maps, strict=True)], dtype=bool)


def centre_hits(targets: Sequence[Target]) -> np.ndarray:
    """(n,) bool: whether the middle of the frame lies on the target."""
    return np.array([_hit(target, (0.5, 0.5)) for target in targets], dtype=bool)


def shares(targets: Sequence[Target]) -> np.ndarray:
    """(n,) share of the frame that hits the target: what a point anywhere gets."""
    return np.array([union_area(target.boxes, times=target.votes) for target in targets])


def preferences(ones: Sequence[list[Box]], others: Sequence[list[Box]], maps: np.ndarray) -> np.ndarray:
    """(n,) 1 where a map (g, g) is higher somewhere in its first boxes than anywhere in the others, .5 where equal."""
    higher = [_highest(one, boxes) - _highest(one, rest) for one, boxes, rest in zip(maps, ones, others, strict=True)]
    return (np.sign(np.array(higher)) + 1) / 2


def box_overlaps(targets: Sequence[Target], maps: np.ndarray, frames: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) IoU of the highest-scored box of each map with the best of its target's boxes; 0 without a box.

    Args:
        targets: n of them.
        maps: (n, g, g) logits.
        frames: n frames (S, S, 3) uint8, whose colours end the boxes.
    """
    boxes = [_best_box(one, frame) for one, frame in zip(maps, frames, strict=True)]
    return np.array([_overlap(target, box) for target, box in zip(targets, boxes, strict=True)])


def centre_overlaps(targets: Sequence[Target]) -> np.ndarray:
    """(n,) IoU of a box in the middle of the frame, of the mean size of the targets' boxes."""
    half = np.array([(x2 - x1, y2 - y1) for target in targets for x1, y1, x2, y2 in target.boxes]).mean(0) / 2
    middle = (0.5 - half[0], 0.5 - half[1], 0.5 + half[0], 0.5 + half[1])
    return np.array([_overlap(target, middle) for target in targets])


def _hit(target: Target, point: tuple[float, float]) -> bool:
    return covered(target.boxes, point, times=target.votes)


def _highest(grid: np.ndarray, boxes: list[Box]) -> float:
    """The highest cell (g, g) that one of the boxes touches."""
    g = len(grid)
    parts = [grid[int(y1 * g) : int(np.ceil(y2 * g)), int(x1 * g) : int(np.ceil(x2 * g))] for x1, y1, x2, y2 in boxes]
    return max((float(part.max()) for part in parts if part.size), default=-np.inf)


def _overlap(target: Target, box: Box | None) -> float:
    return 0.0 if box is None else max(iou(box, one) for one in target.boxes)


def _best_box(grid: np.ndarray, frame: np.ndarray) -> Box | None:
    found = regions(grid, frame)
    return max(found, key=lambda region: region.score).box if found else None
