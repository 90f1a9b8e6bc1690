"""Comparison: what a person made of a prediction, region by region and frame by frame."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np

from label_config.regions import BoxRegion, Mask, Regions, Span, StillBox

SAME = 1e-4  # of the frame: coordinates are written with three decimals of a percent
Z = 1.96  # standard deviations on either side: 95 %

Region = BoxRegion | Span | StillBox | Mask


@dataclass(frozen=True)
class Comparison:
    """How an annotation differs from the prediction it was made from.

    Regions are boxes, time segments and masks; one that a person made from a predicted one keeps its id.

    Attributes:
        unchanged: everything predicted is there as it was predicted, and no region was added. Choosing where nothing
            was suggested changes nothing that was predicted, nor does painting on a mask, which is not compared.
        predicted: number of regions predicted.
        added: regions of the annotation that were not predicted.
        removed: predicted regions that it lacks.
        moved: regions in both whose box, keyframes or times differ.
        relabelled: regions in both whose labels differ.
        choices_changed: suggested choices that were taken back or exchanged.
        iou: mean overlap of the boxes over the frames in which either side has them, 0..1; a box that only one side
            has counts 0 there. None where neither has a box.
        sounding: overlap in time of the segments of both, intersection over union, 0..1; None where neither has one.
    """

    unchanged: bool
    predicted: int
    added: int
    removed: int
    moved: int
    relabelled: int
    choices_changed: int
    iou: float | None
    sounding: float | None


def compare(predicted: Regions, annotated: Regions) -> Comparison:
    """Compare what was predicted with what a person submitted of it."""
    before, after = _by_id(predicted), _by_id(annotated)
    both = [(before[name], after[name]) for name in before.keys() & after.keys()]
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    moved = sum(not _same_place(one, two) for one, two in both)
    relabelled = sum(sorted(one.labels) != sorted(two.labels) for one, two in both)
    chosen = annotated.choices or {}
    suggested = predicted.choices or {}
    choices_changed = sum(sorted(chosen.get(name, ())) != sorted(values) for name, values in suggested.items())
    return Comparison(
        unchanged=not (added or removed or moved or relabelled or choices_changed),
        predicted=len(before),
        added=added,
        removed=removed,
        moved=moved,
        relabelled=relabelled,
        choices_changed=choices_changed,
        iou=_overlap_of_boxes(predicted, annotated),
        sounding=_overlap_of_times(predicted.spans, annotated.spans),
    )


@dataclass(frozen=True)
class VersionReport:
    """What people made of one model version's predictions; the means are over annotations.

    Attributes:
        version: its name.
        annotations: submitted annotations made from its predictions.
        unchanged: how many of them left the prediction as it was.
        acceptance: their share, 0..1.
        interval: its 95 % interval, by Wilson's score.
        iou: mean of `Comparison.iou` where there is one.
        sounding: mean of `Comparison.sounding` where there is one.
        predicted: regions predicted in all; likewise added, removed, moved and relabelled.
        choices_changed: suggested choices that were not kept.
    """

    version: str
    annotations: int
    unchanged: int
    acceptance: float
    interval: tuple[float, float]
    iou: float | None
    sounding: float | None
    predicted: int
    added: int
    removed: int
    moved: int
    relabelled: int
    choices_changed: int


def summarise(comparisons: Mapping[str, Sequence[Comparison]]) -> list[VersionReport]:
    """A report for each version, by its name, in the order given; versions without comparisons are left out."""
    return [_report(version, found) for version, found in comparisons.items() if found]


def _report(version: str, found: Sequence[Comparison]) -> VersionReport:
    unchanged = sum(one.unchanged for one in found)
    counted = ("predicted", "added", "removed", "moved", "relabelled", "choices_changed")
    totals: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in counted}
    return VersionReport(
        version=version,
        annotations=len(found),
        unchanged=unchanged,
        acceptance=unchanged / len(found),
        interval=wilson(unchanged, len(found)),
        iou=_mean(one.iou for one in found),
        sounding=_mean(one.sounding for one in found),
        **totals,
    )


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, JASA 1927): inside 0..1 and honest for few trials, of which there is one.

    A bootstrap would call two of two certain.
    """
    share = hits / trials
    middle = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z / (1 + Z**2 / trials) * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _by_id(regions: Regions) -> dict[str, Region]:
    # A region with several time ranges is several spans of one id.
    every: list[Region] = [*regions.boxes, *regions.spans, *regions.stills, *regions.masks]
    found: dict[str, Region] = {}
    for region in every:
        name, number = region.id, 1
        while name in found:
            number += 1
            name = f"{region.id} {number}"
        found[name] = region
    return found


def _same_place(one: Region, two: Region) -> bool:
    if isinstance(one, BoxRegion) and isinstance(two, BoxRegion):
        return len(one.moments) == len(two.moments) and all(
            (a.frame, a.enabled) == (b.frame, b.enabled) and _near(a.box, b.box)
            for a, b in zip(one.moments, two.moments, strict=True)
        )
    if isinstance(one, Span) and isinstance(two, Span):
        return _near((one.start, one.end), (two.start, two.end))
    if isinstance(one, Mask):
        return isinstance(two, Mask)
    return isinstance(one, StillBox) and isinstance(two, StillBox) and _near(one.box, two.box)


def _near(one: Sequence[float], two: Sequence[float]) -> bool:
    return all(abs(a - b) <= SAME for a, b in zip(one, two, strict=True))


def _overlap_of_boxes(predicted: Regions, annotated: Regions) -> float | None:
    """Mean IoU over all frames and boxes; regions of one id are compared, and of what is left the nearest.

    A box that was drawn anew rather than mended thus counts as far as it overlaps.
    """
    tracks = (*predicted.boxes, *annotated.boxes)
    frames = max((max(box.frames, *(moment.frame for moment in box.moments), 1) for box in tracks), default=1)
    before, after = _drawn(predicted, frames), _drawn(annotated, frames)
    total, shown = 0.0, 0

    def pair(condition: Callable[[str, str], bool]) -> None:
        """Compare pairs, those that overlap most first, each box once."""
        nonlocal total, shown
        pairs = [(one, two) for one, two in product(before, after) if condition(one[0], two[0])]
        scored = [(one, two, one[1].overlaps(two[1])) for one, two in pairs]
        for one, two, overlaps in sorted(scored, key=lambda entry: -float(entry[2].sum())):
            if one in before and two in after and (one[0] == two[0] or overlaps.any()):
                before.remove(one)
                after.remove(two)
                total += float(overlaps.sum())
                shown += int((one[1].on | two[1].on).sum())

    pair(lambda one, two: one == two)
    pair(lambda _one, _two: True)
    shown += sum(int(drawn.on.sum()) for _, drawn in (*before, *after))
    return total / shown if shown else None


def _drawn(regions: Regions, frames: int) -> list[tuple[str, "_Drawn"]]:
    every: list[BoxRegion | StillBox] = [*regions.boxes, *regions.stills]
    return [(box.id, _Drawn.of(box, frames)) for box in every]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A box on every frame: `boxes` (frames, 4), `on` (frames,) bool."""

    boxes: np.ndarray
    on: np.ndarray

    @classmethod
    def of(cls, region: BoxRegion | StillBox, frames: int) -> "_Drawn":
        if isinstance(region, StillBox):
            return cls(np.tile(region.box, (frames, 1)), np.ones(frames, bool))
        on = np.zeros(frames, bool)
        for first, last in region.spans(frames):
            on[first - 1 : last] = True
        if not region.moments:
            return cls(np.zeros((frames, 4)), on)
        keys = [moment.frame for moment in region.moments]
        corners = np.array([moment.box for moment in region.moments])  # (keyframes, 4)
        at = np.arange(1, frames + 1)
        return cls(np.stack([np.interp(at, keys, column) for column in corners.T], axis=1), on)

    def overlaps(self, other: "_Drawn") -> np.ndarray:
        """(frames,) IoU where both are on, 0 elsewhere."""
        low = np.maximum(self.boxes[:, :2], other.boxes[:, :2])
        high = np.minimum(self.boxes[:, 2:], other.boxes[:, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        areas = [np.prod(one.boxes[:, 2:] - one.boxes[:, :2], axis=1) for one in (self, other)]
        union = areas[0] + areas[1] - shared
        return np.where(self.on & other.on & (union > 0), shared / np.where(union > 0, union, 1), 0.0)


def _overlap_of_times(one: Sequence[Span], two: Sequence[Span]) -> float | None:
    edges = sorted({edge for span in (*one, *two) for edge in (span.start, span.end)})
    shared = together = 0.0
    for start, end in pairwise(edges):
        inside = [any(span.start <= start and end <= span.end for span in spans) for spans in (one, two)]
        shared += (end - start) * all(inside)
        together += (end - start) * any(inside)
    return shared / together if together else None
