"""A project as a job sees it."""

import pytest

from backend.projects import ProjectKey
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.project import Project, ProjectError, is_labelled, own_predictions


def test_a_project_whose_id_is_used_again_is_not_this_one(project: Project, label_studio: FakeLabelStudio) -> None:
    assert project.row["id"] == 1
    assert ProjectKey.of_row(label_studio.url, project.row) == project.key
    label_studio.project["created_at"] = "2026-05-05T00:00:00Z"
    again = Project.open(str(project), project.settings, project.redis)
    with pytest.raises(ProjectError, match="used again"):
        _ = again.row
    again.close()


def test_without_a_connected_label_studio_it_says_what_to_do(project: Project) -> None:
    settings = project.settings.model_copy(update={"label_studio_token": None})
    with pytest.raises(ProjectError, match="earmark connect"):
        Project.open(str(project), settings, project.redis)


def test_reads_the_rows_that_are_still_there(project: Project, label_studio: FakeLabelStudio) -> None:
    first, second = label_studio.add_task(None), label_studio.add_task(None)
    label_studio.add_prediction(second, project.version)
    del label_studio.tasks[first]
    rows = project.read([first, second])
    assert list(rows) == [second]
    assert rows[second]["predictions"][0]["model_version"] == project.version
    assert project.read([]) == {}


def test_tells_own_predictions_and_labelled_tasks() -> None:
    rows = [
        {"id": 3, "model_version": "earmark-b"},
        {"id": 2, "model_version": "other"},
        {"id": 1, "model_version": "earmark-a"},
    ]
    assert [row["id"] for row in own_predictions({"predictions": rows})] == [1, 3]
    assert not is_labelled({"annotations": []})
    assert is_labelled({"annotations": [{"was_cancelled": True}]})
