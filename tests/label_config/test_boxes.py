import math

import pytest

from label_config import Picture, Timeline, box_item, picture_box_items, read_config, template
from label_config.boxes import MIN_SIDE
from tests.label_config.configs import PICTURE, Moment

CONFIG = read_config(template(["dog", "car"]))
BARE = read_config('<View><Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>')
TIMELINE = Timeline(25, 6.0)


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


def test_a_config_without_our_labels_gets_plain_boxes() -> None:
    assert "labels" not in box_item(BARE, TIMELINE, [Moment(0.0)], score=0.5, reason="")["value"]


def test_a_config_without_boxes_gets_none() -> None:
    config = read_config('<View><Video name="v" value="$v"/><TextArea name="t" toName="v"/></View>')
    assert box_item(config, TIMELINE, [Moment(0.0)], score=0.5, reason="") is None
    assert picture_box_items(config, Picture(320, 240), (0, 0, 1, 1), score=0.5, reason="") == []


def on_picture(xml: str, **changes) -> list[dict]:
    box = (0.25, 0.5, 0.5, 1.0)
    return picture_box_items(
        read_config(xml), Picture(320, 240), box, **{"score": 0.8, "reason": "it barks", **changes}
    )


def test_a_box_on_a_picture_is_written_as_it_is_known_to_render() -> None:
    [item] = on_picture(PICTURE, label="dog")
    assert item == {
        "from_name": "box",
        "to_name": "photo",
        "type": "rectanglelabels",
        "origin": "prediction",
        "score": 0.8,
        "meta": {"text": ["it barks"]},
        "original_width": 320,
        "original_height": 240,
        "image_rotation": 0,
        "value": {"x": 25.0, "y": 50.0, "width": 25.0, "height": 50.0, "rotation": 0, "rectanglelabels": ["dog"]},
    }


def test_a_rectangle_and_its_label_are_two_items_of_one_region() -> None:
    plain = PICTURE.replace("RectangleLabels", "Labels").replace(
        "</View>", '<Rectangle name="r" toName="photo"/></View>'
    )
    shape, label = on_picture(plain)
    assert [(item["from_name"], item["type"]) for item in (shape, label)] == [("r", "rectangle"), ("box", "labels")]
    assert label["value"] == {**shape["value"], "labels": ["sounding object"]}
    assert len(on_picture(plain.replace("sounding object", "cat"))) == 1
