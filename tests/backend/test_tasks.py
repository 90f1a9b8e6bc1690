"""Task states and claims, in a real Redis."""

import threading
from dataclasses import replace

import pytest

from backend.identity import PredictionIdentity
from backend.tasks import DONE, FAILED, KEPT, PROCESSING, QUEUED, TaskStates

ONE = PredictionIdentity(1, "media", "config", "earmark-0123456789ab")
TWO = replace(ONE, task=2)
NEWER = replace(ONE, version="earmark-ba9876543210")
PREDICTION = {"result": [{"id": "a"}], "score": 0.5, "model_version": ONE.version}


@pytest.fixture
def states(redis) -> TaskStates:
    return TaskStates(redis, "p")


def test_a_prediction_goes_through_its_states(states):
    assert states.get(ONE) is None
    states.queued([ONE, TWO], "job")
    assert [(record.state, record.job) for record in states.get_many([ONE, TWO])] == [(QUEUED, "job")] * 2
    states.processing(ONE, "job")
    assert states.get(ONE).state == PROCESSING
    states.done(ONE, PREDICTION, "why it is empty")
    record = states.get(ONE)
    assert (record.state, record.prediction, record.reason, record.job) == (DONE, PREDICTION, "why it is empty", None)
    states.failed(TWO, "no sound")
    assert states.get(TWO).reason == "no sound"
    assert states.failures() == {2: "no sound"}
    assert states.counts() == {QUEUED: 0, PROCESSING: 0, DONE: 1, FAILED: 1}


def test_a_task_without_media_keeps_its_reason(states):
    assert states.refused(2, "the task has no address in $video")
    assert not states.refused(2, "the task has no address in $video")  # said once
    assert states.failures() == {2: "the task has no address in $video"}


def test_an_empty_prediction_keeps_its_reason(states):
    states.done(ONE, PREDICTION, "silent throughout")
    assert states.empty() == {ONE.task: "silent throughout"}


def test_another_version_has_a_record_of_its_own(states):
    states.done(ONE, PREDICTION)
    states.queued([NEWER], "job")
    assert states.get(ONE).state == DONE
    assert states.get(NEWER).state == QUEUED
    assert states.counts()[QUEUED] == 1 and states.counts()[DONE] == 0  # the latest of each task


def test_projects_do_not_see_each_other(states, redis):
    states.done(ONE, PREDICTION)
    assert TaskStates(redis, "q").get(ONE) is None


def test_forgotten_tasks_leave_nothing(states, redis):
    states.done(ONE, PREDICTION)
    states.queued([NEWER, TWO], "job")
    assert states.claim(ONE, "someone")
    states.forget([1, 99])
    assert states.get(ONE) is None and states.get(NEWER) is None
    assert states.claimed(ONE) is None
    assert states.get(TWO) is not None
    assert not [key for key in redis.keys("*") if b":1" in key]


def test_one_claims_and_a_job_run_again_keeps_its_claim(states):
    assert states.claim(ONE, "job")
    assert not states.claim(ONE, "predict")
    assert states.claim(ONE, "job")
    assert states.claimed(ONE).owner == "job"
    states.release(ONE)
    assert states.claimed(ONE) is None
    assert states.claim(ONE, "predict")


def test_of_many_at_once_exactly_one_claims(states):
    won: list[int] = []
    barrier = threading.Barrier(16)

    def claim(number: int) -> None:
        barrier.wait()
        if states.claim(ONE, f"predict-{number}"):
            won.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_abandoned_job_fails_what_it_was_at_and_forgets_what_waited(states):
    states.queued([ONE, TWO], "dead")
    states.processing(ONE, "dead")
    three = replace(ONE, task=3)
    states.queued([three], "alive")
    states.abandon([1, 2, 3], "dead", "The process died.")
    assert (states.get(ONE).state, states.get(ONE).reason) == (FAILED, "The process died.")
    assert states.get(TWO) is None
    assert states.get(three).state == QUEUED
    assert states.counts() == {QUEUED: 1, PROCESSING: 0, DONE: 0, FAILED: 1}


def test_everything_expires(states, redis):
    states.done(ONE, PREDICTION)
    states.claim(ONE, "job")
    keys = redis.keys("*")
    assert len(keys) == 3
    assert all(0 < redis.ttl(key) <= KEPT for key in keys)
