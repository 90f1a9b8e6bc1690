"""Feedback: what was predicted at the time of submission, whatever became of the prediction since."""

import copy
from pathlib import Path
from typing import Any

import pytest

from label_config import read_config, template
from tests.training_jobs.test_comparison import PREDICTED, changed
from training_jobs.feedback import EARLIER, Feedback

CONFIG = read_config(template(["bell", "drum"]))
OLD, NEW = "earmark-00000000000a", "earmark-00000000000b"
CREATED = "2026-01-02T03:04:05Z"


@pytest.fixture
def feedback(tmp_path: Path) -> Feedback:
    return Feedback(tmp_path / "a home", "00000000-1-1")


def from_prediction(result: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Regions as the page submits them."""
    return [{**copy.deepcopy(item), "origin": "prediction"} for item in result]


def renamed(prefix: str) -> list[dict[str, Any]]:
    """The same regions under other ids, as another content of a prediction has them."""
    return [{**item, "id": f"{prefix}{item['id']}"} for item in copy.deepcopy(PREDICTED)]


def prediction(number: int = 7, version: str = OLD, result: list[dict[str, Any]] = PREDICTED) -> dict[str, Any]:
    return {"id": number, "model_version": version, "score": 0.8, "result": result}


def annotation(result: list[dict[str, Any]], parent: int | None = 7, **fields: Any) -> dict[str, Any]:
    row = {"id": 3, "created_at": "2026-01-03T00:00:00Z", "updated_at": "2026-01-03T00:00:00Z"}
    return {**row, "was_cancelled": False, "parent_prediction": parent, "result": from_prediction(result), **fields}


def task(annotations: list[dict[str, Any]], predictions: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    row = {"id": 1, "created_at": CREATED, "data": {"video": "/data/upload/1/a.mp4"}}
    return {**row, "annotations": annotations, "predictions": predictions, **fields}


def test_an_accepted_prediction_counts_for_its_version_once(feedback: Feedback) -> None:
    rows = [task([annotation(PREDICTED)], [prediction()])]
    assert feedback.update(rows, CONFIG) == 1
    assert feedback.update(rows, CONFIG) == 0
    [report] = feedback.report()
    assert (report.version, report.annotations, report.unchanged) == (OLD, 1, 1)


def test_what_was_predicted_outlives_the_prediction(feedback: Feedback) -> None:
    mended = annotation(changed(0, labels=["drum"]))
    feedback.update([task([mended], [prediction()])], CONFIG)
    # Somebody deletes the prediction, whose link goes with it, and corrects the annotation again.
    later = {**mended, "parent_prediction": None, "updated_at": "2026-02-01T00:00:00Z"}
    later["result"] = from_prediction(PREDICTED)
    assert feedback.update([task([later], [])], CONFIG) == 1
    [report] = feedback.report()
    assert (report.version, report.unchanged) == (OLD, 1)


def test_submitted_after_a_newer_version_took_the_predictions_place(feedback: Feedback) -> None:
    """The editor was open all the while: the old version's boxes are what was accepted."""
    feedback.before_change(task([], [prediction()]), [prediction()])
    newer = prediction(8, NEW, renamed("n"))
    feedback.update([task([annotation(PREDICTED, parent=None)], [newer])], CONFIG)
    [report] = feedback.report()
    assert (report.version, report.unchanged) == (OLD, 1)


def test_submitted_after_the_prediction_was_rewritten_in_place(feedback: Feedback) -> None:
    before = prediction(result=PREDICTED)
    feedback.before_change(task([], [before]), [before])
    rewritten = prediction(result=[*PREDICTED[:2], {**PREDICTED[2], "id": "c2", "value": {"choices": ["drum"]}}])
    feedback.update([task([annotation(PREDICTED)], [rewritten])], CONFIG)
    assert feedback.report()[0].unchanged == 1
    # Whereas who saw the new suggestion and took the old one changed it.
    other = annotation([*PREDICTED[:2], {**PREDICTED[2], "id": "c2"}], id=4)
    feedback.update([task([annotation(PREDICTED), other], [rewritten])], CONFIG)
    [report] = feedback.report()
    assert (report.annotations, report.unchanged, report.choices_changed) == (2, 1, 1)


def test_everything_deleted_is_still_feedback_on_the_linked_prediction(feedback: Feedback) -> None:
    feedback.update([task([annotation([])], [prediction()])], CONFIG)
    [report] = feedback.report()
    assert (report.removed, report.unchanged) == (2, 0)


@pytest.mark.parametrize(
    ("made", "predictions"),
    [
        (annotation([], parent=None), [prediction()]),  # from a blank screen
        (annotation(PREDICTED), [prediction(version="another-model")]),
        (annotation(PREDICTED, was_cancelled=True), [prediction()]),
    ],
)
def test_what_is_no_feedback_on_a_version_of_ours(
    feedback: Feedback, made: dict[str, Any], predictions: list[dict[str, Any]]
) -> None:
    assert feedback.update([task([made], predictions)], CONFIG) == 0
    assert feedback.report() == []


def test_versions_are_kept_apart_in_the_order_they_came(feedback: Feedback) -> None:
    first = task([annotation(PREDICTED)], [prediction()])
    later = annotation([], created_at="2026-03-01T00:00:00Z", parent=9)
    second = task([later], [prediction(9, NEW)], id=2)
    feedback.update([second, first], CONFIG)
    assert [(one.version, one.unchanged) for one in feedback.report()] == [(OLD, 1), (NEW, 0)]


def test_a_deleted_annotation_counts_no_longer_and_a_deleted_task_does(feedback: Feedback) -> None:
    both = [task([annotation(PREDICTED)], [prediction()], id=number) for number in (1, 2)]
    feedback.update(both, CONFIG)
    # Of task 1 the annotation is taken back; task 2 is gone, and its id used again.
    again = task([], [], id=2, created_at="2027-01-01T00:00:00Z")
    feedback.update([task([], [prediction()]), again], CONFIG)
    assert [(one.task, one.version) for one in feedback.submitted()] == [(2, OLD)]


def test_few_earlier_contents_are_kept(feedback: Feedback) -> None:
    for number in range(EARLIER + 3):
        old = prediction(result=renamed(str(number)))
        feedback.before_change(task([], [old]), [old])
    late = annotation(renamed("0"), parent=None)
    assert feedback.update([task([late], [])], CONFIG) == 0
    recent = annotation(renamed(str(EARLIER + 2)), parent=None)
    assert feedback.update([task([recent], [])], CONFIG) == 1


def test_nothing_is_written_where_nobody_annotated(feedback: Feedback) -> None:
    feedback.update([task([], [prediction()])], CONFIG)
    assert feedback.report() == [] and not feedback.path.exists()
