"""Exposition: everything measured in Prometheus's text format, read from Redis at each scrape."""

import logging
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from redis import Redis

from backend import jobs, leases, workers
from backend.metrics import BUCKETS, COUNTERS, HISTOGRAMS, counted
from backend.tasks import TaskStates
from backend.trainings import job_name
from backend.versions import VersionError, VersionStore

log = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(redis: Redis, projects: Iterable[tuple[str, str]], versions: VersionStore) -> bytes:
    """Everything in Prometheus's text format.

    `projects`: key and number of each connected project. Raises RedisError.
    """
    collector = _Collector(redis, list(projects), versions)
    collector.found = [*collector.now(), *collector.counted()]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


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
        for queue in jobs.QUEUES:
            waiting.add_metric([queue], jobs.waiting(self.redis, queue))
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
            training.add_metric([number], jobs.exists(self.redis, job_name(key)))
        yield tasks
        yield version
        yield training

    def counted(self) -> Iterable[Metric]:
        """What workers added up."""
        stored = counted(self.redis)
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
