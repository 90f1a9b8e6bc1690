"""The worker: a job outlives the process that runs it, and that process outlives nobody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from backend import queues
from backend.redis_server import EmbeddedRedis
from tests.training_jobs.small_jobs import HOLD

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds a condition may take on a busy machine; it is met in a few

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(redis: Redis, redis_server: EmbeddedRedis) -> Iterator[Start]:
    """Starts workers, each a real process, and waits until they take jobs."""
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.training_jobs.small_jobs", redis_server.url]
        running.append(subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        until(lambda: redis.llen("workers") == len(running) and redis.scard("rq:workers"))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def until(met: Callable[[], object]) -> None:
    """Wait until a condition is met."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < deadline, "the condition was not met"
        time.sleep(0.02)


def enqueue(redis: Redis, url: str, job: str = "held") -> None:
    """Queue a job that holds its lease until `go` is set."""
    assert queues.enqueue(redis, queues.ANNOTATE, HOLD, job=job, timeout=600, kwargs={"url": url})


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a process with its parent")


@linux
def test_a_killed_workers_job_is_taken_by_another_that_lives(
    redis: Redis, redis_server: EmbeddedRedis, start: Start
) -> None:
    first = start()
    enqueue(redis, redis_server.url)
    until(lambda: redis.llen("began") == 1)
    start()
    first.kill()
    first.wait()
    until(lambda: redis.llen("began") == 2)
    # The killed worker's child has died with it: two processes never run one job.
    assert not alive(int(redis.lindex("began", 0)))
    redis.set("go", 1)
    until(lambda: not queues.exists(redis, "held"))
    assert redis.lrange("done", 0, -1) == redis.lrange("began", 1, 1)


@linux
def test_a_killed_workers_job_is_taken_by_one_started_later(
    redis: Redis, redis_server: EmbeddedRedis, start: Start
) -> None:
    first = start()
    enqueue(redis, redis_server.url)
    until(lambda: redis.llen("began") == 1)
    first.kill()
    first.wait()
    redis.set("go", 1)
    start()
    until(lambda: not queues.exists(redis, "held"))
    assert redis.llen("done") == 1


def test_a_killed_child_alone_costs_nothing(redis: Redis, redis_server: EmbeddedRedis, start: Start) -> None:
    worker = start()
    enqueue(redis, redis_server.url)
    until(lambda: redis.llen("began") == 1)
    os.kill(int(redis.lindex("began", 0)), signal.SIGKILL)
    until(lambda: redis.llen("began") == 2)
    redis.set("go", 1)
    until(lambda: not queues.exists(redis, "held"))
    assert redis.llen("done") == 1
    assert worker.poll() is None


def test_asked_to_stop_it_leaves_its_job_to_others(redis: Redis, redis_server: EmbeddedRedis, start: Start) -> None:
    worker = start()
    enqueue(redis, redis_server.url)
    until(lambda: redis.llen("began") == 1)
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert redis.lrange("stopped", 0, -1) == redis.lrange("began", 0, -1)
    assert worker.stdout is not None
    said = worker.stdout.read().decode()
    assert "left to another worker" in said
    assert "Traceback" not in said
    redis.set("go", 1)
    start()
    until(lambda: not queues.exists(redis, "held"))
    assert redis.llen("done") == 1


def test_an_idle_worker_stops_when_asked(redis: Redis, start: Start) -> None:
    worker = start()
    [key] = redis.smembers("rq:workers")
    until(lambda: redis.hget(key, "state") == b"idle")
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert redis.scard("rq:workers") == 0


def test_urgent_jobs_go_first(redis: Redis, redis_server: EmbeddedRedis, start: Start) -> None:
    redis.set("go", 1)
    for queue, job in ((queues.ANNOTATE, "slow"), (queues.INTERACTIVE, "urgent")):
        queues.enqueue(redis, queue, HOLD, job=job, timeout=600, kwargs={"url": redis_server.url})
    start()
    until(lambda: redis.llen("done") == 2)
    assert redis.lrange("jobs", 0, -1) == [b"urgent", b"slow"]
