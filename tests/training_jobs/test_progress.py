"""Progress: what the page and the command read of a training."""

import pytest
from redis import Redis

from backend.trainings import STEPS, read
from training_jobs.progress import TrainingProgress

PROJECT = "0123abcd-1-1767323045"


def test_a_training_can_be_followed_from_its_trigger_to_its_outcome(redis: Redis) -> None:
    assert read(redis, PROJECT) is None
    progress = TrainingProgress(redis, PROJECT)
    progress.begin("retrain", "Somebody asked.")
    for step in STEPS:
        progress.report(step, 1, 2, seconds_left=3.0, detail="under way")
        status = read(redis, PROJECT)
        assert status is not None
        assert (status.step, status.done, status.total, status.seconds_left) == (step, 1, 2, 3.0)
    progress.end("Done.", succeeded=True)
    status = read(redis, PROJECT)
    assert status is not None
    assert (status.trigger, status.outcome, status.succeeded) == ("Somebody asked.", "Done.", True)


def test_a_broken_off_training_goes_on_and_an_ended_one_starts_over(redis: Redis) -> None:
    progress = TrainingProgress(redis, PROJECT)
    progress.begin("retrain", "First.")
    progress.promoted("earmark-000000000001")
    assert progress.begin("retrain", "First.").promoted == "earmark-000000000001"
    progress.end("Done.", succeeded=True)
    again = progress.begin("retrain", "Second.")
    assert (again.promoted, again.outcome, again.trigger) == ("", "", "Second.")


def test_an_unknown_step_is_a_mistake(redis: Redis) -> None:
    with pytest.raises(ValueError, match="step = 'dream'"):
        TrainingProgress(redis, PROJECT).report("dream")
