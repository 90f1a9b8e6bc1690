"""Delivery: one row of the current version a task, whatever fails on the way."""

import pytest

from backend.label_studio import LabelStudioError
from backend.leases import LeaseLost
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.delivery import deliver
from training_jobs.project import Project

PREDICTION = {"result": [{"type": "choices"}], "score": 0.25}


def send(project: Project, label_studio: FakeLabelStudio, task: int, check=lambda: None, owner: str = "job") -> bool:
    """Deliver PREDICTION for a task."""
    identity = project.identify(label_studio.row(task), project.version)
    return deliver(project, identity, PREDICTION, owner=owner, check=check)


def test_a_failed_write_gives_the_claim_back(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    label_studio.fail = lambda call: call.startswith("POST")
    with pytest.raises(LabelStudioError):
        send(project, label_studio, task)
    label_studio.fail = lambda _call: False
    assert send(project, label_studio, task, owner="another job")
    assert len(label_studio.of(task)) == 1


def test_what_is_like_it_is_written_beside_it_and_compared(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    identity = project.identify(label_studio.row(task), project.version)
    for neighbors in ([2, 3], [3, 2], [3, 2]):
        prediction = {"result": [], "score": 0.5, "neighbors": neighbors, "cluster": 2}
        assert deliver(project, identity, prediction, owner="job", check=lambda: None)
    [row] = label_studio.of(task)
    assert (row["neighbors"], row["cluster"], row["score"]) == ([3, 2], 2, 0.5)
    assert [call.split()[0] for call in label_studio.writes()] == ["POST", "PATCH"]


def test_an_empty_result_is_written_too(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    identity = project.identify(label_studio.row(task), project.version)
    assert deliver(project, identity, {"result": []}, owner="job", check=lambda: None)
    [row] = label_studio.of(task)
    assert (row["result"], row["model_version"]) == ([], project.version)


def test_who_lost_the_lease_writes_nothing(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)

    def lost() -> None:
        raise LeaseLost("Another runs it.")

    with pytest.raises(LeaseLost):
        send(project, label_studio, task, lost)
    assert not label_studio.writes()


def test_a_task_labelled_since_keeps_what_it_has(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    label_studio.add_prediction(task, "earmark-000000000001")
    label_studio.label(task, "bell")
    assert send(project, label_studio, task)
    assert not label_studio.writes()


def test_a_row_of_this_version_is_rewritten_not_doubled(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    row = label_studio.add_prediction(task, project.version)
    assert send(project, label_studio, task)
    assert [(kept["id"], kept["result"]) for kept in label_studio.of(task)] == [(row, PREDICTION["result"])]
    assert not [call for call in label_studio.writes() if call.startswith("POST")]


def test_a_task_deleted_since_is_no_error(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    identity = project.identify(label_studio.row(task), project.version)
    del label_studio.tasks[task]
    assert not deliver(project, identity, PREDICTION, owner="job", check=lambda: None)
    assert project.states.claimed(identity) is None
