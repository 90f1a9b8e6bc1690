"""Trainings: what is read of a running one, a queued one and those that ended, and how each is cancelled."""

import pytest
from redis import Redis

from backend import history, imports, jobs, queues, trainings
from backend.identity import PredictionIdentity
from backend.leases import Lease
from backend.tasks import TaskStates
from training_jobs.progress import TrainingProgress

P = "0123abcd-1-1767323045"
JOB = f"retrain-{P}"


def queue(redis: Redis) -> str:
    """Queue a training; its name."""
    queues.enqueue_retrain(redis, P, "Start Training was pressed.")
    spec = jobs.find(redis, JOB)
    assert spec is not None
    return str(spec.kwargs["training"])


def begin(redis: Redis, training: str) -> TrainingProgress:
    """What its job does first."""
    progress = TrainingProgress(redis, P)
    progress.begin(JOB, "Start Training was pressed.", training)
    return progress


def test_ended_trainings_are_kept_newest_first_and_bounded(redis: Redis) -> None:
    for number in range(trainings.PAST + 3):
        begin(redis, str(number)).end(f"Outcome {number}.", succeeded=True)
    found = trainings.past(redis, P)
    assert [one.training for one in found[:2]] == ["52", "51"]
    assert len(found) == trainings.PAST
    assert found[0] == trainings.read(redis, P)
    assert trainings.past(redis, "another-1-1") == []


def test_an_end_is_told_once(redis: Redis) -> None:
    progress = begin(redis, "a")
    progress.end("First.", succeeded=True)
    progress.end("Second.", succeeded=False)
    assert [one.outcome for one in trainings.past(redis, P)] == ["First."]


def test_every_step_a_training_went_through_is_told_with_its_time(redis: Redis) -> None:
    progress = begin(redis, "a")
    for step in ("collect", "fetch", "fetch", "decode"):
        progress.report(step, 1, 2)
    progress.end("Done.", succeeded=True)
    status = trainings.read(redis, P)
    assert status is not None
    assert list(status.spent) == ["collect", "fetch", "decode"]


def test_a_queued_training_is_cancelled_at_once(redis: Redis) -> None:
    training = queue(redis)
    assert trainings.queued(redis, P) == "Start Training was pressed."
    assert "Cancelled by the page" in trainings.cancel(redis, P, "the page")
    assert jobs.waiting(redis, "train") == 0
    assert not jobs.exists(redis, JOB)
    assert trainings.queued(redis, P) is None
    status = trainings.read(redis, P)
    assert status is not None
    assert (status.training, status.cancelled_by) == (training, "the page")
    assert trainings.past(redis, P) == [status]
    assert history.read(redis, P)[0].event == "cancel"
    assert queues.enqueue_retrain(redis, P, "Again.").jobs


def test_one_whose_worker_died_is_cancelled_at_once(redis: Redis) -> None:
    training = queue(redis)
    jobs.rq_queue(redis, "train").empty()  # a worker took it, began, and died
    begin(redis, training).report("train", 1, 2)
    trainings.cancel(redis, P, "the page")
    [status] = trainings.past(redis, P)
    assert (status.step, status.cancelled_by) == ("train", "the page")
    assert queues.sweep(redis) == []


def test_a_running_training_is_asked_to_stop_and_no_other(redis: Redis) -> None:
    training = queue(redis)
    with Lease(redis, JOB):
        progress = begin(redis, training)
        assert not trainings.cancelled(redis, P, training)
        assert trainings.cancel(redis, P, "earmark retrain --cancel") == "The training is being stopped."
        assert trainings.cancelled(redis, P, training)
        assert not trainings.cancelled(redis, P, "the next")
        progress.end("Cancelled.", succeeded=False)
        assert not trainings.cancelled(redis, P, training)


def test_without_a_training_cancelling_says_so(redis: Redis) -> None:
    assert trainings.cancel(redis, P, "the page") == "No training is running or queued."
    begin(redis, "a").end("Done.", succeeded=True)
    assert trainings.cancel(redis, P, "the page") == "No training is running or queued."


@pytest.fixture
def promoted(redis: Redis) -> list[PredictionIdentity]:
    """Three tasks that are to get the predictions of a version just promoted; the first is labelled."""
    tasks = [PredictionIdentity(number, "media", "config", "earmark-000000000002") for number in (1, 2, 3)]
    progress = begin(redis, "a")
    progress.promoted("earmark-000000000002", previous="earmark-000000000001", verdict="No worse.")
    queues.enqueue_annotate(redis, P, tasks)
    trainings.follow(redis, P, tasks[:1], tasks[1:])
    return tasks


def test_tasks_are_followed_until_each_has_its_prediction(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    states, seen = TaskStates(redis, P), []

    def look() -> None:
        trainings.look(redis)
        status = trainings.read(redis, P)
        assert status is not None
        seen.append((status.step, status.done, status.total, bool(status.outcome)))

    look()
    states.done(promoted[0], {"result": []})
    look()
    states.done(promoted[1], {"result": []})
    look()  # kept, and not in Label Studio yet
    states.claim(promoted[1], "a job")
    look()
    states.failed(promoted[2], "No sound.")
    look()
    assert seen == [
        ("re-embed", 0, 1, False),
        ("re-annotate", 0, 2, False),
        ("re-annotate", 0, 2, False),
        ("re-annotate", 1, 2, False),
        ("re-annotate", 2, 2, True),
    ]
    expected = "earmark-000000000002 was promoted. No worse. 1 of 2 tasks carry its predictions, 1 failed."
    assert [one.outcome for one in trainings.past(redis, P)] == [expected]
    look()
    assert len(trainings.past(redis, P)) == 1


def test_tasks_that_nobody_does_any_more_are_not_waited_for(
    redis: Redis, promoted: list[PredictionIdentity], monkeypatch: pytest.MonkeyPatch
) -> None:
    TaskStates(redis, P).forget([1, 2])
    redis.delete("earmark:jobs")  # another version serves since: what was queued for this one is over
    monkeypatch.setattr(trainings, "LEFT_SECONDS", -1.0)
    trainings.look(redis)
    [status] = trainings.past(redis, P)
    assert status.outcome.endswith("0 of 2 tasks carry its predictions, 2 changed meanwhile.")


def test_the_next_training_ends_the_following(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    trainings.look(redis)
    begin(redis, "b")
    [status] = trainings.past(redis, P)
    assert status.succeeded and status.outcome.endswith("when the next training began.")
    trainings.look(redis)
    status = trainings.read(redis, P)
    assert status is not None
    assert (status.training, status.step) == ("b", "collect")


def test_cancelling_what_serves_already_has_a_worker_undo_it(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    assert "earmark-000000000001 will serve again" in trainings.cancel(redis, P, "the page")
    [undo] = jobs.rq_queue(redis, "interactive").get_jobs()
    assert undo.func_name == trainings.UNDO_JOB
    assert trainings.cancelled_by(redis, P, "a") == "the page"


def test_cancelling_what_serves_already_leaves_the_training_behind_it(
    redis: Redis, promoted: list[PredictionIdentity]
) -> None:
    imports.note(redis, P, [7, 8])
    assert not trainings.waits_behind(redis, P)
    behind = queue(redis)
    assert trainings.waits_behind(redis, P)
    outcome = trainings.cancel(redis, P, "the page")
    assert "earmark-000000000001 will serve again" in outcome and "behind it stays queued" in outcome
    assert trainings.cancelled_by(redis, P, "a") == "the page"
    [waiting] = jobs.rq_queue(redis, "train").get_jobs()
    assert waiting.kwargs["training"] == behind
    trainings.end(redis, P, "Undone.", succeeded=False)
    assert trainings.cancel(redis, P, "the page") == "Cancelled by the page while it waited for a worker."
    assert imports.waiting(redis, P).tried == 2  # what it would have learnt from waits for the next
