"""Trainings: where a project's training stands, those that ended, and how one is cancelled."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from redis import Redis

from backend import leases

STEPS = ("collect", "fetch", "decode", "train", "evaluate", "gate", "promote", "re-embed", "re-annotate")


@dataclass(frozen=True)
class Status:
    """Where a training stands."""

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


def read(redis: Redis, project: str) -> Status | None:
    """The status of the project's running or last training; None when there was none."""
    fields = {name.decode(): json.loads(value) for name, value in redis.hgetall(f"earmark:{project}:training").items()}
    return Status(**fields) if "job" in fields else None


def past(redis: Redis, project: str, limit: int) -> list[Status]:
    """Ended trainings, the newest first."""
    lines: Sequence[bytes] = redis.lrange(f"earmark:{project}:trainings", 0, limit - 1)
    return [Status(**json.loads(line)) for line in lines]


def queued(redis: Redis, project: str) -> str | None:
    """Why a training waits for a worker, one sentence; None where none does."""
    job = f"retrain-{project}"
    text = None if redis.exists(leases.key(job)) else redis.hget(leases.JOBS, job)
    return str(json.loads(text)["kwargs"].get("trigger", "")) if text else None


def cancel(redis: Redis, project: str, by: str) -> str:
    """Ask the running or queued training to stop; one sentence of what happens."""
    redis.set(f"earmark:{project}:cancelled", json.dumps({"by": by, "at": time.time()}))
    return "The training stops within seconds."
