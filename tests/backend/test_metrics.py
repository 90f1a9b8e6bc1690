"""Metrics: what workers count adds up over processes, and is read in Prometheus's own format."""

import time
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from backend import exposition, metrics, queues
from backend.identity import identify
from backend.settings import Settings
from backend.tasks import TaskStates
from backend.versions import VersionStore
from tests.backend.calls import BASIC, CONFIG, KEY, task


def scraped(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels, as Prometheus reads them."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def read(redis: Redis, settings: Settings, name: str, **labels: str) -> float | None:
    text = exposition.text(redis, [(KEY, "1")], VersionStore(settings))
    return scraped(text).get((name, frozenset(labels.items())))


def beat(redis: Redis, name: str, taken: str, *, ago: float = 0, state: str = "idle") -> None:
    """A worker, as rq keeps it."""
    at = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    redis.sadd("rq:workers", f"rq:worker:{name}")
    redis.hset(f"rq:worker:{name}", mapping={"queues": taken, "last_heartbeat": at, "state": state})


def test_counts_of_many_processes_add_up(redis, redis_server, settings, version):
    with Redis.from_url(redis_server.url) as other:
        metrics.count(redis, "earmark_tasks", outcome="delivered")
        metrics.count(other, "earmark_tasks", 2, outcome="delivered")
        metrics.count(other, "earmark_tasks", outcome="failed")
    assert read(redis, settings, "earmark_tasks_total", outcome="delivered") == 3
    assert read(redis, settings, "earmark_tasks_total", outcome="failed") == 1
    assert read(redis, settings, "earmark_frames_total") == 0


def test_durations_fall_into_buckets_that_sum_up(redis, settings, version):
    for seconds in (0.4, 7, 7, 100_000):
        metrics.observe(redis, "earmark_job_seconds", seconds, kind="annotate")
    assert read(redis, settings, "earmark_job_seconds_bucket", kind="annotate", le="0.5") == 1
    assert read(redis, settings, "earmark_job_seconds_bucket", kind="annotate", le="10") == 3
    assert read(redis, settings, "earmark_job_seconds_bucket", kind="annotate", le="14400") == 3
    assert read(redis, settings, "earmark_job_seconds_count", kind="annotate") == 4
    assert read(redis, settings, "earmark_job_seconds_sum", kind="annotate") == pytest.approx(100_014.4)


def test_what_stands_now_is_told(redis, settings, version):
    queues.enqueue_annotate(redis, KEY, [identify(task(number), CONFIG, version) for number in (1, 2)])
    queues.enqueue_retrain(redis, KEY, "Test.")
    TaskStates(redis, KEY).refused(3, "It names no video.")
    beat(redis, "one", "interactive,annotate", state="busy")
    beat(redis, "two", "annotate,train")
    beat(redis, "dead", "annotate", ago=100)
    assert read(redis, settings, "earmark_queue_waiting", queue="annotate") == 1
    assert read(redis, settings, "earmark_workers", queue="annotate") == 2
    assert read(redis, settings, "earmark_workers", queue="train") == 1
    assert read(redis, settings, "earmark_workers_busy") == 1
    assert read(redis, settings, "earmark_tasks_now", project="1", state="queued") == 2
    assert read(redis, settings, "earmark_tasks_now", project="1", state="failed") == 1
    assert read(redis, settings, "earmark_training", project="1") == 1
    assert read(redis, settings, "earmark_model_version_info", project="1", version=version) == 1


@pytest.mark.parametrize(
    ("name", "labels"), [("earmark_taks", {}), ("earmark_tasks", {}), ("earmark_frames", {"a": "b"})]
)
def test_a_metric_nobody_declared_is_a_mistake(redis, name, labels):
    with pytest.raises(ValueError, match="declare it"):
        metrics.count(redis, name, **labels)


def test_without_redis_a_job_goes_on_uncounted(caplog):
    with Redis(unix_socket_path="/nowhere/redis.sock") as gone:
        metrics.count(gone, "earmark_frames", 10)
    assert "not counted" in caplog.text


def test_scraping_takes_the_secret(client):
    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", headers=BASIC)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert b"earmark_queue_waiting" in answer.data


def test_scraping_without_redis_is_an_error_prometheus_sees(settings, version, application):
    gone = settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"})
    assert application(gone).test_client().get("/metrics", headers=BASIC).status_code == 503
