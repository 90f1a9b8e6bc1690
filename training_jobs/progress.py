"""Progress of a training, as its job tells it: into Redis, and into the meta of the rq job that runs it."""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import get_current_job

from backend import trainings
from backend.trainings import Status

log = logging.getLogger(__name__)


class TrainingProgress:
    """Writes one training's status."""

    def __init__(self, redis: Redis, project: str) -> None:
        self._redis, self._project = redis, project
        self.status = Status("", "", 0.0)

    def begin(self, job: str, trigger: str, training: str = "") -> Status:
        """Start over, unless this same training was broken off: then the status it had, to go on from."""
        before = trainings.read(self._redis, self._project)
        if before is not None and (before.job, before.training) == (job, training) and not before.outcome:
            # What the step took before it was broken off says nothing about what is left of it.
            self.status = replace(before, spent=trainings.spent(before), since=time.time())
            self._write({"spent": self.status.spent, "since": self.status.since})
            return self.status
        now = time.time()
        self.status = Status(job, trigger, now, updated=now, since=now, training=training)
        trainings.begin(self._redis, self._project, self.status)
        return self.status

    def report(
        self,
        step: str,
        done: float = 0,
        total: float = 0,
        *,
        seconds_left: float | None = None,
        detail: str = "",
    ) -> None:
        """Tell where the training is: one of STEPS, and how much of it is done.

        The end of the step is estimated from its speed unless `seconds_left` is given. Nothing is told while Redis
        does not answer; the next report says more.
        """
        if seconds_left is None and step == self.status.step and done and total:
            seconds_left = round((time.time() - self.status.since) / done * (total - done))
        told = trainings.moved(self.status, step, done=done, total=total, seconds_left=seconds_left, detail=detail)
        self.status = replace(self.status, **told)
        try:
            self._write(told)
        except (RedisConnectionError, RedisTimeoutError) as error:
            log.warning("Where the training is could not be told: %s", error)

    def promoted(self, version: str, *, previous: str = "", verdict: str = "") -> None:
        """Note that this training has promoted its version: broken off after this, it does not train again."""
        self.status = replace(self.status, promoted=version, previous=previous, verdict=verdict, succeeded=True)
        self._write({"promoted": version, "previous": previous, "verdict": verdict, "succeeded": True})

    def end(self, outcome: str, *, succeeded: bool, cancelled_by: str = "") -> None:
        """Tell how the training ended, one sentence."""
        trainings.end(self._redis, self._project, outcome, succeeded=succeeded, cancelled_by=cancelled_by)
        self._note({"outcome": outcome, "succeeded": succeeded})

    def _write(self, fields: Mapping[str, Any]) -> None:
        trainings.write(self._redis, self._project, fields)
        self._note(fields)

    def _note(self, fields: Mapping[str, Any]) -> None:
        if (job := get_current_job()) is not None:
            job.meta.update(fields)
            job.save_meta()
