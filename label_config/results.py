"""Result items in the JSON that Label Studio can show: boxes through time, time segments, a clip's choice."""

import hashlib
import json
import math
from collections.abc import Iterable
from typing import Any, Protocol

from label_config.config import BOX_LABEL, SEGMENT_LABEL, LabelConfig
from label_config.timeline import Timeline

Item = dict[str, Any]

MIN_SIDE = 0.5  # percent of the frame: a thinner box cannot be seen, nor grabbed by its handles
_DECIMALS = 3  # of a percent: a thousandth of a pixel in a picture 100 pixels wide


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
    label: str = BOX_LABEL,
) -> Item | None:
    """One object's box through time; None if it is never visible.

    Two moments on the same frame become one, the later. An end is a keyframe with `enabled` false on the last
    frame that still shows the box. The label is left out where the config's boxes cannot carry it.
    """
    sequence = _sequence(timeline, keyframes)
    if not sequence:
        return None
    written = config.box_label(label)
    value = {
        "framesCount": timeline.frames,
        "duration": round(timeline.duration, 6),
        "sequence": sequence,
        **({} if written is None else {"labels": [written]}),
    }
    return _region(config.boxes.name, config.video, "videorectangle", value, score, reason)


def segment_item(
    config: LabelConfig,
    timeline: Timeline,
    start: float,
    end: float,
    *,
    score: float,
    reason: str,
    label: str = SEGMENT_LABEL,
) -> Item | None:
    """Half-open seconds [start, end) as a range of inclusive frames; None if the config shows no segments."""
    control = config.segments(label)
    if control is None:
        return None
    first = timeline.frame(start)
    value = {
        "ranges": [{"start": first, "end": max(first, timeline.last_frame_before(end))}],
        "timelinelabels": [control.find(label)],
    }
    return _region(control.name, config.video, "timelinelabels", value, score, reason)


def choice_item(config: LabelConfig, choice: str, similarity: float) -> Item | None:
    """The choice suggested for a clip, scored by its similarity; None if the config does not know it."""
    control = config.choices
    written = None if control is None else control.find(choice)
    if control is None or written is None:
        return None
    return {
        "from_name": control.name,
        "to_name": config.video,
        "type": "choices",
        "origin": "prediction",
        "score": _score(similarity),
        "value": {"choices": [written]},
    }


def with_ids(items: Iterable[Item]) -> list[Item]:
    """The items with region ids made from their content: unique among them, and the same for the same items.

    Label Studio merges items that share an id into one region without a label.
    """
    named, seen = [], set()
    for item in items:
        content = json.dumps(item, sort_keys=True, allow_nan=False)
        number = 0
        while (name := hashlib.sha256(f"{number} {content}".encode()).hexdigest()[:10]) in seen:
            number += 1
        seen.add(name)
        named.append({"id": name, **item})
    return named


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
            **_percent(keyframe.box),
        }
    return [by_frame[frame] for frame in sorted(by_frame)]


def _percent(box: tuple[float, float, float, float]) -> dict[str, float]:
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


def _region(name: str, target: str, kind: str, value: dict[str, Any], score: float, reason: str) -> Item:
    return {
        "from_name": name,
        "to_name": target,
        "type": kind,
        "origin": "prediction",
        "score": _score(score),
        "meta": {"text": [" ".join(reason.split())]},
        "value": value,
    }


def _score(score: float) -> float:
    if not math.isfinite(score):
        raise ValueError(f"a score must be a number, got {score = }")
    return round(min(max(float(score), 0.0), 1.0), 4)
