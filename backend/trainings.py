"""Trainings: where each project's stands, which wait, and which have ended."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from redis import Redis

from backend import imports, jobs, metrics

STEPS = ("collect", "fetch", "decode", "train", "evaluate", "gate", "promote", "re-embed", "re-annotate")
KEPT = 30 * 24 * 3600  # seconds the last training's status can be read
PAST = 50  # ended trainings kept a project


@dataclass(frozen=True)
class Status:
    """Where a training stands.

    Attributes:
        job: name of its job.
        trigger: why it was started, one sentence.
        started: Unix seconds.
        step: one of STEPS.
        done: of `total`, in the step's own unit.
        total: 0 while unknown.
        seconds_left: of the step, estimated; None while unknown.
        detail: what the step is at, one line.
        promoted: the version this training has promoted, "" before.
        outcome: how it ended, one sentence; "" while it runs.
        succeeded: whether it made a version, be it one that does not serve.
        updated: Unix seconds.
        training: its own name, for a project's trainings all have the same job name.
        since: Unix seconds when the step began.
        spent: seconds in each step before this one, in the order of STEPS; one that was broken off counts in full.
        verdict: what the gate said, one sentence.
        previous: the version that served before `promoted`.
        cancelled_by: who had it stopped.
    """

    job: str
    trigger: str
    started: float
    step: str = STEPS[0]
    done: float = 0
    total: float = 0
    seconds_left: float | None = None
    detail: str = ""
    promoted: str = ""
    outcome: str = ""
    succeeded: bool = False
    updated: float = 0.0
    training: str = ""
    since: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    verdict: str = ""
    previous: str = ""
    cancelled_by: str = ""


def job_name(project: str) -> str:
    """The job of a project's trainings: one name, so that there is one at a time."""
    return f"retrain-{project}"


def read(redis: Redis, project: str) -> Status | None:
    """The status of the project's running or last training; None when there was none."""
    stored = redis.hgetall(_key(project)).items()
    fields = {jobs.as_text(name): json.loads(value) for name, value in stored}
    return Status(**fields) if "job" in fields else None


def past(redis: Redis, project: str, limit: int = PAST) -> list[Status]:
    """The trainings that have ended, newest first."""
    return [Status(**json.loads(text)) for text in redis.lrange(_past(project), 0, limit - 1)]


def queued(redis: Redis, project: str) -> str | None:
    """Why a training waits for a worker, one sentence; None where none does."""
    job = job_name(project)
    spec = jobs.find(redis, job)
    return None if spec is None or jobs.running(redis, job) else str(spec.kwargs.get("trigger", ""))


def waits_behind(redis: Redis, project: str) -> bool:
    """Whether another training is queued while the tasks still get the predictions of the last one's version."""
    status, spec = read(redis, project), jobs.find(redis, job_name(project))
    if status is None or status.outcome or spec is None:
        return False
    return training_of(spec) != status.training


def write(redis: Redis, project: str, fields: Mapping[str, Any]) -> None:
    """Keep these fields of the running training's status."""
    with redis.pipeline() as pipe:
        pipe.hset(_key(project), mapping={name: json.dumps(value) for name, value in fields.items()})
        pipe.expire(_key(project), KEPT)
        pipe.execute()


def begin(redis: Redis, project: str, status: Status) -> None:
    """Put a new training in the place of the last, which is over by that."""
    before = read(redis, project)
    if before is not None and not before.outcome:
        reached = f"{before.detail}, when the next training began." if before.promoted else "Broken off."
        end(redis, project, f"{promotion(before)}{reached}", succeeded=bool(before.promoted))
    _replace(redis, project, status)


def spent(status: Status) -> dict[str, float]:
    """Seconds in each step so far, the one it is in included, in the order of STEPS."""
    now = time.time() - status.since if status.since else 0.0
    found = {**status.spent, status.step: round(status.spent.get(status.step, 0.0) + now, 1)}
    return {step: found[step] for step in STEPS if step in found}


def moved(status: Status, step: str, **fields: Any) -> dict[str, Any]:
    """The fields by which a training's status says where it is now."""
    if step not in STEPS:
        raise ValueError(f"{step = } is none of the steps {', '.join(STEPS)}")
    now = time.time()
    told = {"step": step, "done": 0, "total": 0, "seconds_left": None, "detail": "", **fields, "updated": now}
    if step != status.step or not status.since:
        told |= {"spent": spent(status), "since": now}
    return told


def end(redis: Redis, project: str, outcome: str, *, succeeded: bool, cancelled_by: str = "") -> None:
    """Tell how the running training ended, one sentence, and put it among the past ones."""
    status = read(redis, project)
    if status is None or status.outcome:
        return
    fields = moved(status, status.step, done=status.done, total=status.total, detail=status.detail)
    fields |= {"outcome": outcome, "succeeded": succeeded, "cancelled_by": cancelled_by, "spent": spent(status)}
    write(redis, project, fields)
    _remember(redis, project, Status(**{**asdict(status), **fields}))


def never_began(redis: Redis, project: str, status: Status) -> None:
    """Put a training that ended while it was queued in the place of the last one, and among the past ones."""
    _replace(redis, project, status)
    _remember(redis, project, status)


def training_of(spec: jobs.Spec) -> str:
    """Name of the training that a queued job is."""
    return str(spec.kwargs.get("training", ""))


def promotion(status: Status) -> str:
    """How an outcome begins where a version was promoted; else ""."""
    return f"{status.promoted} was promoted. {status.verdict} " if status.promoted else ""


def _replace(redis: Redis, project: str, status: Status) -> None:
    redis.delete(_key(project))
    write(redis, project, asdict(status))


def _remember(redis: Redis, project: str, status: Status) -> None:
    imports.settle(redis, project, status.training, learnt=status.succeeded)
    metrics.count(redis, "earmark_trainings", outcome=_word(status))
    with redis.pipeline() as pipe:
        pipe.lpush(_past(project), json.dumps(asdict(status)))
        pipe.ltrim(_past(project), 0, PAST - 1)
        pipe.execute()


def _word(status: Status) -> str:
    """How a training ended, for counting: cancelled, promoted, kept (a version that does not serve) or nothing."""
    if status.cancelled_by:
        return "cancelled"
    return "promoted" if status.promoted else "kept" if status.succeeded else "nothing"


def _key(project: str) -> str:
    return f"earmark:{project}:training"


def _past(project: str) -> str:
    return f"earmark:{project}:trainings"
