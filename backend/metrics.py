"""Metrics: what Prometheus reads at `/metrics`. Workers count in Redis, so that many of them add up.

A measurement is never worth a job: where Redis does not take one it is lost, and the job goes on.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from redis import Redis
from redis.exceptions import RedisError

from backend import leases, queues, workers
from backend.tasks import TaskStates
from backend.versions import VersionError, VersionStore

log = logging.getLogger(__name__)

KEY = "earmark:metrics"  # one hash: a field for every counter with its labels
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Upper bounds in seconds: from a search to a training of hours.
BUCKETS = (0.5, 1, 2.5, 5, 10, 30, 60, 150, 300, 600, 1800, 3600, 7200, 14400)


@dataclass(frozen=True)
class _Counted:
    """A metric that workers add to."""

    help: str
    labels: tuple[str, ...] = ()


COUNTERS = {
    "earmark_job_failures": _Counted("Jobs that ended with an error.", ("kind",)),
    "earmark_job_deaths": _Counted("Processes that died at a job.", ("kind",)),
    "earmark_tasks": _Counted("Tasks annotated, by what became of them.", ("outcome",)),
    "earmark_frames": _Counted("Frames the networks looked at while annotating."),
    "earmark_annotating_seconds": _Counted("Seconds of decoding and looking that those frames took."),
    "earmark_trainings": _Counted("Trainings that ended, by how.", ("outcome",)),
}
HISTOGRAMS = {"earmark_job_seconds": _Counted("How long jobs ran.", ("kind",))}


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


def text(redis: Redis, projects: Iterable[tuple[str, str]], versions: VersionStore) -> bytes:
    """Everything in Prometheus's text format.

    `projects`: key and number of each connected project. Raises RedisError.
    """
    collector = _Collector(redis, list(projects), versions)
    collector.found = [*collector.now(), *collector.counted()]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


def _add(
    redis: Redis, known: Mapping[str, _Counted], name: str, parts: Mapping[str, float], labels: Mapping[str, str]
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


class _Collector:
    """prometheus_client's interface; everything is read before, so that an error is ours to tell."""

    def __init__(self, redis: Redis, projects: list[tuple[str, str]], versions: VersionStore) -> None:
        self.redis, self.projects, self.versions = redis, projects, versions
        self.found: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self.found

    def now(self) -> Iterable[Metric]:
        """What stands as it is at this moment."""
        waiting = GaugeMetricFamily("earmark_queue_waiting", "Jobs waiting in a queue.", labels=["queue"])
        taking = GaugeMetricFamily("earmark_workers", "Living workers that take jobs from a queue.", labels=["queue"])
        living = workers.alive(self.redis)
        for queue in (queues.INTERACTIVE, queues.ANNOTATE, queues.TRAIN):
            waiting.add_metric([queue], queues.waiting(self.redis, queue))
            taking.add_metric([queue], sum(queue in worker.queues for worker in living))
        yield waiting
        yield taking
        yield GaugeMetricFamily("earmark_workers_busy", "Living workers that run a job.", sum(w.busy for w in living))
        yield GaugeMetricFamily(
            "earmark_jobs", "Jobs queued, running or waiting to be queued again.", self.redis.hlen(leases.JOBS)
        )
        tasks = GaugeMetricFamily("earmark_tasks_now", "Tasks by state.", labels=["project", "state"])
        version = InfoMetricFamily("earmark_model_version", "The version that predicts.", labels=["project"])
        training = GaugeMetricFamily("earmark_training", "1 while a training is queued or runs.", labels=["project"])
        for key, number in self.projects:
            for state, tally in TaskStates(self.redis, key).counts().items():
                tasks.add_metric([number, state], tally)
            try:
                version.add_metric([number], {"version": self.versions.current(key)})
            except VersionError as error:
                log.warning("project %s has no version: %s", number, error)
            training.add_metric([number], queues.exists(self.redis, f"retrain-{key}"))
        yield tasks
        yield version
        yield training

    def counted(self) -> Iterable[Metric]:
        """What workers added up."""
        stored: dict[str, dict[tuple[str, ...], dict[str, float]]] = {}
        for field, value in self.redis.hgetall(KEY).items():
            name, part, *values = json.loads(field)
            stored.setdefault(name, {}).setdefault(tuple(values), {})[part] = float(value)
        for name, declared in COUNTERS.items():
            counter = CounterMetricFamily(name, declared.help, labels=declared.labels)
            found = stored.get(name, {})
            for values, parts in sorted(found.items() if declared.labels else {(): found.get((), {})}.items()):
                counter.add_metric(values, parts.get("total", 0.0))
            yield counter
        for name, declared in HISTOGRAMS.items():
            histogram = HistogramMetricFamily(name, declared.help, labels=declared.labels)
            for values, parts in sorted(stored.get(name, {}).items()):
                sums, running = [], 0.0
                for bound in (*BUCKETS, "+Inf"):
                    running += parts.get(f"le {bound}", 0.0)
                    sums.append((str(bound), running))
                histogram.add_metric(values, sums, parts.get("sum", 0.0))
            yield histogram
