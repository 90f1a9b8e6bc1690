"""Metrics: what workers count, in Redis, so that many of them add up; `backend.exposition` gives it to Prometheus.

A measurement is never worth a job: where Redis does not take one it is lost, and the job goes on.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from backend import leases

log = logging.getLogger(__name__)

KEY = "earmark:metrics"  # one hash: a field for every counter with its labels
# Upper bounds in seconds: from a search to a training of hours.
BUCKETS = (0.5, 1, 2.5, 5, 10, 30, 60, 150, 300, 600, 1800, 3600, 7200, 14400)


@dataclass(frozen=True)
class Counted:
    """A metric that workers add to."""

    help: str
    """What it tells, for Prometheus."""
    labels: tuple[str, ...] = ()
    """By which it is told apart."""


COUNTERS = {
    "earmark_job_failures": Counted("Jobs that ended with an error.", ("kind",)),
    "earmark_job_deaths": Counted("Processes that died at a job.", ("kind",)),
    "earmark_tasks": Counted("Tasks annotated, by what became of them.", ("outcome",)),
    "earmark_frames": Counted("Frames the networks looked at while annotating."),
    "earmark_annotating_seconds": Counted("Seconds of decoding and looking that those frames took."),
    "earmark_trainings": Counted("Trainings that ended, by how.", ("outcome",)),
}
HISTOGRAMS = {"earmark_job_seconds": Counted("How long jobs ran.", ("kind",))}


def count(redis: Redis, name: str, amount: float = 1, **labels: str) -> None:
    """Add to a counter of COUNTERS. Raises ValueError for one, or a label, that is not declared there."""
    _add(redis, COUNTERS, name, {"total": amount}, labels)


def observe(redis: Redis, name: str, seconds: float, **labels: str) -> None:
    """Add a duration to a histogram of HISTOGRAMS. Raises ValueError for one, or a label, that is not declared."""
    bucket = next((bound for bound in BUCKETS if seconds <= bound), None)
    _add(redis, HISTOGRAMS, name, {f"le {bucket or '+Inf'}": 1, "sum": seconds}, labels)


@contextmanager
def timed(redis: Redis, job: str) -> Iterator[None]:
    """Count how long a job runs, and whether it ends with an error; stopped or taken over by another, it does not."""
    began = time.monotonic()
    try:
        yield
    except leases.LeaseLost:
        raise
    except Exception:
        count(redis, "earmark_job_failures", kind=kind_of(job))
        raise
    finally:
        observe(redis, "earmark_job_seconds", time.monotonic() - began, kind=kind_of(job))


def kind_of(job: str) -> str:
    """What a job does, by its name: annotate, retrain, ..."""
    return job.partition("-")[0]


def counted(redis: Redis) -> dict[str, dict[tuple[str, ...], dict[str, float]]]:
    """What was added up: by metric, by the values of its labels, by part ("total", "sum", "le <bound>")."""
    stored: dict[str, dict[tuple[str, ...], dict[str, float]]] = {}
    for field, value in redis.hgetall(KEY).items():
        name, part, *values = json.loads(field)
        stored.setdefault(name, {}).setdefault(tuple(values), {})[part] = float(value)
    return stored


def _add(
    redis: Redis, known: Mapping[str, Counted], name: str, parts: Mapping[str, float], labels: Mapping[str, str]
) -> None:
    if name not in known or set(labels) != set(known[name].labels):
        raise ValueError(f"{name} with labels {sorted(labels)} is no metric: declare it in {__name__}.")
    values = [labels[label] for label in known[name].labels]
    try:
        with redis.pipeline(transaction=False) as pipe:
            for part, amount in parts.items():
                pipe.hincrbyfloat(KEY, json.dumps([name, part, *values]), amount)
            pipe.execute()
    except RedisError as error:
        log.warning("%s is not counted: %s", name, error)
