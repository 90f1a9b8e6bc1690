"""Our own check of a result before it leaves: Label Studio stores anything, and shows only some of it.

Each rule is a shape that was seen to break the labelling screen, to stay invisible or to lose its label.
"""

import math
from collections.abc import Iterator
from typing import Any, TypeGuard

from label_config.config import LabelConfig
from label_config.control import Control
from label_config.masks import pixels
from label_config.picture import Picture
from label_config.timeline import Timeline

_EDGE = 0.01  # percent a box may stick out of the frame, or seconds a stretch out of the sound, by rounding


class InvalidResultError(ValueError):
    """A result that Label Studio would not show as meant, in one sentence that names the item."""


def check(result: Any, config: LabelConfig, shown: Timeline | Picture) -> None:
    """Refuse a result that would not be shown as meant.

    Raises:
        InvalidResultError: naming the first problem and how many more there are.
    """
    found = problems(result, config, shown)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise InvalidResultError(f"{found[0]}{more}.")


def problems(result: Any, config: LabelConfig, shown: Timeline | Picture) -> list[str]:
    """What is wrong with a result, one phrase each; empty if Label Studio shows all of it.

    result: the `result` of a prediction, any JSON value; config: as its task sees it; shown: the video or sound, or
    the picture, that its regions are on.
    """
    if not isinstance(result, list):
        return [f"a result must be a list, not {type(result).__name__}"]
    found: list[str] = []
    seen: dict[str, dict[str, Any]] = {}
    for index, item in enumerate(result):
        if not isinstance(item, dict) or not isinstance(item.get("value"), dict):
            found.append(f"item {index} must be an object with a value")
            continue
        name = item.get("id")
        if not isinstance(name, str) or not name:
            found.append(f"item {index} has no id")
        elif name in seen and not _is_label_of(item, seen[name]):
            found.append(f'item {index} shares the id "{name}", so both would merge into one region')
        else:
            seen[name] = item
        where = f"item {index} ({item.get('type')})"
        found += [f"{where}: {problem}" for problem in _item(item, config, shown)]
    return found


def _is_label_of(item: dict[str, Any], shape: dict[str, Any]) -> bool:
    """Whether an item is the label of the Rectangle before it: these two are one region."""
    place = {name: value for name, value in item["value"].items() if name != "labels"}
    return (shape.get("type"), item.get("type")) == ("rectangle", "labels") and place == shape["value"]


def _item(item: dict[str, Any], config: LabelConfig, shown: Timeline | Picture) -> Iterator[str]:
    score = item.get("score")
    if score is not None and not (_is_number(score) and 0 <= score <= 1):
        yield f"the score must be a number from 0 to 1, not {score!r}"
    text = item.get("meta", {}).get("text", []) if isinstance(item.get("meta", {}), dict) else None
    if not isinstance(text, list) or not all(isinstance(line, str) for line in text):
        yield "meta.text must be a list of lines"
    wanted = (item.get("from_name"), item.get("to_name"), item.get("type"))
    control = next((one for one in config.controls if (one.name, one.target, one.tag) == wanted), None)
    value = item["value"]
    if control is None:
        yield f'the config has no such control as "{item.get("from_name")}" on "{item.get("to_name")}"'
    elif control.tag == "choices":
        yield from _choice(value, control)
    elif control.tag == "textarea":
        yield from _lines(value)
    elif control.tag == "ranker":
        yield from _ranking(value, control)
    elif isinstance(shown, Picture):
        yield from _on_picture(item, control, shown)
    elif control.tag == "videorectangle":
        yield from _box(value, config, shown)
    elif control.tag == "timelinelabels":
        yield from _segment(value, control, shown)
    elif config.soundtrack is not None and control.target == config.soundtrack.name:
        yield from _stretch(value, control, shown)
    else:
        yield "boxes carry their labels themselves, or they are lost when the annotation is submitted"


def _box(value: dict[str, Any], config: LabelConfig, timeline: Timeline) -> Iterator[str]:
    if value.get("framesCount") != timeline.frames:
        yield f"framesCount must be {timeline.frames}, not {value.get('framesCount')!r}"
    if not _is_number(value.get("duration")) or value["duration"] < 0:
        yield "it has no duration"
    labels = value.get("labels", [])
    if not isinstance(labels, list) or any(
        not isinstance(label, str) or config.box_label(label) != label for label in labels
    ):
        yield f"the config's boxes cannot carry the labels {labels!r}"
    sequence = value.get("sequence")
    if not isinstance(sequence, list) or not sequence:
        yield "it has no keyframes"
        return
    previous = 0
    for keyframe in sequence:
        if not isinstance(keyframe, dict) or not _is_frame(keyframe.get("frame"), timeline):
            yield f"a keyframe needs a whole frame number from 1 to {timeline.frames}"
            return
        frame = keyframe["frame"]
        if frame <= previous:
            yield f"keyframe {frame} comes after keyframe {previous}: they must be sorted and each once"
        previous = frame
        yield from (f"keyframe {frame}: {problem}" for problem in _keyframe(keyframe))


def _keyframe(keyframe: dict[str, Any]) -> Iterator[str]:
    if not isinstance(keyframe.get("enabled"), bool):
        yield "enabled must be true or false, or it is never drawn"
    if not _is_number(keyframe.get("rotation")):
        yield "rotation must be a number, or the box is drawn on keyframes only"
    if not _is_number(keyframe.get("time")) or keyframe["time"] < 0:
        yield "time must be a number of seconds"
    yield from _place(keyframe)


def _place(place: dict[str, Any]) -> Iterator[str]:
    """A box's corner and size in percent of the frame or picture."""
    sides = [side for name in ("x", "y", "width", "height") if _is_number(side := place.get(name))]
    if len(sides) < 4:
        yield "x, y, width and height must be numbers"
        return
    x, y, width, height = sides
    if min(x, y) < 0 or max(x + width, y + height) > 100 + _EDGE:
        yield "the box sticks out of the frame"
    if width <= 0 or height <= 0:
        yield "the box has no size"


def _on_picture(item: dict[str, Any], control: Control, picture: Picture) -> Iterator[str]:
    for name, wanted in picture.fields.items():
        if item.get(name) != wanted:
            yield f"{name} must be {wanted}, not {item.get(name)!r}"
    value = item["value"]
    if control.tag == "brushlabels":
        yield from _mask(value, picture)
        yield from _known(value.get("brushlabels"), control)
        return
    if not _is_number(value.get("rotation")):
        yield "rotation must be a number"
    yield from _place(value)
    if control.tag == "labels":
        yield from _known(value.get("labels"), control)
    elif control.tag == "rectanglelabels" and value.get("rectanglelabels") != []:
        yield from _known(value.get("rectanglelabels"), control)


def _mask(value: dict[str, Any], picture: Picture) -> Iterator[str]:
    if value.get("format") != "rle":
        yield f'the format must be "rle", not {value.get("format")!r}'
    rle = value.get("rle")
    if not isinstance(rle, list) or not all(_is_whole(byte) and 0 <= byte <= 255 for byte in rle):
        yield "rle must be a list of bytes"
    elif (count := pixels(rle)) != picture.width * picture.height:
        has = "is no code of a mask" if count < 0 else f"covers {count:,} pixels"
        yield f"its rle {has}, and the picture has {picture.width * picture.height:,}"


def _segment(value: dict[str, Any], control: Control, timeline: Timeline) -> Iterator[str]:
    ranges = value.get("ranges")
    if not isinstance(ranges, list) or len(ranges) != 1 or not isinstance(ranges[0], dict):
        yield "it must have one range"
    else:
        start, end = ranges[0].get("start"), ranges[0].get("end")
        if not (_is_frame(start, timeline) and _is_frame(end, timeline) and start <= end):
            yield f"its range must be whole frames from 1 to {timeline.frames}, not {start!r} to {end!r}"
    yield from _known(value.get("timelinelabels"), control)


def _stretch(value: dict[str, Any], control: Control, timeline: Timeline) -> Iterator[str]:
    start, end = value.get("start"), value.get("end")
    if not (_is_number(start) and _is_number(end) and 0 <= start < end <= timeline.duration + _EDGE):
        yield f"start and end must be seconds from 0 to {timeline.duration:g}, not {start!r} to {end!r}"
    if value.get("channel") != 0:
        yield f"channel must be 0, not {value.get('channel')!r}"
    yield from _known(value.get("labels"), control)


def _choice(value: dict[str, Any], control: Control) -> Iterator[str]:
    choices = value.get("choices")
    yield from _known(choices, control)
    if isinstance(choices, list) and len(choices) > 1 and not control.multiple:
        yield f"{control.name} takes one choice, not {len(choices)}"


def _lines(value: dict[str, Any]) -> Iterator[str]:
    text = value.get("text")
    if not isinstance(text, list) or not text or not all(isinstance(line, str) and line.strip() for line in text):
        yield "text must be a list of lines that are not empty"


def _ranking(value: dict[str, Any], control: Control) -> Iterator[str]:
    ranker = value.get("ranker")
    # Label Studio files the order under the Ranker's own name, and shows no item under any other.
    rank = ranker.get(control.name) if isinstance(ranker, dict) else None
    yield from _known(rank, control)
    if isinstance(rank, list) and len(rank) > len({str(name) for name in rank}):
        yield "it ranks an item twice"


def _known(values: Any, control: Control) -> Iterator[str]:
    if not isinstance(values, list) or not values:
        yield f"it names no value of {control.name}"
        return
    for value in values:
        if not isinstance(value, str) or control.find(value) != value:
            yield f"{control.name} does not know {value!r}"


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_frame(value: Any, timeline: Timeline) -> TypeGuard[int]:
    """Whole and within the video: one fractional frame number takes the whole labelling screen down."""
    return _is_whole(value) and 1 <= value <= timeline.frames


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
