"""Progress of a project's training: one Redis hash that `earmark status` and `earmark retrain` read."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis
from rq import get_current_job

STEPS = ("collect", "fetch", "cache", "train", "evaluate", "gate", "promote", "re-annotate")
KEPT = 30 * 24 * 3600  # seconds the last training's progress can be read


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


class TrainingProgress:
    """Writes one training's status; also into the meta of the rq job that runs it."""

    def __init__(self, redis: Redis, project: str) -> None:
        self._redis, self._key = redis, _key(project)

    def begin(self, job: str, trigger: str) -> Status:
        """Start over, unless this same training was broken off: then the status it had, to go on from."""
        before = read(self._redis, self._key.split(":")[1])
        if before is not None and before.job == job and not before.outcome:
            return before
        self._redis.delete(self._key)
        status = Status(job, trigger, time.time())
        self._write(asdict(status))
        return status

    def report(
        self,
        step: str,
        done: float = 0,
        total: float = 0,
        *,
        seconds_left: float | None = None,
        detail: str = "",
    ) -> None:
        """Tell where the training is: one of STEPS, and how much of it is done."""
        if step not in STEPS:
            raise ValueError(f"{step = } is none of the steps {', '.join(STEPS)}")
        self._write({"step": step, "done": done, "total": total, "seconds_left": seconds_left, "detail": detail})

    def promoted(self, version: str) -> None:
        """Note that this training has promoted its version: broken off after this, it does not train again."""
        self._write({"promoted": version})

    def end(self, outcome: str, *, succeeded: bool) -> None:
        """Tell how the training ended, one sentence."""
        self._write({"outcome": outcome, "succeeded": succeeded, "seconds_left": None})

    def _write(self, fields: Mapping[str, Any]) -> None:
        fields = {**fields, "updated": time.time()}
        with self._redis.pipeline() as pipe:
            pipe.hset(self._key, mapping={name: json.dumps(value) for name, value in fields.items()})
            pipe.expire(self._key, KEPT)
            pipe.execute()
        if (job := get_current_job()) is not None:
            job.meta.update(fields)
            job.save_meta()


def read(redis: Redis, project: str) -> Status | None:
    """The status of the project's running or last training; None when there was none."""
    stored = redis.hgetall(_key(project)).items()
    fields = {name.decode() if isinstance(name, bytes) else name: json.loads(value) for name, value in stored}
    return Status(**fields) if "job" in fields else None


def _key(project: str) -> str:
    return f"earmark:{project}:training"
