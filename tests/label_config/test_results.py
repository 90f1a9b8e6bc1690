import json
import math
from dataclasses import dataclass

import pytest

from label_config import Timeline, box_item, choice_item, read_config, segment_item, template, with_ids
from label_config.boxes import MIN_SIDE

CONFIG = read_config(template(["dog", "car"]))
BARE = read_config('<View><Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>')
TIMELINE = Timeline(25, 6.0)


@dataclass
class Moment:
    time: float
    box: tuple[float, float, float, float] = (0.1, 0.2, 0.3, 0.6)
    visible: bool = True


def box(*moments: Moment, **changes) -> dict | None:
    return box_item(CONFIG, TIMELINE, moments, **{"score": 0.9, "reason": "it barks", **changes})


def frames(*moments: Moment) -> list[tuple[int, bool]]:
    return [(keyframe["frame"], keyframe["enabled"]) for keyframe in box(*moments)["value"]["sequence"]]


def test_a_box_is_written_as_it_is_known_to_render() -> None:
    item = box(Moment(0.0), Moment(1.0, visible=False))
    assert item == {
        "from_name": "boxes",
        "to_name": "video",
        "type": "videorectangle",
        "origin": "prediction",
        "score": 0.9,
        "meta": {"text": ["it barks"]},
        "value": {
            "framesCount": 150,
            "duration": 6.0,
            "labels": ["sounding object"],
            "sequence": [
                {"frame": 1, "time": 0.04, "enabled": True, "rotation": 0}
                | {"x": 10.0, "y": 20.0, "width": 20.0, "height": 40.0},
                {"frame": 25, "time": 1.0, "enabled": False, "rotation": 0}
                | {"x": 10.0, "y": 20.0, "width": 20.0, "height": 40.0},
            ],
        },
    }


def test_keyframes_are_sorted_and_each_frame_comes_once() -> None:
    moments = [Moment(2.0), Moment(0.0), Moment(1.0), Moment(1.01, (0.5, 0.5, 0.6, 0.6))]
    assert frames(*moments) == [(1, True), (26, True), (51, True)]
    assert box(*moments)["value"]["sequence"][1]["x"] == 50.0  # of two on one frame, the later


def test_a_box_is_gone_from_the_frame_that_shows_its_end() -> None:
    assert frames(Moment(0.0), Moment(0.5, visible=False)) == [(1, True), (13, False)]
    # Gone and back: hidden on frames 26 to 50.
    gone_and_back = [Moment(0.0), Moment(1.0, visible=False), Moment(2.0), Moment(9.0, visible=False)]
    assert frames(*gone_and_back) == [(1, True), (25, False), (51, True), (150, False)]


def test_ends_without_a_beginning_are_left_out() -> None:
    assert box(Moment(0.0, visible=False)) is None
    assert box() is None
    assert frames(Moment(0.0, visible=False), Moment(1.0)) == [(26, True)]
    assert frames(Moment(0.0), Moment(1.0, visible=False), Moment(2.0, visible=False)) == [(1, True), (25, False)]


def test_a_box_that_ends_as_it_begins_is_shown_on_that_frame() -> None:
    assert frames(Moment(1.0), Moment(1.0, visible=False)) == [(26, False)]


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        ((-0.5, 0.25, 1.5, 0.75), (0, 25, 100, 50)),
        ((1 / 3, 0.0, 2 / 3, 1.0), (33.333, 0, 33.333, 100)),
        ((1.2, 0.5, 1.4, 0.6), (100 - MIN_SIDE, 50, MIN_SIDE, 10)),
        ((0.5, 0.6, 0.5, 0.6), (50 - MIN_SIDE / 2, 60 - MIN_SIDE / 2, MIN_SIDE, MIN_SIDE)),
    ],
)
def test_boxes_lie_in_the_frame_and_have_a_size(corners: tuple, expected: tuple) -> None:
    keyframe = box(Moment(0.0, corners))["value"]["sequence"][0]
    assert (keyframe["x"], keyframe["y"], keyframe["width"], keyframe["height"]) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("change", [{"score": math.nan}, {"score": math.inf}])
def test_a_score_that_is_no_number_is_refused(change: dict) -> None:
    with pytest.raises(ValueError, match="a score must be a number"):
        box(Moment(0.0), **change)


def test_scores_stay_in_range_and_reasons_on_one_line() -> None:
    item = box(Moment(0.0), score=1.7, reason="it\n barks")
    assert (item["score"], item["meta"]["text"]) == (1.0, ["it barks"])


def test_a_config_without_our_labels_gets_plain_boxes_and_no_segments() -> None:
    assert "labels" not in box_item(BARE, TIMELINE, [Moment(0.0)], score=0.5, reason="")["value"]
    assert segment_item(BARE, TIMELINE, 0, 1, score=0.5, reason="") is None
    assert choice_item(BARE, "dog", 0.5) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1.0, 3.0, (26, 75)),
        (0.0, 6.0, (1, 150)),
        (0.0, 0.001, (1, 1)),
        (5.99, 60.0, (150, 150)),
        (1.01, 1.02, (26, 26)),
    ],
)
def test_segments_are_whole_inclusive_frames(start: float, end: float, expected: tuple) -> None:
    value = segment_item(CONFIG, TIMELINE, start, end, score=0.8, reason="it barks")["value"]
    assert value["timelinelabels"] == ["sounding"]
    assert [(r["start"], r["end"]) for r in value["ranges"]] == [expected]
    assert all(type(number) is int for number in expected)


def test_only_choices_the_config_knows_are_written() -> None:
    item = choice_item(CONFIG, "dog", 0.73)
    assert (item["type"], item["value"], item["score"]) == ("choices", {"choices": ["dog"]}, 0.73)
    assert choice_item(CONFIG, "cat", 0.99) is None
    assert choice_item(CONFIG, "dog", -0.2)["score"] == 0.0  # a cosine may be negative, a score may not


def test_ids_are_unique_and_come_from_the_content() -> None:
    items = [box(Moment(0.0)), box(Moment(0.0)), box(Moment(1.0))]
    named = with_ids(items)
    assert len({item["id"] for item in named}) == 3
    assert json.dumps(named) == json.dumps(with_ids(items))
    assert with_ids(items[2:])[0]["id"] == named[2]["id"]


def test_a_box_of_no_numbers_does_not_get_an_id() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        with_ids([box(Moment(0.0, (math.nan, 0.0, 1.0, 1.0)))])
