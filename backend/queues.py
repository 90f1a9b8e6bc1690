"""Queues: how work reaches the workers."""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from redis import Redis

from backend import history, imports, jobs, leases, relabelled, trainings
from backend.identity import PredictionIdentity
from backend.jobs import ANNOTATE, INTERACTIVE, MAX_TRIES, TRAIN, Spec, awaited, enqueue, exists, waiting, workers
from backend.tasks import DONE, FAILED, TaskStates

__all__ = ["ANNOTATE", "INTERACTIVE", "MAX_TRIES", "TRAIN", "awaited", "enqueue", "exists", "waiting", "workers"]

BATCH = 16  # tasks in one annotate job: the model is loaded once for them

ANNOTATE_TIMEOUT = 3600.0  # seconds a batch may take: minutes of video on a slow machine, and no forever
RETRAIN_TIMEOUT = 24 * 3600.0
RECONCILE_TIMEOUT = 900.0

ANNOTATE_JOB = "training_jobs.annotating.annotate"  # (*, project: str, tasks: list[int], job: str)
RETRAIN_JOB = "training_jobs.retraining.retrain"  # (*, project, trigger, training, job: str, minutes: float = ...)
RECONCILE_JOB = "training_jobs.reconciling.reconcile"  # (*, project: str, job: str)
RENEW_JOB = "training_jobs.renewing.renew"  # (*, project: str, job: str)


@dataclass(frozen=True)
class Enqueued:
    """What a request for work led to."""

    jobs: tuple[str, ...] = ()
    """Names of the jobs queued; empty when none was."""
    tasks: tuple[int, ...] = ()
    """Tasks in them."""
    reason: str = ""
    """One sentence: what was queued, or why nothing was."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Tasks not queued, by the state that made it needless."""


def enqueue_annotate(
    redis: Redis,
    project: str,
    identities: Iterable[PredictionIdentity],
    *,
    queue: str = ANNOTATE,
) -> Enqueued:
    """Queue these tasks in batches of BATCH and mark them queued.

    Skipped are those done, failed, or queued or processing under a job that still exists.
    """
    identities = list(dict.fromkeys(identities))
    # Label Studio asks twice at once when a task is opened: looking and marking must not interleave.
    with redis.lock(f"earmark:{project}:enqueue", timeout=30, blocking_timeout=10):
        return _enqueue_annotate(redis, project, identities, queue)


def hand_back(redis: Redis, project: str, identities: Iterable[PredictionIdentity], job: str) -> Enqueued:
    """Queue what is left of the annotate job `job`, which ends early, before everything else there is to annotate."""
    with redis.lock(f"earmark:{project}:enqueue", timeout=30, blocking_timeout=10):
        return _enqueue_annotate(redis, project, list(identities), ANNOTATE, giver=job)


def retry(redis: Redis, project: str, tasks: Iterable[int]) -> Enqueued:
    """Have failed tasks tried again by the next look at the project, which this queues; only those that failed."""
    failed = sorted(set(tasks) & set(TaskStates(redis, project).failures()))
    if not failed:
        return Enqueued(reason="None of these tasks has failed.")
    TaskStates(redis, project).forget(failed)
    queued = enqueue_reconcile(redis, project)
    outcome = f"{_count(len(failed), 'failed task')} will be tried again."
    history.note(redis, project, "retry", outcome)
    return Enqueued(queued.jobs, tuple(failed), outcome)


def enqueue_retrain(redis: Redis, project: str, trigger: str, *, minutes: float | None = None) -> Enqueued:
    """Queue a training of `project` because of `trigger` (one sentence); at most one is queued or running.

    `minutes` is its budget, where it is not to be the one of the worker's settings.
    """
    job, training = trainings.job_name(project), secrets.token_hex(6)
    kwargs: dict[str, object] = {"project": project, "trigger": trigger, "training": training}
    if minutes is not None:
        kwargs["minutes"] = minutes
    if not enqueue(redis, TRAIN, RETRAIN_JOB, job=job, timeout=RETRAIN_TIMEOUT, kwargs=kwargs):
        return Enqueued(reason="A training of this project is already queued or running.")
    imports.take(redis, project, training)
    return Enqueued((job,), reason=f"Training queued: {trigger}")


def enqueue_reconcile(redis: Redis, project: str) -> Enqueued:
    """Queue a look at everything of `project`, behind all that people wait for; at most one is queued or running."""
    job = f"{jobs.LOOK}{project}"
    if not enqueue(redis, INTERACTIVE, RECONCILE_JOB, job=job, timeout=RECONCILE_TIMEOUT, kwargs={"project": project}):
        return Enqueued(reason="The project is already being looked through.")
    return Enqueued((job,), reason="The project will be looked through.")


def enqueue_renew(redis: Redis, project: str, tasks: Iterable[int]) -> Enqueued:
    """Have the suggestions of `project` looked at, since people changed the annotations of `tasks`.

    At most one look is queued or running; one that runs takes up what is noted meanwhile.
    """
    tasks = list(tasks)
    relabelled.note(redis, project, tasks)
    job = f"renew-{project}"
    if not enqueue(redis, INTERACTIVE, RENEW_JOB, job=job, timeout=RECONCILE_TIMEOUT, kwargs={"project": project}):
        return Enqueued(reason="Its suggestions are already being looked at.")
    return Enqueued((job,), tuple(tasks), "Its suggestions will be looked at.")


def sweep(redis: Redis) -> list[str]:
    """Queue again the jobs whose process died (see `jobs.sweep`); their names. Cheap: every worker calls it often.

    Of a job that is given up, the task it was at is failed, or the training ended, with the reason.
    """
    again, given_up = jobs.sweep(redis)
    for one in given_up:
        project, tasks = str(one.spec.kwargs.get("project")), one.spec.kwargs.get("tasks")
        if isinstance(tasks, list):
            TaskStates(redis, project).abandon(tasks, one.job, one.reason)
        if one.job == trainings.job_name(project):
            trainings.end(redis, project, one.reason, succeeded=False)
            # One that never began has no status to end.
            imports.settle(redis, project, str(one.spec.kwargs.get("training", "")), learnt=False)
        history.note(redis, project, one.job, one.reason)
    return again


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _enqueue_annotate(
    redis: Redis, project: str, identities: list[PredictionIdentity], queue: str, giver: str = ""
) -> Enqueued:
    states = TaskStates(redis, project)
    listed = {jobs.as_text(name) for name in redis.hkeys(leases.JOBS)} - {giver}
    wanted, skipped = [], Counter[str]()
    for identity, record in zip(identities, states.get_many(identities), strict=True):
        needless = record is not None and (
            record.state in (DONE, FAILED) or (record.job is not None and record.job in listed)
        )
        if record is not None and needless:
            skipped[record.state] += 1
        else:
            wanted.append(identity)
    made: dict[str, Spec] = {}
    with redis.pipeline() as pipe:
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            job = f"annotate-{project}-{secrets.token_hex(6)}"
            kwargs: dict[str, object] = {"project": project, "tasks": [identity.task for identity in batch]}
            made[job] = Spec(queue, ANNOTATE_JOB, ANNOTATE_TIMEOUT, kwargs)
            states.queued(batch, job, pipe)
            pipe.hset(leases.JOBS, job, made[job].text)
        pipe.execute()
    if made:
        jobs.push(redis, queue, made, front=bool(giver))
    reason = f"{_count(len(wanted), 'task')} queued for annotation in {_count(len(made), 'job')}."
    if not wanted:
        known = ", ".join(f"{number} {state}" for state, number in sorted(skipped.items()))
        reason = f"No task to annotate: {known}." if known else "No task to annotate."
    return Enqueued(tuple(made), tuple(identity.task for identity in wanted), reason, dict(skipped))
