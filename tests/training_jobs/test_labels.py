"""The label memory: what counts as a person's label, how long it is remembered, how changes reach it."""

import pytest

from backend import relabelled
from label_config import BOX_LABEL, read_config, template
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.labels import Labels, labels_of, revision
from training_jobs.project import Project

CONFIG = read_config(template(["bell", "drum"]))


def annotation(number: int, choice: str, *, control: str = "clip_class", cancelled: bool = False) -> dict:
    """An annotation with one choice."""
    item = {"type": "choices", "from_name": control, "value": {"choices": [choice]}}
    return {"id": number, "result": [item], "was_cancelled": cancelled}


def box(label: str | None, name: str = "r1") -> dict:
    """A box from the first second on."""
    keyframe = {"frame": 26, "enabled": True, "rotation": 0, "x": 10, "y": 20, "width": 30, "height": 40}
    value = {"sequence": [keyframe], **({} if label is None else {"labels": [label]})}
    return {"id": name, "from_name": "boxes", "to_name": "video", "type": "videorectangle", "value": value}


@pytest.mark.parametrize(
    ("annotations", "choice"),
    [
        ([], None),
        ([annotation(1, "bell"), annotation(2, "drum")], "drum"),
        ([annotation(1, "bell"), annotation(2, "drum", cancelled=True)], "bell"),
        ([annotation(1, "bell", control="another")], None),
        ([{"id": 1, "result": [], "was_cancelled": False}], None),
    ],
)
def test_the_newest_choice_that_was_not_skipped_counts(annotations: list[dict], choice: str | None) -> None:
    assert labels_of({"id": 1, "annotations": annotations}, CONFIG) == (choice, [])


def test_regions_count_with_the_labels_people_gave_them() -> None:
    rows = [
        {"id": 1, "result": [box("bell")], "was_cancelled": False},
        {"id": 2, "result": [box("dog"), box(BOX_LABEL, "r2"), box(None, "r3")], "was_cancelled": False},
        {"id": 3, "result": [box("cow")], "was_cancelled": True},
    ]
    _, regions = labels_of({"id": 1, "annotations": rows}, CONFIG)
    assert [region.label for region in regions] == ["dog"]


def test_one_imported_prediction_without_ids_costs_no_label(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None, "drum")
    label_studio.submit(task, [box("dog")])
    item = {name: part for name, part in box("cow").items() if name != "id"}
    for model in ("another-model", "earmark-0123456789ab"):
        label_studio.add_prediction(task, model, [item, {**item, "value": None}])
    [labelled] = Labels(project).read().values()
    assert (labelled.choice, [region.label for region in labelled.regions]) == ("drum", ["dog"])


def test_where_another_model_had_a_region_says_nothing_of_ours() -> None:
    elsewhere = box("dog")
    elsewhere["value"]["sequence"][0]["x"] = 60
    rows = [
        {"id": 1, "model_version": model, "result": [item]}
        for model, item in (("earmark-0123456789ab", box(None)), ("another-model", elsewhere))
    ]
    task = {"id": 1, "annotations": [{"id": 1, "result": [box("dog")]}], "predictions": rows}
    [region] = labels_of(task, CONFIG)[1]
    assert region.frames[0][1] == pytest.approx(0.1)


def test_labels_are_listed_once_a_minute(project: Project, label_studio: FakeLabelStudio) -> None:
    task, skipped = label_studio.add_task(None, "drum"), label_studio.add_task(None)
    label_studio.submit(skipped, [], was_cancelled=True)
    label_studio.add_task(None)
    labels = Labels(project).read()
    assert {number: (one.choice, one.says) for number, one in labels.items()} == {
        task: ("drum", True),
        skipped: (None, False),  # worked on, though it says nothing
    }
    listed = label_studio.calls.count("GET /api/tasks")
    assert Labels(project).read() == labels
    assert label_studio.calls.count("GET /api/tasks") == listed


def test_one_task_is_read_again_without_listing_the_others(project: Project, label_studio: FakeLabelStudio) -> None:
    tasks = [label_studio.add_task(None, "drum") for _ in range(3)]
    Labels(project).read()
    label_studio.label(tasks[0], "bell")
    label_studio.tasks[tasks[1]]["annotations"].clear()
    label_studio.submit(tasks[2], [box("dog")])
    labels = Labels(project).renew(tasks)
    assert {task: one.choice for task, one in labels.items()} == {tasks[0]: "bell", tasks[2]: "drum"}
    assert [region.label for region in labels[tasks[2]].regions] == ["dog"]
    assert Labels(project).read() == labels


def test_a_deleted_annotation_still_tells_its_task(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    number = label_studio.submit(task, [box("dog")])
    Labels(project).read()
    assert relabelled.owners(project.redis, str(project), [number, 999]) == {task}


def test_the_revision_changes_with_labels_and_version(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None, "drum")
    first = Labels(project).update([label_studio.row(task)])
    label_studio.submit(task, [box("dog")])
    second = Labels(project).update([label_studio.row(task)])
    assert len({revision(first, "a"), revision(second, "a"), revision(second, "b")}) == 3
    assert revision(first, "a") == revision(dict(first), "a")
