"""The reconcile job: what hooks, answers and dead processes lost is found and mended."""

import time
from pathlib import Path

import numpy as np
import pytest

from backend import history, jobs, queues, summary
from backend.tasks import DONE, FAILED, QUEUED
from label_config import template
from model.retrieval import ClipIndex
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs import reconciling
from training_jobs.annotating import annotate
from training_jobs.feedback import Feedback
from training_jobs.project import Project

BOX = {"type": "videorectangle", "from_name": "boxes", "to_name": "video", "value": {"sequence": []}}


def look(project: Project) -> dict[str, int]:
    """Queue a look and run it."""
    [job] = queues.enqueue_reconcile(project.redis, str(project)).jobs
    return reconciling.reconcile(project=str(project), job=job)


def identity(project: Project, label_studio: FakeLabelStudio, task: int):
    """A task's identity under the current version."""
    return project.identify(label_studio.row(task), project.version)


def embed(project: Project, label_studio: FakeLabelStudio, *tasks: int) -> ClipIndex:
    """Put tasks into the index, as annotating them does."""
    index, vector = ClipIndex(project.index), np.ones(128, np.float32)
    for task in tasks:
        media = identity(project, label_studio, task).media
        index.add(str(project), task, media, project.version, vector, vector)
    return index


def finished(project: Project) -> dict:
    """A finished prediction."""
    return {"result": [BOX], "score": 0.5, "model_version": project.version}


def test_queues_what_no_hook_told_of(project: Project, label_studio: FakeLabelStudio) -> None:
    fresh, current, stale, labelled, failed = (label_studio.add_task(None) for _ in range(5))
    label_studio.add_prediction(current, project.version)
    embed(project, label_studio, current)
    label_studio.add_prediction(stale, "earmark-000000000001")
    label_studio.label(labelled, "bell")
    label_studio.add_prediction(labelled, "earmark-000000000001")
    project.states.failed(identity(project, label_studio, failed), "It is broken.")
    assert look(project)["queued"] == 3
    states = {
        task: project.states.get(identity(project, label_studio, task)) for task in (fresh, stale, labelled, failed)
    }
    assert states[fresh].state == states[stale].state == QUEUED
    assert states[failed].state == FAILED
    # The labelled one keeps its prediction; it is queued for its embedding only.
    assert states[labelled].state == QUEUED
    # Looking again queues nothing twice.
    assert "queued" not in look(project)
    assert label_studio.writes() == []


def test_delivers_what_is_finished_and_not_there(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    project.states.done(identity(project, label_studio, task), finished(project))
    assert look(project) == {"delivered": 1}
    [row] = label_studio.of(task)
    assert (row["model_version"], row["result"]) == (project.version, [BOX])
    assert look(project) == {}


def test_a_claim_that_label_studio_does_not_show_is_given_back(
    project: Project, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = label_studio.add_task(None)
    project.states.done(identity(project, label_studio, task), finished(project))
    project.states.claim(identity(project, label_studio, task), "predict-1")
    assert look(project) == {}  # Label Studio may be storing it at this moment
    later = time.time() + reconciling.CLAIM_SECONDS + 1
    monkeypatch.setattr(reconciling.time, "time", lambda: later)
    assert look(project) == {"delivered": 1}
    assert len(label_studio.of(task)) == 1


def test_outdated_and_doubled_predictions_go(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    for version in ("earmark-000000000001", project.version, project.version):
        newest = label_studio.add_prediction(task, version)
    foreign = label_studio.add_prediction(task, "another-model")
    embed(project, label_studio, task)
    assert look(project) == {"outdated": 2}
    assert [row["id"] for row in label_studio.of(task)] == [newest, foreign]


def test_after_redis_was_lost_nothing_is_made_anew(project: Project, label_studio: FakeLabelStudio) -> None:
    task = label_studio.add_task(None)
    label_studio.add_prediction(task, project.version, [BOX])
    embed(project, label_studio, task)
    assert look(project) == {}
    record = project.states.get(identity(project, label_studio, task))
    assert (record.state, record.prediction["result"]) == (DONE, [BOX])
    assert not label_studio.writes()


def test_another_labelling_config_makes_predictions_anew_in_place(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    look(project)
    annotate(project=str(project), tasks=[task], job="first")
    [before] = [dict(row) for row in label_studio.of(task)]
    label_studio.project["label_config"] = template(["bell"]).replace('frameRate="25"', 'frameRate="50"')
    assert look(project) == {"renewed": 1}  # from what was kept: nothing is decoded again
    [after] = label_studio.of(task)
    assert after["id"] == before["id"]
    assert after["result"] != before["result"]


def test_imports_found_by_the_poll_count(
    project: Project, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_RETRAIN_AFTER", "3")
    for _ in range(2):
        label_studio.add_task(None)
    look(project)
    label_studio.add_task(None)
    look(project)
    look(project)
    told = [entry.outcome for entry in history.read(project.redis, str(project)) if "poll" in entry.event]
    assert told == [
        "3 new imports: a training starts once none has come for 75 s, at the latest 30 min after the first.",
        "2 of the 3 new imports that start a training.",
    ]


def test_new_labels_renew_the_suggestions_in_place(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    open_task, labelled = label_studio.add_task(sounding_clip), label_studio.add_task(sounding_clip)
    look(project)
    annotate(project=str(project), tasks=[open_task, labelled], job="first")
    assert not [item for row in label_studio.of(open_task) for item in row["result"] if item["type"] == "choices"]
    label_studio.label(labelled, "drum")
    untouched = label_studio.row(labelled)
    assert look(project) == {"renewed": 1}
    [row] = label_studio.of(open_task)
    assert row["neighbors"] == [labelled]
    [choice] = [item for item in row["result"] if item["type"] == "choices"]
    assert choice["value"]["choices"] == ["drum"]
    assert label_studio.row(labelled) == untouched
    assert look(project) == {}


def test_what_is_gone_leaves_the_index(project: Project, label_studio: FakeLabelStudio) -> None:
    kept, gone = (label_studio.add_task(None) for _ in range(2))
    for task in (kept, gone):
        label_studio.add_prediction(task, project.version, [BOX])
    index = embed(project, label_studio, kept, gone)
    nothing = np.ones(128, np.float32)
    index.add(str(project), kept, "an old medium", "earmark-000000000001", nothing, nothing)
    del label_studio.tasks[gone]
    assert look(project) == {"gone from the index": 1}
    assert set(index.tasks(str(project), project.version)) == {kept}
    assert index.versions(str(project)) == {project.version}


def test_what_is_not_in_the_index_is_embedded_again_and_keeps_its_row(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    look(project)
    annotate(project=str(project), tasks=[task], job="first")
    [before] = [dict(row) for row in label_studio.of(task)]
    index = ClipIndex(project.index)
    index.delete(str(project))
    assert look(project) == {"queued": 1}
    annotate(project=str(project), tasks=[task], job="second")
    assert set(index.tasks(str(project), project.version)) == {task}
    assert label_studio.of(task) == [before]
    assert look(project) == {}


def test_a_project_whose_config_shows_nothing_is_left_alone(project: Project, label_studio: FakeLabelStudio) -> None:
    label_studio.add_task(None)
    label_studio.project["label_config"] = "<View/>"
    assert look(project) == {}
    [note] = project.states.notes()
    assert note.startswith("Nothing can be annotated")


def test_what_a_config_cannot_show_is_told_of_the_config_that_is_there_now(
    project: Project, label_studio: FakeLabelStudio
) -> None:
    project.states.keep_notes(["of a config before"])
    look(project)
    assert project.states.notes() == list(project.config.notes)


def test_what_people_made_of_predictions_is_kept_by_version(project: Project, label_studio: FakeLabelStudio) -> None:
    """Also of a version whose prediction was replaced while somebody had it open."""
    task = label_studio.add_task(None)
    old = label_studio.add_prediction(task, "earmark-000000000001", [{**BOX, "id": "old"}])
    new = label_studio.add_prediction(task, project.version, [{**BOX, "id": "new"}])
    look(project)
    assert [row["id"] for row in label_studio.of(task)] == [new]
    label_studio.submit_from(task, old, [{**BOX, "id": "old"}])
    assert look(project) == {"annotations compared": 1}
    [report] = Feedback(project.settings.home, str(project)).report()
    assert (report.version, report.annotations, report.unchanged) == ("earmark-000000000001", 1, 1)
    assert look(project) == {}


def test_leaves_what_the_page_shows(project: Project, label_studio: FakeLabelStudio) -> None:
    plain, labelled = label_studio.add_task(None), label_studio.add_task(None)
    label_studio.label(labelled, "bell")
    project.states.done(identity(project, label_studio, plain), finished(project))
    look(project)
    seen = summary.read(project.redis, str(project))
    assert seen is not None
    assert (seen.title, seen.tasks, seen.labelled, list(seen.acceptance)) == ("Sounds", 2, 1, [])
    assert jobs.exists(project.redis, f"samples-{project}")
