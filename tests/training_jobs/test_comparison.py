"""What a person made of a prediction: nothing, a nudge, a redraw, another label."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from label_config.regions import read_regions
from training_jobs.comparison import Comparison, compare, summarise, wilson

RATE = 10.0


def keyframe(frame: int, x: float, *, enabled: bool = True) -> dict[str, Any]:
    place = {"x": x, "y": 20.0, "width": 20.0, "height": 40.0}
    return {"frame": frame, "time": frame / RATE, "enabled": enabled, "rotation": 0, **place}


def box(name: str, *sequence: dict[str, Any], label: str = "bell") -> dict[str, Any]:
    value = {"framesCount": 100, "duration": 10.0, "labels": [label], "sequence": list(sequence)}
    return {"id": name, "from_name": "boxes", "to_name": "video", "type": "videorectangle", "value": value}


def segment(name: str, first: int, last: int) -> dict[str, Any]:
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": ["sounding"]}
    return {"id": name, "from_name": "segments", "to_name": "video", "type": "timelinelabels", "value": value}


def choice(value: str) -> dict[str, Any]:
    item = {"id": "c", "from_name": "clip_class", "to_name": "video", "type": "choices"}
    return item | {"value": {"choices": [value]}}


PREDICTED = [box("b", keyframe(11, 0), keyframe(60, 40, enabled=False)), segment("s", 11, 60), choice("bell")]


def made(annotated: list[dict[str, Any]], predicted: list[dict[str, Any]] = PREDICTED) -> Comparison:
    return compare(read_regions(predicted, RATE), read_regions(annotated, RATE))


def changed(index: int, **value: Any) -> list[dict[str, Any]]:
    result = copy.deepcopy(PREDICTED)
    result[index]["value"] |= value
    return result


def test_submitting_as_it_was_predicted_changes_nothing(shared_label_studio: Path) -> None:
    """As the page submits: it rewrites time, framesCount and duration of what nobody touched."""
    submitted = json.loads(
        (shared_label_studio / "payloads" / "webhook_ANNOTATION_CREATED_ui_submit_from_prediction.json").read_text()
    )["body"]["annotation"]["result"]
    predicted = json.loads((shared_label_studio / "predictions" / "video_combo_full.json").read_text())["result"]
    one = compare(read_regions(predicted, 25), read_regions(submitted, 25))
    assert one == Comparison(True, 4, 0, 0, 0, 0, 0, iou=1.0, sounding=1.0)


def test_a_mask_that_is_gone_or_called_otherwise_is_a_change() -> None:
    mask = {"id": "m", "type": "brushlabels", "value": {"format": "rle", "rle": [1], "brushlabels": ["heard here"]}}
    again = {**mask, "value": {**mask["value"], "rle": [2]}}  # as the page encodes it
    assert made([mask, again | {"id": "n"}], [mask]).added == 1
    assert made([again], [mask]).unchanged
    assert made([], [mask]).removed == 1
    other = {**mask, "value": {**mask["value"], "brushlabels": ["dog"]}}
    assert (made([other], [mask]).unchanged, made([other], [mask]).relabelled) == (False, 1)


def test_what_the_page_rewrites_is_no_change() -> None:
    rewritten = changed(0, framesCount=1, duration=None)
    for one in rewritten[0]["value"]["sequence"]:
        one["time"] += 0.04
    assert made(rewritten).unchanged


def test_a_nudge_moves_and_costs_overlap() -> None:
    nudged = changed(0, sequence=[keyframe(11, 10), keyframe(60, 50, enabled=False)])
    one = made(nudged)
    assert not one.unchanged and (one.moved, one.added, one.removed, one.relabelled) == (1, 0, 0, 0)
    assert one.iou == pytest.approx(1 / 3)  # half of the width on every frame
    assert one.sounding == 1.0


def test_between_keyframes_a_box_is_where_label_studio_draws_it() -> None:
    """One keyframe added on the line between two changes the region and not the boxes."""
    more = changed(0, sequence=[keyframe(11, 0), keyframe(30, 40 * 19 / 49), keyframe(60, 40, enabled=False)])
    assert made(more).iou == pytest.approx(1.0) and made(more).moved == 1


def test_a_box_that_ends_earlier_counts_nothing_on_the_frames_it_lacks() -> None:
    at_rest = [box("b", keyframe(1, 0), keyframe(50, 0, enabled=False))]
    shorter = [box("b", keyframe(1, 0), keyframe(40, 0, enabled=False))]
    assert made(shorter, at_rest).iou == pytest.approx(40 / 50)
    to_the_end = [box("b", keyframe(1, 0), keyframe(50, 0))]
    assert made(to_the_end, at_rest).iou == pytest.approx(50 / 100)


def test_deleted_and_drawn_regions_are_told_apart_from_mended_ones() -> None:
    redrawn = [box("new", keyframe(11, 0), keyframe(60, 40, enabled=False)), *PREDICTED[1:]]
    one = made(redrawn)
    assert (one.added, one.removed, one.moved) == (1, 1, 0)
    assert one.iou == pytest.approx(1.0)  # where it was predicted was right after all
    beside = [*PREDICTED, box("other", keyframe(11, 80), keyframe(60, 80, enabled=False))]
    assert (made(beside).added, made(beside).iou) == (1, pytest.approx(0.5))
    emptied = made([])
    assert (emptied.removed, emptied.iou, emptied.sounding) == (2, 0.0, 0.0)


def test_labels_and_choices() -> None:
    assert made(changed(0, labels=["drum"])).relabelled == 1
    other = made([*PREDICTED[:2], choice("drum")])
    assert not other.unchanged and other.choices_changed == 1
    unasked = made(PREDICTED, PREDICTED[:2])
    assert unasked.unchanged and unasked.choices_changed == 0


def test_time_segments_agree_by_their_common_time() -> None:
    assert made([PREDICTED[0], segment("s", 31, 80)]).sounding == pytest.approx(30 / 70)


def test_accepted_as_empty() -> None:
    one = made([choice("drum")], [])
    assert one.unchanged and one.iou is None and one.sounding is None


def test_versions_are_summed_up_apart() -> None:
    first = [made(PREDICTED), made(changed(0, labels=["drum"])), made([])]
    one, two = summarise({"earmark-1": first, "earmark-0": [], "earmark-2": [made(PREDICTED)]})
    assert (one.version, one.annotations, one.unchanged, one.removed) == ("earmark-1", 3, 1, 2)
    assert one.acceptance == pytest.approx(1 / 3)
    assert one.iou == pytest.approx((1 + 1 + 0) / 3)
    assert (two.version, two.acceptance) == ("earmark-2", 1.0)
    assert two.interval[0] < 0.25  # one of one is no certainty


def test_the_interval_is_wilsons() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)  # the usual worked example
    assert wilson(0, 5)[0] == 0.0 and wilson(5, 5)[1] == 1.0
