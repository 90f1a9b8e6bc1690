"""Triggers: what was imported starts one training, once it is through."""

import threading

import pytest

from backend import cancelling, history, imports, jobs, queues, triggers
from backend.leases import Lease
from training_jobs.progress import TrainingProgress


class Clock:
    """Time as the triggers see it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("backend.triggers.time", clock)
    monkeypatch.setattr("backend.imports.time", clock)
    return clock


@pytest.fixture
def few(settings):
    """Settings by which three imports start a training, after 75 s of quiet or 30 minutes."""
    return settings.model_copy(update={"retrain_after": 3})


def test_quiet_is_longer_than_two_polls_unless_set(settings):
    assert settings.quiet > 2 * settings.poll_seconds
    assert settings.model_copy(update={"retrain_quiet": 4.0}).quiet == 4


def test_an_import_in_batches_starts_one_training_once_it_is_through(redis, few, clock):
    started = []
    for batch in range(3):
        imports.note(redis, "p", range(20 * batch, 20 * batch + 20))
        for _ in range(10):  # 50 s to the next batch: less than the quiet time
            clock.now += 5
            started += triggers.look(redis, "p", few)
    assert not started
    for _ in range(10):
        clock.now += 5
        started += triggers.look(redis, "p", few)
    assert started == ["retrain-p"]
    assert history.read(redis, "p")[0].outcome == "Training queued: 60 new imports since the last training."
    assert imports.waiting(redis, "p").count == 0


def test_an_import_that_never_ends_trains_all_the_same(redis, few, clock):
    began = clock.now
    number = 0
    while not (started := triggers.look(redis, "p", few)):
        imports.note(redis, "p", [number := number + 1])
        clock.now += 5
        assert clock.now - began < 2 * few.retrain_longest
    assert started and clock.now - began == pytest.approx(few.retrain_longest, abs=10)


def test_too_few_start_nothing_however_long_it_is_quiet(redis, few, clock):
    imports.note(redis, "p", [1, 2])
    clock.now += 10 * few.retrain_longest
    assert triggers.look(redis, "p", few) == []
    assert triggers.say(redis, "p", few) == "2 of the 3 new imports that start a training."


def test_imports_during_a_training_start_the_next_after_it(redis, few, clock):
    queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    imports.note(redis, "p", range(5))
    assert triggers.say(redis, "p", few).startswith("A training is queued already")
    clock.now += 100
    with Lease(redis, "retrain-p"):
        assert triggers.look(redis, "p", few) == []
        assert triggers.say(redis, "p", few).startswith("A training is running; 5 new imports")
    assert triggers.look(redis, "p", few) == ["retrain-p"]


def end_without_a_version(redis) -> None:
    """What becomes of the queued training: it begins, and is refused."""
    spec = jobs.find(redis, "retrain-p")
    progress = TrainingProgress(redis, "p")
    progress.begin("retrain-p", "", str(spec.kwargs["training"]))
    progress.end("Not trained: too few.", succeeded=False)
    jobs.withdraw(redis, "retrain-p")


@pytest.mark.parametrize("end", [end_without_a_version, lambda redis: cancelling.cancel(redis, "p", "the page")])
def test_imports_nothing_was_learnt_from_count_again_once_another_comes(redis, few, clock, end):
    imports.note(redis, "p", range(3))
    clock.now += 100
    assert triggers.look(redis, "p", few) == ["retrain-p"]
    end(redis)
    for _ in range(20):  # an hour without an import, without another try
        clock.now += 180
        assert triggers.look(redis, "p", few) == []
    assert "the next import starts another" in triggers.say(redis, "p", few)
    imports.note(redis, "p", [*range(3), 3])
    assert triggers.look(redis, "p", few) == []  # more may come
    clock.now += 100
    assert triggers.look(redis, "p", few) == ["retrain-p"]
    outcome = "Training queued: 1 new import, and 3 that have been in a training which made no version."
    assert history.read(redis, "p")[0].outcome == outcome
    assert imports.waiting(redis, "p").count == 0


def test_too_few_and_a_few_more_are_enough(redis, few, clock):
    imports.note(redis, "p", [1, 2])
    queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    end_without_a_version(redis)
    assert triggers.say(redis, "p", few) == "2 of the 3 new imports that start a training."
    imports.note(redis, "p", [3])
    clock.now += 100
    assert triggers.look(redis, "p", few) == ["retrain-p"]


def test_the_schedule_does_not_try_the_same_again(redis, settings, clock):
    daily = settings.model_copy(update={"retrain_every": 24.0})
    triggers.look(redis, "p", daily)
    imports.note(redis, "p", [1])
    queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    end_without_a_version(redis)
    redis.delete("earmark:p:schedule:due")
    clock.now += 24 * 3600
    assert triggers.look(redis, "p", daily) == []
    assert history.read(redis, "p")[0].outcome.startswith("Nothing new to learn from")


def test_replicas_that_look_at_once_start_one(redis, few, clock):
    imports.note(redis, "p", range(5))
    clock.now += 100
    barrier, started = threading.Barrier(4), []

    def look() -> None:
        barrier.wait()
        started.extend(triggers.look(redis, "p", few))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started == ["retrain-p"]


def test_the_schedule_trains_on_what_is_new_and_says_where_nothing_is(redis, settings, clock):
    daily = settings.model_copy(update={"retrain_every": 24.0})
    assert triggers.look(redis, "p", daily) == []  # the first look starts the clock
    assert 0 < redis.pttl("earmark:p:schedule:due") <= 24 * 3600 * 1000
    redis.delete("earmark:p:schedule:due")  # a day has passed
    assert triggers.look(redis, "p", daily) == []
    assert history.read(redis, "p")[0].outcome.startswith("Nothing new to learn from")
    imports.note(redis, "p", [1])
    assert triggers.look(redis, "p", daily) == []
    redis.delete("earmark:p:schedule:due")
    assert triggers.look(redis, "p", daily) == []  # an import may still be under way
    clock.now += 100
    assert triggers.look(redis, "p", daily) == ["retrain-p"]
    assert history.read(redis, "p")[0].outcome == "Training queued: The schedule (every 24 h): 1 new import."


def test_without_a_schedule_none_is_kept(redis, settings):
    triggers.look(redis, "p", settings)
    assert not redis.keys("earmark:p:schedule*")
