"""Regions read from result items: what a prediction or a person's annotation says is where, and when."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from label_config.config import Kind

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 as fractions of the frame


@dataclass(frozen=True)
class Moment:
    """One keyframe as Label Studio keeps it: a 1-based frame of its own counting, and the box on it."""

    frame: int
    enabled: bool
    box: Box


@dataclass(frozen=True)
class BoxRegion:
    """A box through time.

    Attributes:
        id: the region's id; one made from a prediction keeps the prediction's.
        labels: its labels; empty without one.
        moments: its keyframes by frame; a region without any is nowhere.
        frames: the video's length in Label Studio's frames, as the item states it.
    """

    kind: ClassVar[Kind] = "box"

    id: str
    labels: tuple[str, ...]
    moments: tuple[Moment, ...]
    frames: int

    def box_at(self, frame: int) -> Box | None:
        """The box Label Studio draws on a frame: linear between keyframes, gone after a disabled one."""
        place = bisect_right(self.moments, frame, key=lambda moment: moment.frame)
        if place == 0:
            return None
        before = self.moments[place - 1]
        if before.frame == frame:
            return before.box
        if not before.enabled:
            return None
        if place == len(self.moments):
            return before.box
        after = self.moments[place]
        share = (frame - before.frame) / (after.frame - before.frame)
        x1, y1, x2, y2 = (one + share * (two - one) for one, two in zip(before.box, after.box, strict=True))
        return x1, y1, x2, y2

    def spans(self, frames: int) -> list[tuple[int, int]]:
        """The frames, first and last included, in which it is drawn in a video of so many frames."""
        found: list[tuple[int, int]] = []
        start: int | None = None
        for moment in self.moments:
            start = moment.frame if start is None else start
            if not moment.enabled:
                found.append((start, moment.frame))
                start = None
        if start is not None:
            found.append((start, frames))
        return [(max(1, first), min(last, frames)) for first, last in found if first <= frames]


@dataclass(frozen=True)
class Span:
    """Half-open seconds in which something sounds: from TimelineLabels, a "segment", from Labels on an Audio, a
    "stretch".
    """

    kind: Kind
    id: str
    labels: tuple[str, ...]
    start: float
    end: float


@dataclass(frozen=True)
class StillBox:
    """A rectangle on an image."""

    kind: ClassVar[Kind] = "box"

    id: str
    labels: tuple[str, ...]
    box: Box


@dataclass(frozen=True)
class Mask:
    """A brush's mask on an image; what it covers is not read, for the page encodes it anew."""

    kind: ClassVar[Kind] = "mask"

    id: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Regions:
    """What one result says.

    Attributes:
        boxes: boxes through time.
        spans: time segments.
        stills: rectangles on an image.
        masks: masks on an image.
        choices: values chosen for the whole task, by the control's name.
        others: how many items of other types there are, by type.
    """

    boxes: tuple[BoxRegion, ...] = ()
    spans: tuple[Span, ...] = ()
    stills: tuple[StillBox, ...] = ()
    masks: tuple[Mask, ...] = ()
    choices: Mapping[str, tuple[str, ...]] | None = None
    others: Mapping[str, int] | None = None

    @property
    def choice(self) -> str | None:
        """The first value of the first control that has one; None where nothing is chosen."""
        return next((values[0] for values in (self.choices or {}).values() if values), None)


def read_regions(result: Iterable[Mapping[str, Any]], frame_rate: float, aspect: float | None = None) -> Regions:
    """What a result says, whoever wrote it; an item without a usable value says nothing.

    Labels beside a Rectangle or VideoRectangle may be an item of their own, of the same id. A box that somebody turned
    is the upright one around it.

    Args:
        result: items of a prediction or an annotation.
        frame_rate: Label Studio's frames a second in this task, which time segments are counted in.
        aspect: width over height of the picture as it is shown, which tells where a turned box ends; by default what
            an item says itself, and 1 where it says nothing.
    """
    boxes: list[BoxRegion] = []
    spans: list[Span] = []
    stills: list[StillBox] = []
    masks: list[Mask] = []
    beside: dict[str, tuple[str, ...]] = {}
    choices: dict[str, tuple[str, ...]] = {}
    others: dict[str, int] = {}
    for item in result:
        if not isinstance(item, Mapping):
            continue
        kind, value = str(item.get("type", "")), item.get("value")
        value = value if isinstance(value, Mapping) else {}
        name, sides = str(item.get("id") or ""), aspect or _aspect(item)
        if kind == "videorectangle":
            boxes.append(_box_region(name, value, sides))
        elif kind in ("labels", "timelinelabels") and _is_beside(value, kind, sides):
            beside[name] = _texts(value.get(kind))
        elif kind == "timelinelabels":
            spans += [
                Span("segment", name, _texts(value.get(kind)), (first - 1) / frame_rate, last / frame_rate)
                for first, last in _ranges(value)
            ]
        elif kind == "labels" and (ends := _numbers(value.get("start"), value.get("end"))) is not None:
            spans.append(Span("stretch", name, _texts(value.get(kind)), *ends))
        elif kind == "brushlabels":
            masks.append(Mask(name, _texts(value.get(kind))))
        elif kind in ("rectanglelabels", "rectangle") and (box := _percent_box(value, sides)) is not None:
            stills.append(StillBox(name, _texts(value.get("rectanglelabels")), box))
        elif kind == "choices" and _texts(value.get(kind)):
            choices[str(item.get("from_name", ""))] = _texts(value.get(kind))
        elif kind:
            others[kind] = others.get(kind, 0) + 1
    return Regions(
        boxes=tuple(replace(box, labels=box.labels or beside.get(box.id, ())) for box in boxes),
        spans=tuple(spans),
        stills=tuple(replace(still, labels=still.labels or beside.get(still.id, ())) for still in stills),
        masks=tuple(masks),
        choices=choices,
        others=others,
    )


def _is_beside(value: Mapping[str, Any], kind: str, aspect: float) -> bool:
    """Whether an item of labels belongs to a box of the same id: it repeats the box's place, or has none at all."""
    return "sequence" in value or set(value) == {kind} or _percent_box(value, aspect) is not None


def _box_region(name: str, value: Mapping[str, Any], aspect: float) -> BoxRegion:
    sequence = value.get("sequence")
    by_frame: dict[int, Moment] = {}
    for keyframe in sequence if isinstance(sequence, list) else []:
        box = _percent_box(keyframe, aspect) if isinstance(keyframe, Mapping) else None
        numbers = None if box is None else _numbers(keyframe.get("frame"))
        if box is not None and numbers is not None:
            by_frame[int(numbers[0])] = Moment(int(numbers[0]), bool(keyframe.get("enabled")), box)
    frames = _numbers(value.get("framesCount"))
    return BoxRegion(
        id=name,
        labels=_texts(value.get("labels")),
        moments=tuple(by_frame[frame] for frame in sorted(by_frame)),
        frames=int(frames[0]) if frames else 1,
    )


def _aspect(item: Mapping[str, Any]) -> float:
    """Width over height of the picture an item was drawn on; 1 where it does not say."""
    sides = _numbers(item.get("original_width"), item.get("original_height"))
    return sides[0] / sides[1] if sides and min(sides) > 0 else 1.0


def _percent_box(value: Mapping[str, Any], aspect: float) -> Box | None:
    """The upright box around x, y, width and height in percent, turned by `rotation`, cut to the frame.

    Label Studio turns a box clockwise about its corner x, y, by degrees on the screen.
    """
    sides = _numbers(*(value.get(side) for side in ("x", "y", "width", "height")))
    if sides is None:
        return None
    x, y, width, height = (side / 100 for side in sides)
    degrees = _numbers(value.get("rotation"))
    turn = math.radians(degrees[0]) if degrees else 0.0
    along = width * math.cos(turn), width * aspect * math.sin(turn)
    down = -height / aspect * math.sin(turn), height * math.cos(turn)
    (x1, x2), (y1, y2) = (
        (corner + min(0.0, one) + min(0.0, two), corner + max(0.0, one) + max(0.0, two))
        for corner, one, two in zip((x, y), along, down, strict=True)
    )
    x1, y1, x2, y2 = (min(max(edge, 0.0), 1.0) for edge in (x1, y1, x2, y2))
    return x1, y1, x2, y2


def _ranges(value: Mapping[str, Any]) -> list[tuple[int, int]]:
    ranges = value.get("ranges")
    rows = [one for one in ranges if isinstance(one, Mapping)] if isinstance(ranges, list) else []
    pairs = [_numbers(row.get("start"), row.get("end")) for row in rows]
    return [(int(pair[0]), int(pair[1])) for pair in pairs if pair is not None and pair[0] <= pair[1]]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _numbers(*values: Any) -> list[float] | None:
    """The values where all of them are finite numbers."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) for value in values):
        return [float(value) for value in values]
    return None
