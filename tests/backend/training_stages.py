"""Trainings at their stages: queued, begun, and with a version that serves already."""

from redis import Redis

from backend import handover, jobs, queues
from backend.identity import PredictionIdentity
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


def promote(redis: Redis) -> list[PredictionIdentity]:
    """Three tasks that are to get the predictions of a version just promoted; the first is labelled."""
    tasks = [PredictionIdentity(number, "media", "config", "earmark-000000000002") for number in (1, 2, 3)]
    progress = begin(redis, "a")
    progress.promoted("earmark-000000000002", previous="earmark-000000000001", verdict="No worse.")
    queues.enqueue_annotate(redis, P, tasks)
    handover.follow(redis, P, "a", tasks[:1], tasks[1:])
    return tasks
