"""Suggestions: what counts as a person's choice, and how long the labels are remembered."""

import pytest

from label_config import read_config, template
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.project import Project
from training_jobs.suggestions import Labels, choice_of, revision

CONFIG = read_config(template(["bell", "drum"]))


def annotation(number: int, choice: str, *, control: str = "clip_class", cancelled: bool = False) -> dict:
    """An annotation with one choice."""
    item = {"type": "choices", "from_name": control, "value": {"choices": [choice]}}
    return {"id": number, "result": [item], "was_cancelled": cancelled}


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
    assert choice_of({"id": 1, "annotations": annotations}, CONFIG) == choice


def test_labels_are_listed_once_a_minute(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None, "drum")
    label_studio.add_task(None)
    labels = Labels(project).read()
    assert {number: label.choice for number, label in labels.items()} == {task: "drum"}
    listed = label_studio.calls.count("GET /api/tasks")
    assert Labels(project).read() == labels
    assert label_studio.calls.count("GET /api/tasks") == listed


def test_the_revision_changes_with_labels_and_version(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None, "drum")
    first = Labels(project).update([label_studio.row(task)])
    label_studio.label(task, "bell")
    second = Labels(project).update([label_studio.row(task)])
    assert len({revision(first, "a"), revision(second, "a"), revision(second, "b")}) == 3
    assert revision(first, "a") == revision(dict(first), "a")
