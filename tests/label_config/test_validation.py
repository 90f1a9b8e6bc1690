import copy
import math
from collections.abc import Callable

import pytest

from label_config import (
    InvalidResultError,
    Picture,
    Similar,
    Timeline,
    box_item,
    check,
    choice_item,
    mask_item,
    picture_box_items,
    problems,
    ranking_item,
    read_config,
    segment_item,
    similar_item,
    stretch_item,
    template,
    with_ids,
)
from label_config.masks import encode
from tests.label_config.configs import AUDIO, PICTURE, Moment

CONFIG = read_config(template(["dog", "car"]))
TIMELINE = Timeline(25, 6.0)
BOX, SEGMENT, CHOICE = 0, 1, 2


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


AUDIO_CONFIG = read_config(AUDIO).for_task({"alike": [{"id": "3"}, {"id": "7"}]})
STRETCH, LINES, RANKING = 0, 1, 2


@pytest.fixture
def heard() -> list[dict]:
    """What we write on a waveform, and about similar clips."""
    clips = [Similar(7, 0.9, False, "http://ls/tasks/7")]
    return with_ids(
        [
            stretch_item(AUDIO_CONFIG, TIMELINE, 1.0, 2.0, score=0.9, reason="it barks", label="dog"),
            similar_item(AUDIO_CONFIG, clips),
            ranking_item(AUDIO_CONFIG, clips),
        ]
    )


BROKEN_SOUND: dict[str, Callable[[list[dict]], object]] = {
    "seconds from 0 to 6, not 2.0 to 2.0": lambda r: r[STRETCH]["value"].update(start=2.0),
    "not 1.0 to 6.5": lambda r: r[STRETCH]["value"].update(end=6.5),
    "not nan to 2.0": lambda r: r[STRETCH]["value"].update(start=math.nan),
    "not -1 to 2.0": lambda r: r[STRETCH]["value"].update(start=-1),
    "channel must be 0, not None": lambda r: r[STRETCH]["value"].pop("channel"),
    "heard does not know 'dog'": lambda r: r[STRETCH]["value"].update(labels=["dog"]),
    "names no value of heard": lambda r: r[STRETCH]["value"].update(labels=[]),
    "boxes carry their labels themselves": lambda r: r[STRETCH].update(from_name="what", to_name="clip"),
    "lines that are not empty": lambda r: r[LINES]["value"].update(text=[""]),
    "text must be a list of lines": lambda r: r[LINES]["value"].update(text="one"),
    "order does not know '9'": lambda r: r[RANKING]["value"]["ranker"].update(rank=["9"]),
    "order does not know 7": lambda r: r[RANKING]["value"]["ranker"].update(rank=[7]),
    "ranks an item twice": lambda r: r[RANKING]["value"]["ranker"].update(rank=["7", "7"]),
    "names no value of order": lambda r: r[RANKING]["value"].update(ranker=["7"]),
}


@pytest.mark.parametrize("words", BROKEN_SOUND)
def test_what_is_wrong_on_a_waveform_or_about_similar_clips_is_named(heard: list[dict], words: str) -> None:
    assert problems(heard, AUDIO_CONFIG, TIMELINE) == []
    BROKEN_SOUND[words](heard)
    found = problems(heard, AUDIO_CONFIG, TIMELINE)
    assert any(words in problem for problem in found), found


PICTURE_CONFIG = read_config(PICTURE)
SHOWN = Picture(20, 10)
MASK = 1


@pytest.fixture
def pictured() -> list[dict]:
    """What we write on a picture: a box and a mask."""
    box = picture_box_items(PICTURE_CONFIG, SHOWN, (0.1, 0.2, 0.3, 0.6), score=0.9, reason="it barks", label="dog")
    mask = mask_item(PICTURE_CONFIG, SHOWN, [(False, 150), (True, 50)], score=0.9, reason="it barks")
    return with_ids([box, *([mask] if mask else [])])


BROKEN_PICTURE: dict[str, Callable[[list[dict]], object]] = {
    "original_width must be 20, not 21": lambda r: r[0].update(original_width=21),
    "original_height must be 10, not None": lambda r: r[MASK].pop("original_height"),
    "image_rotation must be 0": lambda r: r[0].update(image_rotation=90),
    "rotation must be a number": lambda r: r[0]["value"].pop("rotation"),
    "must be numbers": lambda r: r[0]["value"].pop("x"),
    "sticks out of the frame": lambda r: r[0]["value"].update(width=95),
    "box does not know 'pig'": lambda r: r[0]["value"].update(rectanglelabels=["pig"]),
    "names no value of box": lambda r: r[0]["value"].pop("rectanglelabels"),
    'format must be "rle", not None': lambda r: r[MASK]["value"].pop("format"),
    "a list of bytes": lambda r: r[MASK]["value"].update(rle=[256]),
    "list of bytes": lambda r: r[MASK]["value"].update(rle=[1.0]),
    "is no code of a mask": lambda r: r[MASK]["value"].update(rle=[]),
    "covers 100 pixels, and the picture has 200": lambda r: r[MASK]["value"].update(rle=encode([(True, 100)])),
    "heat does not know 'dog'": lambda r: r[MASK]["value"].update(brushlabels=["dog"]),
    "names no value of heat": lambda r: r[MASK]["value"].update(brushlabels=[]),
    "shares the id": lambda r: r[MASK].update(id=r[0]["id"]),
}


@pytest.mark.parametrize("words", BROKEN_PICTURE)
def test_what_is_wrong_on_a_picture_is_named(pictured: list[dict], words: str) -> None:
    assert problems(pictured, PICTURE_CONFIG, SHOWN) == []
    BROKEN_PICTURE[words](pictured)
    found = problems(pictured, PICTURE_CONFIG, SHOWN)
    assert any(words in problem for problem in found), found


def test_a_rectangle_shares_its_id_with_its_own_label_only() -> None:
    xml = PICTURE.replace("RectangleLabels", "Labels").replace("</View>", '<Rectangle name="r" toName="photo"/></View>')
    config = read_config(xml)
    shape, label = with_ids([picture_box_items(config, SHOWN, (0.1, 0.2, 0.3, 0.6), score=0.9, reason="it barks")])
    assert problems([shape, label], config, SHOWN) == []
    assert "merge into one region" in problems([label, shape], config, SHOWN)[0]
    label["value"]["x"] += 1
    assert "merge into one region" in problems([shape, label], config, SHOWN)[0]
