"""A training broken off in each of its steps goes on and does nothing twice; cancelled in any, it leaves nothing.

A process that dies is stood for by one that loses its lease at that moment: it writes nothing more, and stays on the
list. `acceptance.killed_retraining` kills real ones.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from backend import cancelling, handover, jobs, queues, trainings
from backend.leases import LeaseLost
from model import checkpoints
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs import retraining
from training_jobs.learning import FEWEST
from training_jobs.progress import TrainingProgress
from training_jobs.project import Project
from training_jobs.retraining import retrain, undo

TRIGGER = "Start Training was pressed."


@pytest.fixture
def tiny(project: Project, tiny_version: Path, label_studio: FakeLabelStudio, hums: list[Path]) -> Project:
    """The project, served by a version that trains in seconds, with enough videos; one of them is labelled."""
    project.versions.promote(str(project), project.versions.add(tiny_version))
    for path in hums:
        label_studio.add_task(path)
    label_studio.label(1, "bell")
    label_studio.add_prediction(1, project.version)
    return project


@pytest.fixture
def trained(tiny: Project, tiny_version: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the trainer's process does, in a moment: every step, and a version that passes. The requests it got."""
    requests: list[Any] = []

    def supervise(request, _path):
        requests.append(request)
        for step in ("decode", "train", "evaluate"):
            yield {"step": step, "done": 1, "total": 2}
        folder = Path(request.workdir)
        folder.mkdir(exist_ok=True)
        network = checkpoints.load(tiny_version / "avol.safetensors")
        checkpoints.save(folder / "avol.safetensors", network, {"another": "one"})
        (folder / "ave.safetensors").write_bytes((tiny_version / "ave.safetensors").read_bytes())
        card = {
            "state": "candidate",
            "gate": {"passed": True},
            "reason": "So it was measured.",
            "project": str(tiny),
        }
        (folder / "card.json").write_text(json.dumps(card))
        yield {"step": "gate", "done": 1, "total": 1}
        yield {"outcome": {"version": checkpoints.version_of(folder), "card": card}}

    monkeypatch.setattr(retraining, "_supervise", supervise)
    return requests


def take(project: Project) -> str:
    """Do what a worker does with the queued training; what its job answers."""
    queue = jobs.rq_queue(project.redis, queues.TRAIN)
    [job] = queue.get_jobs()
    queue.empty()
    return retrain(**{"minutes": 0.05, **job.kwargs})


def dying(monkeypatch: pytest.MonkeyPatch, step: str, when: int = 1) -> None:
    """Have the job die as it tells of this step for the n-th time."""
    told, report = 0, TrainingProgress.report

    def die(self: TrainingProgress, name: str, *counts: float, **about: Any) -> None:
        nonlocal told
        report(self, name, *counts, **about)
        told += name == step
        if told == when:
            raise LeaseLost("The process is dead.")

    monkeypatch.setattr(TrainingProgress, "report", die)


@pytest.mark.usefixtures("one_thread")
def test_broken_off_in_each_step_of_the_trainer_it_goes_on(
    tiny: Project, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    began, listed = [], TrainingProgress.report
    for step, when in (("collect", 1), ("fetch", 2), ("decode", 1), ("train", 1), ("evaluate", 1)):
        with monkeypatch.context() as patch:
            dying(patch, step, when)
            with pytest.raises(LeaseLost):
                take(tiny)
        began.append(step)
        assert queues.sweep(tiny.redis) == [f"retrain-{tiny}"]
        spec = jobs.find(tiny.redis, f"retrain-{tiny}")
        assert spec is not None and spec.deaths == 1  # each of them got further than the one before
    label_studio.add_task(Path("later"))  # not in the training that was begun before
    snapshots = tiny.settings.home / "training" / str(tiny) / "snapshots"
    kept = {file.name: file.stat().st_mtime for file in snapshots.iterdir()}
    assert sorted(kept) == ["ave.snapshot", "avol.snapshot"]
    steps: list[str] = []

    def note(self: TrainingProgress, name: str, *counts: float, **about: Any) -> None:
        steps.append(f"{name} {about.get('detail', '')}")
        listed(self, name, *counts, **about)

    monkeypatch.setattr(TrainingProgress, "report", note)
    take(tiny)
    assert not [step for step in steps if step.startswith("train")]  # both networks were trained already
    assert f"decode 0 new, {FEWEST + 1} decoded before" in steps
    made = [one for one in tiny.versions.list(str(tiny)) if one.card.get("project") == str(tiny)]
    assert len(made) == 1
    assert len(made[0].card["clips"]) + len(made[0].card["held_out"]) == FEWEST + 1
    assert not snapshots.exists()


@pytest.mark.parametrize("step", ["promote", "re-embed", "re-annotate"])
def test_broken_off_later_it_neither_trains_nor_promotes_twice(
    tiny: Project, trained: list[Any], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, promoted = tiny.version, []
    promote = type(tiny.versions).promote
    monkeypatch.setattr(
        type(tiny.versions), "promote", lambda self, *names: (promoted.append(names), promote(self, *names))
    )
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    with monkeypatch.context() as patch:
        dying(patch, step)
        with pytest.raises(LeaseLost):
            take(tiny)
    queues.sweep(tiny.redis)
    outcome = take(tiny)
    assert len(trained) == len(promoted) == 1
    assert outcome.startswith(f"{tiny.version} was promoted. So it was measured.")
    status = trainings.read(tiny.redis, str(tiny))
    assert status is not None
    assert (status.promoted, status.previous) == (tiny.version, before)
    tasks = [task for job in jobs.rq_queue(tiny.redis, "annotate").get_jobs() for task in job.kwargs["tasks"]]
    assert sorted(tasks) == sorted({*range(1, 18)} & set(tasks))  # each once
    assert not jobs.exists(tiny.redis, f"retrain-{tiny}")


def test_dying_between_promoting_and_noting_it_the_version_before_is_still_known(
    tiny: Project, trained: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tiny.version
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)

    def die(*_arguments: object, **_named: object) -> None:
        raise LeaseLost("The process is dead.")

    with monkeypatch.context() as patch, pytest.raises(LeaseLost):
        patch.setattr(TrainingProgress, "promoted", die)
        take(tiny)
    queues.sweep(tiny.redis)
    take(tiny)
    status = trainings.read(tiny.redis, str(tiny))
    assert status is not None
    assert len(trained) == 1
    assert (status.promoted, status.previous) == (tiny.version, before)


@pytest.mark.parametrize("step", trainings.STEPS)
def test_cancelled_in_any_step_it_stops_within_seconds_and_leaves_nothing(
    tiny: Project,
    label_studio: FakeLabelStudio,
    trained: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    before, report = tiny.version, TrainingProgress.report
    asked: list[float] = []

    def hang(self: TrainingProgress, name: str, *counts: float, **about: Any) -> None:
        report(self, name, *counts, **about)
        if name == step and not asked:
            asked.append(time.monotonic())
            assert cancelling.cancel(tiny.redis, str(tiny), "the page") == "The training is being stopped."
            time.sleep(60)  # a slow download, a silent process

    monkeypatch.setattr(TrainingProgress, "report", hang)
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    outcome = take(tiny)
    assert time.monotonic() - asked[0] < 20
    assert outcome.startswith(f"Cancelled by the page in the step {step}")
    assert tiny.version == before
    assert label_studio.writes() == []
    [status] = trainings.past(tiny.redis, str(tiny))
    assert (status.cancelled_by, status.step, status.outcome) == ("the page", step, outcome)
    assert not (tiny.settings.home / "training" / str(tiny)).exists()
    assert queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER).jobs


def test_cancelled_while_the_tasks_are_annotated_the_version_before_serves_again(
    tiny: Project, trained: list[Any]
) -> None:
    before = tiny.version
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    take(tiny)
    made = tiny.version
    assert made != before
    handover.look(tiny.redis)
    assert f"{before} will serve again" in cancelling.cancel(tiny.redis, str(tiny), "the page")
    outcome = undo(project=str(tiny), job=f"undo-{tiny}")
    assert outcome == (
        f"Cancelled by the page in the step re-embed: {made} served for a moment, and {before} serves again."
    )
    assert tiny.version == before
    assert jobs.exists(tiny.redis, f"reconcile-{tiny}")
    handover.look(tiny.redis)
    assert [one.outcome for one in trainings.past(tiny.redis, str(tiny))] == [outcome]


def test_one_withdrawn_as_a_worker_took_it_does_not_begin(tiny: Project, trained: list[Any]) -> None:
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    queue = jobs.rq_queue(tiny.redis, queues.TRAIN)
    [job] = queue.get_jobs()
    cancelling.cancel(tiny.redis, str(tiny), "the page")
    assert "cancelled while it waited" in retrain(**job.kwargs)
    assert trained == []


def test_rolling_back_after_a_cancelled_training_goes_to_the_version_before_it(
    tiny: Project, trained: list[Any]
) -> None:
    line = [tiny.versions.base(), tiny.version]
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    take(tiny)
    cancelling.cancel(tiny.redis, str(tiny), "the page")
    undo(project=str(tiny), job=f"undo-{tiny}")
    assert tiny.version == line[1]
    assert tiny.versions.rollback(str(tiny)) == line[0]


def test_the_next_training_begins_from_what_serves_once_the_cancelled_one_is_undone(
    tiny: Project, trained: list[Any]
) -> None:
    before = tiny.version
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    take(tiny)
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    cancelling.cancel(tiny.redis, str(tiny), "the page")  # and no worker has come to undo it
    take(tiny)
    assert trained[1].weights == str(tiny.versions.path(before).resolve())
    assert "serves again" in trainings.past(tiny.redis, str(tiny))[0].outcome
    assert undo(project=str(tiny), job=f"undo-{tiny}") == "There is nothing to undo."


@pytest.mark.parametrize("chosen", ["promote", "rollback"])
def test_what_a_person_chose_during_the_training_stays(
    tiny: Project, trained: list[Any], tiny_version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    compared, report = tiny.version, TrainingProgress.report
    checkpoints.save(tmp_path / "avol.safetensors", checkpoints.load(tiny_version / "avol.safetensors"), {"x": "y"})
    (tmp_path / "ave.safetensors").write_bytes((tiny_version / "ave.safetensors").read_bytes())
    (tmp_path / "card.json").write_text("{}")
    other = tiny.versions.add(tmp_path)

    def choose(self: TrainingProgress, name: str, *counts: float, **about: Any) -> None:
        report(self, name, *counts, **about)
        if name == "evaluate" and chosen == "promote":
            tiny.versions.promote(str(tiny), other)
        elif name == "evaluate":
            tiny.versions.rollback(str(tiny))

    monkeypatch.setattr(TrainingProgress, "report", choose)
    queues.enqueue_retrain(tiny.redis, str(tiny), TRIGGER)
    outcome = take(tiny)
    serves = other if chosen == "promote" else tiny.versions.base()
    assert tiny.version == serves
    [made] = [one for one in tiny.versions.states(str(tiny)) if one.name in outcome and one.state == "candidate"]
    assert outcome == f"{made.name} is kept but not served. {made.reason}"
    assert serves in made.reason and compared in made.reason and "versions promote" in made.reason
    assert trainings.read(tiny.redis, str(tiny)).outcome == outcome
    assert not queues.waiting(tiny.redis, "annotate")
