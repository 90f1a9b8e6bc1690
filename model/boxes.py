"""Boxes in a frame: the plain tuple every part of the project passes around, and the few measures on it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

# x1, y1, x2, y2 as fractions of the frame's width and height, x1 < x2 and y1 < y2.
Box = tuple[float, float, float, float]


def area(box: Box) -> float:
    """Share of the frame a box covers, 0..1."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def iou(first: Box, second: Box) -> float:
    """Intersection over union of two boxes, 0..1; 0 where both are empty."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (area(first) + area(second) - shared)


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box, (x, y) in 0..1."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def contains(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point (x, y) lies inside a box, its edges included."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def as_box(corners: np.ndarray) -> Box:
    """The tuple of a (4,) array, cut to the frame."""
    x1, y1, x2, y2 = (float(value) for value in np.clip(corners, 0.0, 1.0))
    return x1, y1, x2, y2


def covered(boxes: Sequence[Box], point: tuple[float, float], *, times: int = 1) -> bool:
    """Whether a point (x, y) lies in at least so many of the boxes, edges included."""
    return sum(contains(box, point) for box in boxes) >= times


def union_area(boxes: Sequence[Box], *, times: int = 1) -> float:
    """Share of the frame that boxes cover together, 0..1; with `times`, that at least so many of them cover."""
    columns = sorted({x for box in boxes for x in (box[0], box[2])})
    rows = sorted({y for box in boxes for y in (box[1], box[3])})
    cells = ((x1, y1, x2, y2) for x1, x2 in pairwise(columns) for y1, y2 in pairwise(rows))
    return sum(area(cell) for cell in cells if covered(boxes, centre(cell), times=times))
