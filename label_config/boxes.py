"""Boxes: through the time of a video, and on a picture."""

from collections.abc import Iterable
from typing import Any, Protocol

from label_config.config import LabelConfig
from label_config.items import Item, region
from label_config.picture import Picture
from label_config.timeline import Timeline

MIN_SIDE = 0.5  # percent of the frame: a thinner box cannot be seen, nor grabbed by its handles
_DECIMALS = 3  # of a percent: a thousandth of a pixel in a picture 100 pixels wide

Box = tuple[float, float, float, float]


class BoxAtTime(Protocol):
    """A box at one moment; between such moments it moves linearly."""

    @property
    def time(self) -> float:
        """Seconds."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 as fractions of the frame."""

    @property
    def visible(self) -> bool:
        """False: gone from this time on, until the next visible moment."""


def box_item(
    config: LabelConfig,
    timeline: Timeline,
    keyframes: Iterable[BoxAtTime],
    *,
    score: float,
    reason: str,
    label: str | None = None,
) -> Item | None:
    """One object's box through a video; None if it is never visible, or the config draws none.

    label: the suggested one; where boxes cannot carry it they get BOX_LABEL, or none.

    Two moments on the same frame become one, the later. An end is a keyframe with `enabled` false on the last
    frame that still shows the box.
    """
    control = config.boxes
    sequence = _sequence(timeline, keyframes)
    if control is None or not sequence:
        return None
    written = config.box_label(label)
    value = {
        "framesCount": timeline.frames,
        "duration": round(timeline.duration, 6),
        "sequence": sequence,
        **({} if written is None else {"labels": [written]}),
    }
    return region(control.name, control.target, "videorectangle", value, score, reason)


def picture_box_items(
    config: LabelConfig, picture: Picture, box: Box, *, score: float, reason: str, label: str | None = None
) -> list[Item]:
    """A box on a picture: one item, or two of one region where Labels beside a Rectangle hold the label.

    Empty if the config draws no boxes. box: x1, y1, x2, y2 as fractions of the picture. label: the suggested one;
    where boxes cannot carry it they get BOX_LABEL, or none.
    """
    found = config.shape(label)
    if found is None:
        return []
    control, written = found
    place = {**percent(box), "rotation": 0}
    labels = [] if written is None else [written]
    value = {**place, "rectanglelabels": labels} if control.tag == "rectanglelabels" else place
    items = [region(control.name, control.target, control.tag, value, score, reason)]
    if control.tag == "rectangle" and labels:
        owner = next(one for one in config.labels("labels") if one.find(labels[0]) is not None)
        items.append(region(owner.name, owner.target, "labels", {**place, "labels": labels}, score, reason))
    return [{**item, **picture.fields} for item in items]


def _sequence(timeline: Timeline, keyframes: Iterable[BoxAtTime]) -> list[dict[str, Any]]:
    by_frame: dict[int, dict[str, Any]] = {}
    for keyframe in sorted(keyframes, key=lambda keyframe: keyframe.time):
        if keyframe.visible:
            frame = timeline.frame(keyframe.time)
        elif by_frame and by_frame[max(by_frame)]["enabled"]:
            frame = max(timeline.last_frame_before(keyframe.time), max(by_frame))
        else:
            continue  # gone before it came, or gone already
        by_frame[frame] = {
            "frame": frame,
            "time": timeline.time(frame),
            "enabled": keyframe.visible,
            "rotation": 0,
            **percent(keyframe.box),
        }
    return [by_frame[frame] for frame in sorted(by_frame)]


def percent(box: Box) -> dict[str, float]:
    """A box's corner and size in percent of the frame, inside it and at least MIN_SIDE wide and high."""
    x, width = _side(box[0], box[2])
    y, height = _side(box[1], box[3])
    return {"x": x, "y": y, "width": width, "height": height}


def _side(low: float, high: float) -> tuple[float, float]:
    start, end = (min(max(edge * 100, 0.0), 100.0) for edge in (low, high))
    if end - start < MIN_SIDE:
        start = min(max((start + end - MIN_SIDE) / 2, 0.0), 100.0 - MIN_SIDE)
        end = start + MIN_SIDE
    start = round(start, _DECIMALS)
    return start, round(min(end - start, 100.0 - start), _DECIMALS)
