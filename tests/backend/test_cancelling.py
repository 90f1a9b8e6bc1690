"""Cancelling: a training that waits ends at once, one that runs is asked to, what serves is taken back."""

import pytest
from redis import Redis

from backend import cancelling, history, imports, jobs, queues, trainings
from backend.identity import PredictionIdentity
from backend.leases import Lease
from tests.backend.training_stages import JOB, P, begin, promote, queue


@pytest.fixture
def promoted(redis: Redis) -> list[PredictionIdentity]:
    """Three tasks that are to get the predictions of a version just promoted; the first is labelled."""
    return promote(redis)


def test_a_queued_training_is_cancelled_at_once(redis: Redis) -> None:
    training = queue(redis)
    assert trainings.queued(redis, P) == "Start Training was pressed."
    assert "Cancelled by the page" in cancelling.cancel(redis, P, "the page")
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
    cancelling.cancel(redis, P, "the page")
    [status] = trainings.past(redis, P)
    assert (status.step, status.cancelled_by) == ("train", "the page")
    assert queues.sweep(redis) == []


def test_a_running_training_is_asked_to_stop_and_no_other(redis: Redis) -> None:
    training = queue(redis)
    with Lease(redis, JOB):
        begin(redis, training)
        assert not cancelling.cancelled(redis, P, training)
        assert cancelling.cancel(redis, P, "earmark retrain --cancel") == "The training is being stopped."
        assert cancelling.cancelled(redis, P, training)
        assert not cancelling.cancelled(redis, P, "the next")


def test_without_a_training_cancelling_says_so(redis: Redis) -> None:
    assert cancelling.cancel(redis, P, "the page") == "No training is running or queued."
    begin(redis, "a").end("Done.", succeeded=True)
    assert cancelling.cancel(redis, P, "the page") == "No training is running or queued."


def test_cancelling_what_serves_already_has_a_worker_undo_it(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    assert "earmark-000000000001 will serve again" in cancelling.cancel(redis, P, "the page")
    [undo] = jobs.rq_queue(redis, "interactive").get_jobs()
    assert undo.func_name == cancelling.UNDO_JOB
    assert cancelling.cancelled_by(redis, P, "a") == "the page"


def test_cancelling_what_serves_already_leaves_the_training_behind_it(
    redis: Redis, promoted: list[PredictionIdentity]
) -> None:
    imports.note(redis, P, [7, 8])
    assert not trainings.waits_behind(redis, P)
    behind = queue(redis)
    assert trainings.waits_behind(redis, P)
    outcome = cancelling.cancel(redis, P, "the page")
    assert "earmark-000000000001 will serve again" in outcome and "behind it stays queued" in outcome
    assert cancelling.cancelled_by(redis, P, "a") == "the page"
    [waiting] = jobs.rq_queue(redis, "train").get_jobs()
    assert waiting.kwargs["training"] == behind
    trainings.end(redis, P, "Undone.", succeeded=False)
    assert cancelling.cancel(redis, P, "the page") == "Cancelled by the page while it waited for a worker."
    assert imports.waiting(redis, P).tried == 2  # what it would have learnt from waits for the next
