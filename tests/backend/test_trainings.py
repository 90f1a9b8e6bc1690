"""Trainings: what is read of a running one and of those that ended."""

from redis import Redis

from backend import trainings
from tests.backend.training_stages import P, begin


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
