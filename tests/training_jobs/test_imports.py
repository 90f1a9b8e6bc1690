"""Imports: each is counted once, told of or not, and not after it was learnt from."""

from backend import imports
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.imports import Imports
from training_jobs.project import Project


def counted(project: Project) -> int:
    """Imports since the last training."""
    return imports.waiting(project.redis, str(project)).count


def test_told_by_hook_and_found_by_poll_counts_once(project: Project, label_studio: FakeLabelStudio) -> None:
    rows = [label_studio.row(label_studio.add_task(None)) for _ in range(3)]
    imports.note(project.redis, str(project), [rows[0]["id"]])
    assert Imports(project).count(rows) == 2  # that no hook told of
    assert Imports(project).count(rows) == 0
    assert counted(project) == 3


def test_what_a_training_has_in_does_not_start_the_next(project: Project, label_studio: FakeLabelStudio) -> None:
    rows = [label_studio.row(label_studio.add_task(None)) for _ in range(3)]
    Imports(project).count(rows[:1])
    Imports(project).take(rows, "a")
    imports.settle(project.redis, str(project), "a", learnt=True)
    assert counted(project) == 0
    assert Imports(project).count(rows) == 0
    later = label_studio.row(label_studio.add_task(None))
    assert Imports(project).count([*rows, later]) == 1


def test_what_a_training_did_not_learn_from_counts_again(project: Project, label_studio: FakeLabelStudio) -> None:
    rows = [label_studio.row(label_studio.add_task(None)) for _ in range(3)]
    rows.append(label_studio.row(label_studio.add_task(None, "bell")))  # nothing a training would learn from
    Imports(project).take(rows, "a")
    imports.settle(project.redis, str(project), "a", learnt=False)
    waiting = imports.waiting(project.redis, str(project))
    assert (waiting.count, waiting.tried) == (3, 3)
    assert Imports(project).count(rows) == 0


def test_a_task_id_used_again_is_another_import(project: Project, label_studio: FakeLabelStudio) -> None:
    row = label_studio.row(label_studio.add_task(None))
    Imports(project).take([row], "a")
    imports.settle(project.redis, str(project), "a", learnt=True)
    assert Imports(project).count([row]) == 0
    assert Imports(project).count([{**row, "created_at": "2026-05-05T00:00:00Z"}]) == 1
