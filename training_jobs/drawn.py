"""What people drew and how they called it, and which of the predicted regions that was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from label_config import Kind, LabelConfig
from label_config.regions import BoxRegion, Mask, Span, StillBox, read_regions

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation

OVERLAP = 0.3  # of a drawn and a predicted region, from which they are the same
SAMPLES = 100  # moments at which two regions are compared

Item = Mapping[str, Any]
_Place = BoxRegion | StillBox | Span | Mask


@dataclass(frozen=True)
class Drawn:
    """A region with the label a person gave it.

    Attributes:
        label: as results carry it; never one that says only that something sounds, nor the only one of its kind.
        kind: what kind of region.
        frames: where it is: [seconds, x1, y1, x2, y2 (0..1), visible] at its keyframes, as tracks have them; of a
            picture one alone. Empty for a stretch of time, and for a mask, which is where the whole picture's is.
        span: half-open seconds it covers, of a stretch of time. Empty for a place.
    """

    label: str
    kind: Kind
    frames: list[list[float]]
    span: list[float]


def drawn(result: Iterable[Item], config: LabelConfig, predicted: Iterable[Item] = ()) -> list[Drawn]:
    """The labelled regions of an annotation, of the controls that predictions fill: others mark other things.

    A region that was predicted keeps its id when it is submitted: then its place is that of the prediction, however
    far it was moved since, for the prediction's embeddings are what its label says something of. What cannot be read
    says nothing: anybody may have imported it. What a mask covers is not read, so that one drawn by hand says something
    only where nothing else is marked.

    Args:
        result: the annotation's items.
        config: the project's labelling config as the task sees it.
        predicted: items of the task's predictions of ours, the newest last.
    """
    rate = config.frame_rate()
    places = {(region.kind, region.id): region for region in _placed(predicted, config) if region.id}
    found, marked = [], _placed(result, config)
    for region in marked:
        place = places.get((region.kind, region.id))
        if region.kind == "mask" and place is None and len(marked) > 1:
            continue
        silent = config.neutral(region.kind) | config.alone(region.kind)
        label = next((one for one in region.labels if one not in silent), None)
        if label is not None:
            found.append(Drawn(label, region.kind, *_seconds(place or region, rate)))
    return found


def matched(region: Drawn, annotation: "Annotation | ImageAnnotation") -> int | None:
    """Which of an annotation's tracks (of a picture: regions) a drawn one is; None where it is none of them."""
    from model.annotator import ImageAnnotation

    if region.kind == "mask":  # as it is predicted: for all that sounds in the picture, so only one region's label fits
        return 0 if isinstance(annotation, ImageAnnotation) and len(annotation.regions) == 1 else None
    if isinstance(annotation, ImageAnnotation):
        overlaps = [_iou(_box(region.frames[0]), one.box) if region.frames else 0.0 for one in annotation.regions]
    else:
        overlaps = [
            _shared(region.span, [[s.start, s.end] for s in annotation.segments if s.track == track])
            if region.span
            else _overlap(region, annotation, track)
            for track in range(len(annotation.tracks))
        ]
    best = max(range(len(overlaps)), key=lambda track: overlaps[track], default=None)
    return best if best is not None and overlaps[best] >= OVERLAP else None


def _placed(items: Iterable[Item], config: LabelConfig) -> list[_Place]:
    """The regions among the items that the config's controls hold; none that is nowhere."""
    controls = {(control.name, control.target) for control in config.controls}
    ours = [
        item
        for item in items
        if isinstance(item, Mapping) and (str(item.get("from_name")), str(item.get("to_name"))) in controls
    ]
    read = read_regions(ours, config.frame_rate())
    return [*(box for box in read.boxes if box.moments), *read.stills, *read.spans, *read.masks]


def _seconds(place: _Place, rate: float) -> tuple[list[list[float]], list[float]]:
    """Frames and span of a region."""
    if isinstance(place, Mask):
        return [], []
    if isinstance(place, Span):
        return [], [place.start, place.end]
    if isinstance(place, StillBox):
        return [[0.0, *place.box, 1.0]], []
    # A keyframe that is not enabled is itself still drawn: it is gone from the frame after.
    return [
        [(moment.frame - moment.enabled) / rate, *moment.box, float(moment.enabled)] for moment in place.moments
    ], []


def _box(frame: Sequence[float]) -> tuple[float, float, float, float]:
    return frame[1], frame[2], frame[3], frame[4]


def _overlap(region: Drawn, annotation: "Annotation", track: int) -> float:
    """Mean IoU of two boxes over the time in which either is there."""
    from model.tracks import Keyframe, Track, box_at

    own = annotation.tracks[track]
    other = Track(tuple(Keyframe(frame[0], _box(frame), bool(frame[5])) for frame in region.frames), 1.0, "")
    if not own.keyframes:
        return 0.0
    start = min(own.keyframes[0].time, other.keyframes[0].time)
    end = max(annotation.info.duration, own.keyframes[-1].time, other.keyframes[-1].time)
    shared = either = 0.0
    for time in np.linspace(start, end, SAMPLES, endpoint=False).tolist():
        one, two = box_at(own, time), box_at(other, time)
        either += one is not None or two is not None
        if one is not None and two is not None:
            shared += _iou(one, two)
    return shared / either if either else 0.0


def _iou(one: Sequence[float], two: Sequence[float]) -> float:
    from model.boxes import as_box, iou

    return iou(as_box(np.array(one)), as_box(np.array(two)))


def _shared(span: Sequence[float], segments: Sequence[Sequence[float]]) -> float:
    """How well a span is one of a track's segments, or all of them: people take them one by one, or draw one over all.

    Of the segment it fits best and of all together the larger share of the time covered by either that both cover.
    """
    both = [max(0.0, min(span[1], end) - max(span[0], start)) for start, end in segments]
    own, lengths = span[1] - span[0], [end - start for start, end in segments]
    pairs = [*zip(both, lengths, strict=True), (sum(both), sum(lengths))]
    return max(shared / (own + length - shared) if shared else 0.0 for shared, length in pairs)
