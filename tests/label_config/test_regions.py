import json
from pathlib import Path

import numpy as np
import pytest

from label_config import Timeline, box_item, read_config, segment_item, template, with_ids
from label_config.regions import BoxRegion, Moment, read_regions

CONFIG = read_config(template(["dog"]))
LEFT, RIGHT = (0.0, 0.0, 0.2, 0.4), (0.4, 0.2, 0.6, 0.6)


def region(*moments: Moment) -> BoxRegion:
    return BoxRegion("one", (), moments, 100)


def test_a_box_is_where_label_studio_draws_it() -> None:
    """Linear between keyframes, still there on the disabled one, gone after it until the next enabled one."""
    box = region(Moment(11, True, LEFT), Moment(21, False, RIGHT), Moment(31, True, RIGHT))
    assert box.box_at(10) is None
    assert box.box_at(11) == LEFT
    assert box.box_at(16) == pytest.approx((0.2, 0.1, 0.4, 0.5))
    assert box.box_at(21) == RIGHT
    assert box.box_at(22) is None and box.box_at(30) is None
    assert box.box_at(31) == box.box_at(100) == RIGHT
    assert box.spans(100) == [(11, 21), (31, 100)]


@pytest.mark.parametrize("last", [True, False])
def test_spans_are_the_frames_with_a_box(last: bool) -> None:
    box = region(Moment(3, True, LEFT), Moment(5, True, RIGHT), Moment(9, last, LEFT))
    drawn = [frame for frame in range(1, 13) if box.box_at(frame) is not None]
    assert [frame for first, end in box.spans(12) for frame in range(first, end + 1)] == drawn


def test_what_is_written_is_read_again() -> None:
    class Key:
        def __init__(self, time: float, box: tuple, visible: bool = True) -> None:
            self.time, self.box, self.visible = time, box, visible

    timeline = Timeline(25, 6.0)
    keys = [Key(1.0, LEFT), Key(3.0, RIGHT, visible=False)]
    box = box_item(CONFIG, timeline, keys, score=0.9, reason="it hums")
    segment = segment_item(CONFIG, timeline, 1.0, 3.0, score=0.9, reason="it hums")
    read = read_regions(with_ids([box, segment]), 25)
    [track], [span] = read.boxes, read.spans
    assert track.labels == ("sounding object",) and track.spans(150) == [(26, 75)]
    assert track.box_at(26) == pytest.approx(LEFT)
    assert (span.start, span.end, span.labels) == (1.0, 3.0, ("sounding",))


def test_a_recorded_annotation_is_read_whole(shared_label_studio: Path) -> None:
    name = "webhook_ANNOTATION_CREATED_ui_submit_from_prediction.json"
    annotation = json.loads((shared_label_studio / "payloads" / name).read_text())["body"]["annotation"]
    read = read_regions(annotation["result"], 25)
    assert [(box.id, box.labels, box.frames) for box in read.boxes] == [
        ("obj-1", ("dog",), 150),
        ("obj-2", ("car",), 150),
    ]
    assert read.boxes[1].spans(150) == [(26, 125)]
    assert [(span.labels, span.start, span.end) for span in read.spans] == [
        (("bark",), 1.0, 3.0),
        (("music",), 4.0, 5.0),
    ]
    assert read.choice == "animal"


def test_sound_regions_are_in_seconds_and_pictures_have_rectangles(shared_label_studio: Path) -> None:
    predictions = shared_label_studio / "predictions"
    sounds = read_regions(json.loads((predictions / "audio_labels.json").read_text())["result"], 25)
    first = sounds.spans[0]
    assert (first.start, first.end) == (1.0, 3.0)
    picture = read_regions(json.loads((predictions / "image_rect_brush.json").read_text())["result"], 25)
    assert len(picture.stills) >= 1 and len(picture.masks) == 1 and picture.others == {}


def test_labels_beside_a_rectangle_are_its_own() -> None:
    place = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0}
    shape = {"id": "a", "type": "rectangle", "value": place}
    label = {"id": "a", "type": "labels", "value": place | {"labels": ["dog"]}}
    for result in ([shape, label], [label, shape]):
        [still] = read_regions(result, 25).stills
        assert still.labels == ("dog",)
    assert read_regions([shape], 25).stills[0].labels == ()


def test_labels_beside_a_box_through_time_are_its_own_whichever_control_took_them() -> None:
    value = {"sequence": [{"frame": 1, "enabled": True, "x": 10, "y": 20, "width": 30, "height": 40}]}
    shape = {"id": "a", "type": "videorectangle", "value": value}
    for kind in ("labels", "timelinelabels"):
        for label in ({"id": "a", "type": kind, "value": place | {kind: ["dog"]}} for place in (value, {})):
            read = read_regions([label, shape], 25)
            assert ([box.labels for box in read.boxes], read.spans, read.others) == ([("dog",)], (), {})


def test_labels_of_a_text_are_no_times() -> None:
    read = read_regions([{"type": "labels", "value": {"start": "/p[1]", "end": "/p[1]", "labels": ["dog"]}}], 25)
    assert (read.spans, read.others) == ((), {"labels": 1})


@pytest.mark.parametrize(
    "value",
    [None, [], {"sequence": None}, {"sequence": [{"frame": "1"}]}, {"sequence": [{"frame": 1, "x": 1, "y": True}]}],
)
def test_an_item_without_a_usable_value_is_nowhere(value: object) -> None:
    [box] = read_regions([{"id": "a", "type": "videorectangle", "value": value}], 25).boxes
    assert box.box_at(1) is None and box.spans(10) == []


def test_what_is_no_item_says_nothing() -> None:
    assert read_regions([None, "a", []], 25) == read_regions([], 25)


def corners(x: float, y: float, width: float, height: float, degrees: float, aspect: float) -> np.ndarray:
    """As fractions of the frame, turned on the screen, where the frame is `aspect` wide and 1 high."""
    angle = np.radians(degrees)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    sides = np.array([[0, 0], [width, 0], [width, height], [0, height]]) * (aspect, 1)
    return np.array([x, y]) + (sides @ turned.T) / (aspect, 1)


@pytest.mark.parametrize("degrees", [0, 30, 90, -20, 200, 360])
def test_a_turned_box_is_the_upright_one_around_it(degrees: float) -> None:
    place = {"x": 50, "y": 50, "width": 20, "height": 10, "rotation": degrees}
    around = corners(0.5, 0.5, 0.2, 0.1, degrees, 16 / 9)
    expected = (*around.min(0), *around.max(0))
    video = {"sequence": [{**place, "frame": 1, "enabled": True}]}
    [track] = read_regions([{"id": "a", "type": "videorectangle", "value": video}], 25, 16 / 9).boxes
    assert track.box_at(1) == pytest.approx(expected)
    picture = {"original_width": 1600, "original_height": 900, "type": "rectanglelabels", "value": place}
    assert read_regions([picture], 25).stills[0].box == pytest.approx(expected)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), "left", None])
def test_a_turn_that_is_no_number_is_none(broken: object) -> None:
    place = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": broken}
    [still] = read_regions([{"type": "rectanglelabels", "value": place}], 25).stills
    assert still.box == pytest.approx((0.1, 0.2, 0.4, 0.6))
