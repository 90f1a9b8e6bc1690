"""Handing over: tasks are followed until they carry the new version's predictions, or nobody will give them one."""

import pytest
from redis import Redis

from backend import handover, trainings
from backend.identity import PredictionIdentity
from backend.tasks import TaskStates
from tests.backend.training_stages import P, begin, promote


@pytest.fixture
def promoted(redis: Redis) -> list[PredictionIdentity]:
    """Three tasks that are to get the predictions of a version just promoted; the first is labelled."""
    return promote(redis)


def test_tasks_are_followed_until_each_has_its_prediction(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    states, seen = TaskStates(redis, P), []

    def look() -> None:
        handover.look(redis)
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
    monkeypatch.setattr(handover, "LEFT_SECONDS", -1.0)
    handover.look(redis)
    [status] = trainings.past(redis, P)
    assert status.outcome.endswith("0 of 2 tasks carry its predictions, 2 changed meanwhile.")


def test_the_next_training_ends_the_following(redis: Redis, promoted: list[PredictionIdentity]) -> None:
    handover.look(redis)
    begin(redis, "b")
    [status] = trainings.past(redis, P)
    assert status.succeeded and status.outcome.endswith("when the next training began.")
    handover.look(redis)
    status = trainings.read(redis, P)
    assert status is not None
    assert (status.training, status.step) == ("b", "collect")
