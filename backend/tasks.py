"""Task states: what is known of each prediction, and who may write it."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis
from redis.client import Pipeline

from backend.identity import PredictionIdentity
from backend.jobs import as_text

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
    """The records of one project's predictions, in Redis; lost with it, and rebuilt by reconciling.

    A task's records lie in one hash, by their identity's digest; an index holds each task's latest state.
    """

    def __init__(self, redis: Redis, project: str) -> None:
        """The records of `project` (a key's string)."""
        self.redis, self.project = redis, project
        self._index = f"earmark:{project}:states"

    def get(self, identity: PredictionIdentity) -> TaskRecord | None:
        """The record, or None when nothing is known."""
        return self.get_many([identity])[0]

    def get_many(self, identities: Iterable[PredictionIdentity]) -> list[TaskRecord | None]:
        """The records in the order asked, in one round trip."""
        return self.at((identity.task, identity.digest) for identity in identities)

    def at(self, places: Iterable[tuple[int, str]]) -> list[TaskRecord | None]:
        """The records of predictions named by task and their identity's digest, in the order asked."""
        with self.redis.pipeline(transaction=False) as pipe:
            for task, digest in places:
                pipe.hget(self._key(task), digest)
            return [TaskRecord(**json.loads(text)) if text else None for text in pipe.execute()]

    def written(self, places: Iterable[tuple[int, str]]) -> list[bool]:
        """Which of these predictions somebody has claimed, to write them into Label Studio."""
        with self.redis.pipeline(transaction=False) as pipe:
            for _, digest in places:
                pipe.exists(self._claim(digest))
            return [bool(found) for found in pipe.execute()]

    def queued(self, identities: Iterable[PredictionIdentity], job: str, pipe: Pipeline | None = None) -> None:
        """Note that `job` will process them; with `pipe`, when that is executed."""
        places = [(identity.task, identity.digest) for identity in identities]
        self._put(places, TaskRecord(QUEUED, job=job), pipe)

    def processing(self, identity: PredictionIdentity, job: str) -> None:
        """Note that `job` has begun."""
        self._write(identity, TaskRecord(PROCESSING, job=job))

    def done(self, identity: PredictionIdentity, prediction: Mapping[str, Any], reason: str | None = None) -> None:
        """Keep the finished prediction; `reason` says why its result is empty."""
        self._write(identity, TaskRecord(DONE, reason=reason, prediction=dict(prediction)))

    def failed(self, identity: PredictionIdentity, reason: str) -> None:
        """Keep why it failed, one sentence."""
        self._write(identity, TaskRecord(FAILED, reason=reason))

    def recall(self, identity: PredictionIdentity, record: TaskRecord) -> None:
        """Make a record its task's latest again: what it was made by predicts again."""
        self._write(identity, record)

    def refused(self, task: int, reason: str) -> bool:
        """Keep why a task that names no media has no prediction, one sentence; False when it was known."""
        latest = json.dumps({"state": FAILED, "reason": reason})
        known = self.redis.hget(self._index, str(task))
        if known is not None and as_text(known) == latest:
            return False
        self.redis.hset(self._index, str(task), latest)
        return True

    def forget(self, tasks: Iterable[int]) -> None:
        """Drop everything about these tasks: they were deleted, or a person retries them."""
        tasks = list(tasks)
        with self.redis.pipeline(transaction=False) as pipe:
            for task in tasks:
                pipe.hkeys(self._key(task))
            digests = [as_text(digest) for found in pipe.execute() for digest in found]
            for digest in digests:
                pipe.delete(self._claim(digest))
            for task in tasks:
                pipe.delete(self._key(task))
                pipe.hdel(self._index, str(task))
            pipe.execute()

    def abandon(self, tasks: Sequence[int], job: str, reason: str) -> None:
        """Give up what `job` had begun of these tasks (failed, for `reason`) and forget what it only had queued."""
        for task in tasks:
            for digest, text in self.redis.hgetall(self._key(task)).items():
                record = TaskRecord(**json.loads(text))
                if record.job != job or record.state not in (QUEUED, PROCESSING):
                    continue
                if record.state == QUEUED:
                    self.redis.hdel(self._key(task), digest)
                    self.redis.hdel(self._index, str(task))
                    continue
                self._put([(task, as_text(digest))], TaskRecord(FAILED, reason=reason))

    def keep_notes(self, notes: Sequence[str]) -> None:
        """Keep what the project's labelling config cannot show, a sentence each."""
        self.redis.set(f"earmark:{self.project}:notes", json.dumps(list(notes)), ex=KEPT)

    def notes(self) -> list[str]:
        """What the project's labelling config cannot show, a sentence each."""
        return json.loads(self.redis.get(f"earmark:{self.project}:notes") or "[]")

    def counts(self) -> dict[str, int]:
        """Number of tasks by the state of their latest record; every state has a number."""
        counts = dict.fromkeys(STATES, 0)
        for text in self.redis.hvals(self._index):
            counts[json.loads(text)["state"]] += 1
        return counts

    def unfinished(self) -> set[int]:
        """Tasks whose latest record is queued or processing."""
        latest = {int(task): json.loads(text)["state"] for task, text in self.redis.hgetall(self._index).items()}
        return {task for task, state in latest.items() if state in (QUEUED, PROCESSING)}

    def failures(self) -> dict[int, str]:
        """Reason by task, of the tasks whose latest record is a failure."""
        latest = {int(task): json.loads(text) for task, text in self.redis.hgetall(self._index).items()}
        return {task: entry["reason"] for task, entry in latest.items() if entry["state"] == FAILED}

    def empty(self) -> dict[int, str]:
        """Reason by task, of the tasks whose latest prediction holds nothing."""
        latest = {int(task): json.loads(text) for task, text in self.redis.hgetall(self._index).items()}
        return {task: entry["reason"] for task, entry in latest.items() if entry["state"] == DONE and entry["reason"]}

    def claim(self, identity: PredictionIdentity, owner: str) -> bool:
        """Take the right to write this prediction; True also when `owner` has it already (a job run again).

        An owner that had it before must look into Label Studio first: it may have written and died.
        """
        value = json.dumps({"owner": owner, "at": time.time()})
        if self.redis.set(self._claim(identity.digest), value, nx=True, ex=KEPT):
            return True
        held = self.claimed(identity)
        return held is not None and held.owner == owner

    def claimed(self, identity: PredictionIdentity) -> Claim | None:
        """Who has the right, or None."""
        text = self.redis.get(self._claim(identity.digest))
        return Claim(**json.loads(text)) if text else None

    def release(self, identity: PredictionIdentity) -> None:
        """Give the right back: what was claimed is not in Label Studio."""
        self.redis.delete(self._claim(identity.digest))

    def _key(self, task: int) -> str:
        return f"earmark:{self.project}:task:{task}"

    def _claim(self, digest: str) -> str:
        return f"earmark:{self.project}:claim:{digest}"

    def _write(self, identity: PredictionIdentity, record: TaskRecord) -> None:
        self._put([(identity.task, identity.digest)], record)

    def _put(self, places: Sequence[tuple[int, str]], record: TaskRecord, pipe: Pipeline | None = None) -> None:
        text = json.dumps({**asdict(record), "updated": time.time()})
        latest = json.dumps({"state": record.state, "reason": record.reason})
        writer = self.redis.pipeline() if pipe is None else pipe
        for task, digest in places:
            writer.hset(self._key(task), digest, text)
            writer.expire(self._key(task), KEPT)
        if places:
            writer.hset(self._index, mapping={str(task): latest for task, _ in places})
            writer.expire(self._index, KEPT)
        if pipe is None:
            writer.execute()
