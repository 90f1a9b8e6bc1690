"""Answers to `/predict`: what is ready, and nothing that would keep the real prediction from being stored."""

import logging
import math
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from backend import queues
from backend.identity import PredictionIdentity, identify
from backend.tasks import DONE, PROCESSING, QUEUED, TaskRecord, TaskStates

log = logging.getLogger(__name__)

OURS = "earmark-"  # how every model version of ours begins
WAIT = 2.0  # seconds the opening of one task may wait for its prediction
LOOK = 0.05  # seconds between two looks at its state


class Predictor:
    """Answers for the tasks of any project. At most `waiters` requests wait at a time, the others answer at once."""

    def __init__(self, redis: Redis, waiters: int) -> None:
        """`waiters`: a part of the server's threads, so that the rest is always free."""
        self.redis = redis
        self._waiters = threading.BoundedSemaphore(waiters)

    def answer(self, project: str, version: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One object per task of `body["tasks"]`, in order.

        An object without `result` is skipped by Label Studio, which then asks again later. Tasks nobody has
        processed are queued. Never raises for what a task holds.
        """
        tasks = body.get("tasks")
        if not isinstance(tasks, list):
            return []
        context = body.get("params")
        interactive = isinstance(context, Mapping) and context.get("context") is not None
        identities = [_identity(task, body.get("label_config"), version) for task in tasks]
        states = TaskStates(self.redis, project)
        wanted = [
            identity
            for task, identity in zip(tasks, identities, strict=True)
            if identity is not None and (interactive or not _settled(task, version))
        ]
        records = dict(zip(wanted, states.get_many(wanted), strict=True))
        missing = [identity for identity, record in records.items() if _unfinished(record)]
        if missing:
            # Somebody is looking at a single task: it goes first.
            queue = queues.INTERACTIVE if len(tasks) == 1 else queues.ANNOTATE
            queues.enqueue_annotate(self.redis, project, missing, queue=queue)
        if len(tasks) == 1 and missing:
            records[missing[0]] = self._wait(states, missing[0])
        owner = f"predict-{secrets.token_hex(8)}"
        answers = []
        for identity in identities:
            record = records.get(identity) if identity is not None else None
            ready = identity is not None and record is not None and record.state == DONE
            if ready and identity is not None and (interactive or states.claim(identity, owner)):
                answers.append(_prediction(record, version))
            else:
                answers.append({"model_version": version})
        return answers

    def _wait(self, states: TaskStates, identity: PredictionIdentity) -> TaskRecord | None:
        """The record after at most WAIT seconds, or at once where waiting cannot help."""
        record = states.get(identity)
        soon = queues.awaited(self.redis) <= 1 and queues.workers(self.redis) > 0
        if not soon and (record is None or record.state != PROCESSING):
            return record
        if not self._waiters.acquire(blocking=False):
            return record
        try:
            deadline = time.monotonic() + WAIT
            while _unfinished(record) and time.monotonic() < deadline:
                time.sleep(LOOK)
                record = states.get(identity)
            return record
        finally:
            self._waiters.release()


def _identity(task: object, label_config: object, version: str) -> PredictionIdentity | None:
    if not isinstance(task, Mapping) or not isinstance(label_config, str):
        return None
    try:
        return identify(task, label_config, version)
    except ValueError as error:
        log.info("A task cannot be predicted: %s", error)
        return None


def _settled(task: Mapping[str, Any], version: str) -> bool:
    """Whether a task needs no prediction: it has this version's, or people have labelled it above one of ours."""
    predictions = task.get("predictions")
    versions = [
        str(prediction.get("model_version"))
        for prediction in (predictions if isinstance(predictions, Sequence) else ())
        if isinstance(prediction, Mapping)
    ]
    labelled = bool(task.get("annotations")) or bool(task.get("total_annotations"))
    return version in versions or (labelled and any(name.startswith(OURS) for name in versions))


def _unfinished(record: TaskRecord | None) -> bool:
    return record is None or record.state in (QUEUED, PROCESSING)


def _prediction(record: TaskRecord | None, version: str) -> dict[str, Any]:
    """What is stored, in the one shape that Label Studio takes: anything else would lose the whole answer."""
    stored = dict(record.prediction or {}) if record is not None else {}
    result, score = stored.get("result"), stored.get("score")
    if not isinstance(result, list) or not all(isinstance(item, Mapping) for item in result):
        return {"model_version": version}
    answer: dict[str, Any] = {"model_version": version, "result": result}
    if isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score):
        answer["score"] = float(score)
    neighbors, cluster = stored.get("neighbors"), stored.get("cluster")
    if isinstance(neighbors, list) and all(type(task) is int for task in neighbors):
        answer["neighbors"] = neighbors
    if type(cluster) is int:
        answer["cluster"] = cluster
    return answer
