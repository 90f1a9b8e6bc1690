"""`earmark retrain`: what it starts, shows and says."""

import threading
import time
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer
from typer.testing import CliRunner

from backend import history, queues
from backend import settings as settings_module
from backend.leases import Lease
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from earmark.cli import app
from training_jobs.progress import TrainingProgress

URL = "http://localhost:8080"
KEY = str(ProjectKey(URL, 7, 1767323045))


@pytest.fixture(autouse=True)
def connected(tmp_path: Path, redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home connected to project 7."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    settings_module.save_connection(settings_module.load(), url=URL, token="0123456789abcdef" * 2, project=KEY)


def worker(redis: Redis, outcome: str, *, succeeded: bool) -> threading.Thread:
    """Does what a worker does with the training once it is queued: hold its lease, tell its steps, end."""

    def work() -> None:
        job = f"retrain-{KEY}"
        while not queues.exists(redis, job):
            time.sleep(0.01)
        with Lease(redis, job):
            progress = TrainingProgress(redis, KEY)
            progress.begin(job, "Somebody asked.")
            progress.report("train", 0.5, 1, detail="avol: step 5 of 10")
            progress.end(outcome, succeeded=succeeded)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(("succeeded", "code"), [(True, 0), (False, 1)])
def test_prints_the_outcome(redis: Redis, succeeded: bool, code: int) -> None:
    # The training before this one must not be taken for it.
    before = TrainingProgress(redis, KEY)
    before.begin(f"retrain-{KEY}", "Long ago.")
    before.end("An outcome of long ago.", succeeded=True)
    thread = worker(redis, "It ended so.", succeeded=succeeded)
    ended = CliRunner().invoke(app, ["retrain", "--project", "7", "--minutes", "0.5"])
    thread.join()
    assert (ended.stdout, ended.exit_code) == ("It ended so.\n", code)
    assert "Training queued" in ended.stderr
    assert "No worker takes trainings yet" in " ".join(ended.stderr.split())
    assert history.read(redis, KEY)[0].event == "earmark retrain"


def test_the_budget_reaches_the_job(redis: Redis) -> None:
    thread = worker(redis, "Done.", succeeded=True)
    CliRunner().invoke(app, ["retrain", "--project", "7", "--minutes", "0.5"])
    thread.join()
    [key] = redis.scan_iter("rq:job:*")
    job = Job.fetch(key.decode().removeprefix("rq:job:"), connection=redis, serializer=JSONSerializer)
    assert job.kwargs["minutes"] == 0.5


def test_an_unconnected_project_is_named_with_those_that_are() -> None:
    ended = CliRunner().invoke(app, ["retrain", "--project", "8"])
    assert ended.exit_code == 1
    assert "Project 8 is not connected (connected: 7)" in " ".join(ended.stderr.split())


def test_without_redis_it_says_how_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/none.sock")
    ended = CliRunner().invoke(app, ["retrain", "--project", "7"])
    assert ended.exit_code == 1
    assert "start `earmark serve` or `earmark demo` first" in " ".join(ended.stderr.split())


def test_cancel_stops_what_waits_and_starts_nothing(redis: Redis) -> None:
    queues.enqueue_retrain(redis, KEY, "Somebody asked.")
    ended = CliRunner().invoke(app, ["retrain", "--project", "7", "--cancel"])
    assert ended.exit_code == 0
    assert ended.stdout.startswith("Cancelled by `earmark retrain --cancel`")
    assert queues.waiting(redis, queues.TRAIN) == 0
    again = CliRunner().invoke(app, ["retrain", "--project", "7", "--cancel"])
    assert again.stdout == "No training is running or queued.\n"
