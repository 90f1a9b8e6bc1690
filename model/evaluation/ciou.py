"""cIoU and its AUC, by the protocol of VGG-SS (arXiv 2104.02691, whose published evaluation this follows).

A map is resized to 224 x 224, scaled to 0..1 and cut at its median, so that half of the picture is taken to sound. With
I the points taken and g the label, 0..1 at each point,

    IoU = sum(I g) / (sum(g) + sum(I [g = 0]))

cIoU is the share of samples with IoU >= .5. AUC is the area under that share as a function of the threshold, by
trapezoids over 0, .05 .. 1. Both are means over samples, so that each sample has a value of its own.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image
from scipy import integrate

from model.boxes import Box
from model.evaluation.pointing import Target

SIZE = 224  # pixels a side
THRESHOLDS = 0.05 * np.arange(21)


def label_map(boxes: Sequence[Box], votes: int = 1) -> np.ndarray:
    """(SIZE, SIZE) in 0..1: how many boxes lie over a point, over `votes`, at most 1.

    With one vote it is the union of the boxes; Flickr-SoundNet's consensus map has two. Corners are cut to whole
    pixels, as the published evaluation does.
    """
    total = np.zeros((SIZE, SIZE), np.float32)
    for x1, y1, x2, y2 in boxes:
        total[int(y1 * SIZE) : int(y2 * SIZE), int(x1 * SIZE) : int(x2 * SIZE)] += 1
    return np.minimum(total / votes, 1)


def upper_half(logits: np.ndarray) -> np.ndarray:
    """The points of a map (g, g) above its median: (SIZE, SIZE) bool. All of them where the map is flat.

    Scaling to 0..1 leaves which points those are, so it is not done; nor is the sigmoid of the logits taken, which
    moves the median only by what interpolation makes of it.
    """
    fine = np.asarray(Image.fromarray(np.float32(logits)).resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    if fine.max() - fine.min() < 1e-9:
        return np.ones(fine.shape, bool)
    middle = np.partition(fine, fine.size // 2, axis=None)[fine.size // 2]
    above = fine > middle
    # Where more than half of the map shares its highest value, the published code keeps those points.
    return above if above.any() else fine == middle


def overlap(taken: np.ndarray, label: np.ndarray) -> float:
    """IoU of points taken (SIZE, SIZE) bool and a label (SIZE, SIZE) in 0..1; 0 where there is neither."""
    shared, beside = float(label[taken].sum()), np.count_nonzero(taken & (label == 0))
    union = float(label.sum()) + beside
    return shared / union if union else 0.0


def best_overlap(label: np.ndarray) -> float:
    """The highest IoU that half of a picture's points can have with a label (SIZE, SIZE) in 0..1."""
    highest = np.partition(label, label.size // 2, axis=None)[label.size // 2 :]
    union = float(label.sum()) + np.count_nonzero(highest == 0)
    return float(highest.sum()) / union


def overlaps(
    targets: Sequence[Target],
    maps: Mapping[str, np.ndarray],
    on_done: Callable[[int, int], None] = lambda _done, _of: None,
) -> dict[str, np.ndarray]:
    """(n,) IoU for each named stack of maps (n, g, g) of logits, and for "centre", "uniform" and "ceiling".

    "centre" is a disc of half the picture's area in its middle: what any map that falls off from there gives.
    "uniform" is the whole picture: what a map without structure gives. "ceiling" is what the best map gets: half of
    a picture is always taken, so a small object's IoU is small.
    """
    found = {name: np.zeros(len(targets)) for name in (*maps, "centre", "uniform", "ceiling")}
    along = (np.arange(SIZE) + 0.5) / SIZE - 0.5
    disc, whole = along[:, None] ** 2 + along[None] ** 2 < 0.5 / np.pi, np.ones((SIZE, SIZE), bool)
    for index, target in enumerate(targets):
        label = label_map(target.boxes, target.votes)
        for name, grids in maps.items():
            found[name][index] = overlap(upper_half(grids[index]), label)
        found["centre"][index], found["uniform"][index] = overlap(disc, label), overlap(whole, label)
        found["ceiling"][index] = best_overlap(label)
        on_done(index + 1, len(targets))
    return found


def hit(ious: np.ndarray) -> np.ndarray:
    """Each sample's part in cIoU: whether its IoU reaches .5, for IoUs of any shape."""
    return np.asarray(ious) >= THRESHOLDS[10]


def area(ious: np.ndarray) -> np.ndarray:
    """Each sample's part in AUC: the trapezoids under whether its IoU reaches each threshold, for IoUs of any shape."""
    reached = np.asarray(ious)[..., None] >= THRESHOLDS  # (..., 21)
    return integrate.trapezoid(reached.astype(float), THRESHOLDS, axis=-1)
