"""Queues: how work reaches the workers. Jobs are named by dotted path, so nothing of them is imported here."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from redis import Redis

from backend.identity import PredictionIdentity

INTERACTIVE, ANNOTATE, TRAIN = "interactive", "annotate", "train"
BATCH = 16  # tasks in one annotate job: the model is loaded once for them
MAX_TRIES = 5  # a job whose process died this often is given up

ANNOTATE_JOB = "training_jobs.annotating.annotate"  # (*, project: str, tasks: list[int], job: str)
RETRAIN_JOB = "training_jobs.retraining.retrain"  # (*, project: str, trigger: str, job: str)
RECONCILE_JOB = "training_jobs.reconciling.reconcile"  # (*, project: str, job: str)


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


def enqueue(
    redis: Redis, queue: str, function: str, *, job: str, timeout: float, kwargs: dict[str, object]
) -> bool:
    """Queue `function(**kwargs, job=job)` unless a job of this name is queued or running; whether it was.

    `timeout` is the longest it may run, seconds; `kwargs` must be JSON. The job stays on the sweep's list until its
    Lease is released.
    """
    raise NotImplementedError


def enqueue_annotate(
    redis: Redis,
    project: str,
    identities: Iterable[PredictionIdentity],
    *,
    queue: str = ANNOTATE,
    retry_failed: bool = False,
) -> Enqueued:
    """Queue these tasks in batches of BATCH and mark them queued.

    Skipped are those done, failed (unless `retry_failed`), or queued or processing under a job that still exists.
    """
    raise NotImplementedError


def enqueue_retrain(redis: Redis, project: str, trigger: str) -> Enqueued:
    """Queue a training of `project` because of `trigger` (one sentence); at most one is queued or running."""
    raise NotImplementedError


def enqueue_reconcile(redis: Redis, project: str) -> Enqueued:
    """Queue a look at everything of `project`; at most one is queued or running."""
    raise NotImplementedError


def exists(redis: Redis, job: str) -> bool:
    """Whether `job` is queued, running, or waiting to be queued again."""
    raise NotImplementedError


def sweep(redis: Redis) -> list[str]:
    """Queue again, exactly once, the jobs whose process died; their names. Cheap: every worker calls it often."""
    raise NotImplementedError
