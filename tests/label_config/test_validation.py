import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from label_config import (
    InvalidResultError,
    Timeline,
    box_item,
    check,
    choice_item,
    problems,
    read_config,
    segment_item,
    template,
    with_ids,
)

CONFIG = read_config(template(["dog", "car"]))
TIMELINE = Timeline(25, 6.0)
BOX, SEGMENT, CHOICE = 0, 1, 2


@dataclass
class Moment:
    time: float
    box: tuple[float, float, float, float] = (0.1, 0.2, 0.3, 0.6)
    visible: bool = True


@pytest.fixture
def result() -> list[dict]:
    """What we write: a box with two keyframes, a segment, a choice."""
    moments = [Moment(0.0), Moment(1.0, visible=False)]
    items = [
        box_item(CONFIG, TIMELINE, moments, score=0.9, reason="it barks"),
        segment_item(CONFIG, TIMELINE, 0.0, 1.0, score=0.9, reason="it barks"),
        choice_item(CONFIG, "dog", 0.7),
    ]
    return with_ids(item for item in items if item)


def test_what_we_write_passes(result: list[dict]) -> None:
    assert problems(result, CONFIG, TIMELINE) == []
    assert problems([], CONFIG, TIMELINE) == []
    check(result, CONFIG, TIMELINE)


def keyframe(result: list[dict], number: int = 0) -> dict:
    return result[BOX]["value"]["sequence"][number]


def segment(result: list[dict]) -> dict:
    return result[SEGMENT]["value"]["ranges"][0]


# Each was seen in Label Studio: it breaks the screen, stays invisible, or loses its label.
BROKEN: dict[str, Callable[[list[dict]], object]] = {
    "shares the id": lambda r: r[1].update(id=r[0]["id"]),
    "has no id": lambda r: r[0].pop("id"),
    "must be an object with a value": lambda r: r.append(None),
    "score must be a number": lambda r: r[0].update(score="abc"),
    "from 0 to 1, not nan": lambda r: r[0].update(score=math.nan),
    "from 0 to 1, not 1.7": lambda r: r[0].update(score=1.7),
    "from 0 to 1, not True": lambda r: r[0].update(score=True),
    "meta.text": lambda r: r[0].update(meta={"text": "it barks"}),
    'no such control as "other"': lambda r: r[0].update(from_name="other"),
    'on "other"': lambda r: r[0].update(to_name="other"),
    "(rectangle): the config has no such": lambda r: r[0].update(type="rectangle"),
    "framesCount must be 150": lambda r: r[0]["value"].pop("framesCount"),
    "no duration": lambda r: r[0]["value"].pop("duration"),
    "cannot carry the labels ['dog']": lambda r: r[0]["value"].update(labels=["dog"]),
    "cannot carry the labels 'x'": lambda r: r[0]["value"].update(labels="x"),
    "no keyframes": lambda r: r[0]["value"].update(sequence=[]),
    "must be sorted": lambda r: r[0]["value"]["sequence"].reverse(),
    "keyframe 1 comes after keyframe 1": lambda r: keyframe(r, 1).update(frame=1),
    "a whole frame number": lambda r: keyframe(r).update(frame=1.0),
    "from 1 to 150": lambda r: keyframe(r, 1).update(frame=151),
    "frame number from 1": lambda r: keyframe(r).update(frame=0),
    "enabled must be": lambda r: keyframe(r).pop("enabled"),
    "rotation must be": lambda r: keyframe(r).pop("rotation"),
    "rotation must be a number": lambda r: keyframe(r).update(rotation=math.nan),
    "time must be": lambda r: keyframe(r).pop("time"),
    "must be numbers": lambda r: keyframe(r).update(x="10"),
    "sticks out": lambda r: keyframe(r).update(x=90.0),
    "out of the frame": lambda r: keyframe(r).update(y=-1),
    "no size": lambda r: keyframe(r).update(width=0),
    "whole frames from 1 to 150, not 1.0": lambda r: segment(r).update(start=1.0),
    "not 30 to 25": lambda r: segment(r).update(start=30),
    "not None to 25": lambda r: segment(r).pop("start"),
    "one range": lambda r: r[SEGMENT]["value"]["ranges"].append({"start": 1, "end": 2}),
    "segments does not know 'bark'": lambda r: r[SEGMENT]["value"].update(timelinelabels=["bark"]),
    "names no value of segments": lambda r: r[SEGMENT]["value"].pop("timelinelabels"),
    "clip_class does not know 'cat'": lambda r: r[CHOICE]["value"].update(choices=["cat"]),
    "takes one choice": lambda r: r[CHOICE]["value"].update(choices=["dog", "car"]),
    "names no value of clip_class": lambda r: r[CHOICE]["value"].update(choices="dog"),
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_label_studio_would_not_show_is_named(result: list[dict], words: str) -> None:
    broken = copy.deepcopy(result)
    BROKEN[words](broken)
    found = problems(broken, CONFIG, TIMELINE)
    assert any(words in problem for problem in found), found
    with pytest.raises(InvalidResultError) as refusal:
        check(broken, CONFIG, TIMELINE)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("value", [None, {}, "result", 3])
def test_a_result_must_be_a_list(value: object) -> None:
    assert "must be a list" in problems(value, CONFIG, TIMELINE)[0]


def test_several_problems_are_counted(result: list[dict]) -> None:
    keyframe(result).update(rotation=None, enabled=None)
    with pytest.raises(InvalidResultError, match="and 1 more"):
        check(result, CONFIG, TIMELINE)
