"""Trainings: where each project's stands, which have ended, and how one is cancelled."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from redis import Redis

from backend import history, imports, jobs, leases, metrics
from backend.identity import PredictionIdentity
from backend.tasks import DONE, FAILED, PROCESSING, QUEUED, TaskRecord, TaskStates

STEPS = ("collect", "fetch", "decode", "train", "evaluate", "gate", "promote", "re-embed", "re-annotate")
KEPT = 30 * 24 * 3600  # seconds the last training's status can be read
PAST = 50  # ended trainings kept a project
LEFT_SECONDS = 120.0  # after which a task that no job has is not waited for; reconciling queues it earlier or never
UNDO_JOB = "training_jobs.retraining.undo"  # (*, project: str, job: str)
UNDO_TIMEOUT = 900.0
_FOLLOWED = "earmark:trainings:followed"  # set of the projects whose tasks get the predictions of a promoted version


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
    return _training_of(spec) != status.training


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
        end(redis, project, f"{_promoted(before)}{reached}", succeeded=bool(before.promoted))
    redis.srem(_FOLLOWED, project)
    redis.delete(_key(project), _wanted(project))
    write(redis, project, asdict(status))


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
    redis.delete(_cancel(project))
    redis.srem(_FOLLOWED, project)
    _remember(redis, project, Status(**{**asdict(status), **fields}))


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
    job, status = job_name(project), read(redis, project)
    if status is None or status.outcome:
        return _cancel_queued(redis, project, by)
    others = waits_behind(redis, project)  # another training, which is none of this one's business
    asked = json.dumps({"training": status.training, "by": by})
    if not others and not jobs.withdraw(redis, job) and jobs.running(redis, job):
        redis.set(_cancel(project), asked, ex=24 * 3600)
        return "The training is being stopped."
    if not status.promoted:
        outcome = f"Cancelled by {by} while it waited for a worker."
        end(redis, project, outcome, succeeded=False, cancelled_by=by)
        return outcome
    redis.set(_cancel(project), asked, ex=24 * 3600)
    _undo(redis, project)
    outcome = f"{status.previous} will serve again, and the tasks get its predictions back."
    return f"{outcome} The training that waits behind it stays queued." if others else outcome


def _cancel_queued(redis: Redis, project: str, by: str) -> str:
    """Take the training that waits for a worker out of its queue."""
    job = job_name(project)
    spec = jobs.withdraw(redis, job)
    if spec is None:
        if not jobs.running(redis, job):
            return "No training is running or queued."
        return "The training is just beginning: try again in a moment."
    now, outcome = time.time(), f"Cancelled by {by} while it waited for a worker."
    never = Status(
        job, str(spec.kwargs.get("trigger", "")), now, outcome=outcome, updated=now, training=_training_of(spec),
        cancelled_by=by, detail="never begun",
    )  # fmt: skip
    redis.delete(_key(project))
    write(redis, project, asdict(never))
    _remember(redis, project, never)
    return outcome


def _undo(redis: Redis, project: str) -> None:
    kwargs: dict[str, object] = {"project": project}
    jobs.enqueue(redis, jobs.INTERACTIVE, UNDO_JOB, job=f"undo-{project}", timeout=UNDO_TIMEOUT, kwargs=kwargs)


def cancelled(redis: Redis, project: str, training: str) -> bool:
    """Whether somebody wants this training stopped."""
    return cancelled_by(redis, project, training) is not None


def cancelled_by(redis: Redis, project: str, training: str) -> str | None:
    """Who wants this training stopped; None while nobody does."""
    text = redis.get(_cancel(project))
    wish = json.loads(text) if text else {}
    return str(wish["by"]) if wish.get("training") == training else None


def follow(
    redis: Redis, project: str, labelled: Sequence[PredictionIdentity], unlabelled: Sequence[PredictionIdentity]
) -> None:
    """Have `look` tell how far these tasks have come, and end the training once all of them have.

    Args:
        labelled: tasks that are embedded again, since suggestions come from them; their predictions stay.
        unlabelled: tasks that are embedded and get new predictions.
    """
    places = {
        "re-embed": [(one.task, one.digest) for one in labelled],
        "re-annotate": [(one.task, one.digest) for one in unlabelled],
    }
    redis.set(_wanted(project), json.dumps(places), ex=KEPT)
    redis.sadd(_FOLLOWED, project)


def look(redis: Redis) -> None:
    """Bring the status of every training up to date whose tasks are being embedded and annotated; cheap."""
    for name in redis.smembers(_FOLLOWED):
        project = jobs.as_text(name)
        status, text = read(redis, project), redis.get(_wanted(project))
        if status is None or status.outcome or not text:
            redis.srem(_FOLLOWED, project)
        elif not jobs.running(redis, job_name(project)):  # else its own job tells
            _look_at(redis, project, status, json.loads(text))


def _look_at(redis: Redis, project: str, status: Status, places: Mapping[str, list[tuple[int, str]]]) -> None:
    if cancelled(redis, project, status.training):  # told just as its job ended
        _undo(redis, project)
        return
    states = TaskStates(redis, project)
    listed = {jobs.as_text(name) for name in redis.hkeys(leases.JOBS)}
    embedded = sum(
        record is None or record.state in (DONE, FAILED) or _left(record, listed)
        for record in states.at(places["re-embed"])
    )
    annotated = list(zip(states.at(places["re-annotate"]), states.written(places["re-annotate"]), strict=True))
    predicted = sum(record is not None and record.state == DONE and written for record, written in annotated)
    failed = sum(record is not None and record.state == FAILED for record, _ in annotated)
    left = sum(record is None or _left(record, listed) for record, _ in annotated)
    if embedded < len(places["re-embed"]):
        step, done, total = "re-embed", embedded, len(places["re-embed"])
    else:
        step, done, total = "re-annotate", predicted + failed + left, len(annotated)
    detail = f"{predicted} of {len(annotated)} tasks carry its predictions"
    detail += f", {failed} failed" * bool(failed) + f", {left} changed meanwhile" * bool(left)
    if step == "re-annotate" and done >= total:
        write(redis, project, moved(status, step, done=done, total=total, detail=detail))
        if redis.srem(_FOLLOWED, project):  # of several that look at once only one ends it
            outcome = f"{_promoted(status)}{detail}."
            end(redis, project, outcome, succeeded=True)
            history.note(redis, project, status.job, outcome)
        return
    since = status.since if status.step == step else time.time()
    seconds_left = round((time.time() - since) / done * (total - done)) if done else None
    write(redis, project, moved(status, step, done=done, total=total, detail=detail, seconds_left=seconds_left))


def _left(record: TaskRecord, listed: Collection[str]) -> bool:
    """Whether nobody will do what is noted here: the task was deleted, or its config or its version changed."""
    waits = record.state in (QUEUED, PROCESSING)
    return waits and record.job not in listed and time.time() - record.updated > LEFT_SECONDS


def _training_of(spec: jobs.Spec) -> str:
    """Name of the training that a queued job is."""
    return str(spec.kwargs.get("training", ""))


def _promoted(status: Status) -> str:
    return f"{status.promoted} was promoted. {status.verdict} " if status.promoted else ""


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


def _cancel(project: str) -> str:
    return f"earmark:{project}:training:cancel"


def _wanted(project: str) -> str:
    return f"earmark:{project}:training:tasks"
