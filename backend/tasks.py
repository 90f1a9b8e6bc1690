"""Task states: what is known of each prediction, and who may write it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from backend.identity import PredictionIdentity

QUEUED, PROCESSING, DONE, FAILED = "queued", "processing", "done", "failed"
STATES = (QUEUED, PROCESSING, DONE, FAILED)
KEPT = 30 * 24 * 3600  # seconds a record outlives its last change


@dataclass(frozen=True)
class TaskRecord:
    """What is known of one prediction."""

    state: str
    """queued, processing, done or failed."""
    reason: str | None = None
    """Why it failed, or why its result is empty: one sentence."""
    job: str | None = None
    """Name of the job that has it (queued, processing)."""
    prediction: Mapping[str, Any] | None = None
    """When done: `{"result": [...], "score": float | None, "model_version": str}`, ready for Label Studio."""
    updated: float = 0.0
    """Unix seconds."""


@dataclass(frozen=True)
class Claim:
    """Who writes a prediction into Label Studio."""

    owner: str
    """A job's name, or "predict ..." for an answer to `/predict`."""
    at: float
    """Unix seconds."""


class TaskStates:
    """The records of one project's predictions, in Redis; lost with it, and rebuilt by reconciling."""

    def __init__(self, redis: Redis, project: str) -> None:
        """The records of `project` (a key's string)."""
        self.redis, self.project = redis, project

    def get(self, identity: PredictionIdentity) -> TaskRecord | None:
        """The record, or None when nothing is known."""
        raise NotImplementedError

    def get_many(self, identities: Iterable[PredictionIdentity]) -> list[TaskRecord | None]:
        """The records in the order asked, in one round trip."""
        raise NotImplementedError

    def queued(self, identities: Iterable[PredictionIdentity], job: str) -> None:
        """Note that `job` will process them."""
        raise NotImplementedError

    def processing(self, identity: PredictionIdentity, job: str) -> None:
        """Note that `job` has begun."""
        raise NotImplementedError

    def done(
        self, identity: PredictionIdentity, prediction: Mapping[str, Any], reason: str | None = None
    ) -> None:
        """Keep the finished prediction; `reason` says why its result is empty."""
        raise NotImplementedError

    def failed(self, identity: PredictionIdentity, reason: str) -> None:
        """Keep why it failed, one sentence."""
        raise NotImplementedError

    def forget(self, tasks: Iterable[int]) -> None:
        """Drop everything about these tasks: they were deleted, or a person retries them."""
        raise NotImplementedError

    def counts(self) -> dict[str, int]:
        """Number of tasks by the state of their latest record; every state has a number."""
        raise NotImplementedError

    def failures(self) -> dict[int, str]:
        """Reason by task, of the tasks whose latest record is a failure."""
        raise NotImplementedError

    def claim(self, identity: PredictionIdentity, owner: str) -> bool:
        """Take the right to write this prediction; True also when `owner` has it already (a job run again)."""
        raise NotImplementedError

    def claimed(self, identity: PredictionIdentity) -> Claim | None:
        """Who has the right, or None."""
        raise NotImplementedError

    def release(self, identity: PredictionIdentity) -> None:
        """Give the right back: what was claimed is not in Label Studio."""
        raise NotImplementedError
