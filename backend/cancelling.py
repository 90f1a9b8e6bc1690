"""Cancelling: a person's wish that a training ends, what is done of it at once, and what a worker does."""

import json
import time

from redis import Redis

from backend import history, jobs, trainings
from backend.trainings import Status

UNDO_JOB = "training_jobs.retraining.undo"  # (*, project: str, job: str)
UNDO_TIMEOUT = 900.0
_KEPT = 24 * 3600  # seconds that a wish waits to be heard


def cancel(redis: Redis, project: str, by: str) -> str:
    """Have the running or queued training of a project stopped; one sentence of what happens.

    Until its version serves, nothing of it is left. After that the version before serves again, and the tasks that
    already carry the new predictions get the former ones back.

    Args:
        by: who wants it, for the status and the history.
    """
    outcome = _cancel_now(redis, project, by)
    history.note(redis, project, "cancel", f"{by}: {outcome}")
    return outcome


def _cancel_now(redis: Redis, project: str, by: str) -> str:
    job, status = trainings.job_name(project), trainings.read(redis, project)
    if status is None or status.outcome:
        return _cancel_queued(redis, project, by)
    others = trainings.waits_behind(redis, project)  # another training, which is none of this one's business
    asked = json.dumps({"training": status.training, "by": by})
    if not others and not jobs.withdraw(redis, job) and jobs.running(redis, job):
        redis.set(_wish(project), asked, ex=_KEPT)
        return "The training is being stopped."
    if not status.promoted:
        outcome = f"Cancelled by {by} while it waited for a worker."
        trainings.end(redis, project, outcome, succeeded=False, cancelled_by=by)
        return outcome
    redis.set(_wish(project), asked, ex=_KEPT)
    undo(redis, project)
    outcome = f"{status.previous} will serve again, and the tasks get its predictions back."
    return f"{outcome} The training that waits behind it stays queued." if others else outcome


def _cancel_queued(redis: Redis, project: str, by: str) -> str:
    """Take the training that waits for a worker out of its queue."""
    job = trainings.job_name(project)
    spec = jobs.withdraw(redis, job)
    if spec is None:
        if not jobs.running(redis, job):
            return "No training is running or queued."
        return "The training is just beginning: try again in a moment."
    now, outcome = time.time(), f"Cancelled by {by} while it waited for a worker."
    never = Status(
        job=job,
        trigger=str(spec.kwargs.get("trigger", "")),
        training=trainings.training_of(spec),
        started=now,
        updated=now,
        detail="never begun",
        outcome=outcome,
        cancelled_by=by,
    )
    trainings.never_began(redis, project, never)
    return outcome


def undo(redis: Redis, project: str) -> None:
    """Have a worker let the version before serve again, where the one that serves was cancelled."""
    kwargs: dict[str, object] = {"project": project}
    jobs.enqueue(redis, jobs.INTERACTIVE, UNDO_JOB, job=f"undo-{project}", timeout=UNDO_TIMEOUT, kwargs=kwargs)


def cancelled(redis: Redis, project: str, training: str) -> bool:
    """Whether somebody wants this training stopped."""
    return cancelled_by(redis, project, training) is not None


def cancelled_by(redis: Redis, project: str, training: str) -> str | None:
    """Who wants this training stopped; None while nobody does."""
    text = redis.get(_wish(project))
    wish = json.loads(text) if text else {}
    return str(wish["by"]) if wish.get("training") == training else None


def _wish(project: str) -> str:
    return f"earmark:{project}:training:cancel"
