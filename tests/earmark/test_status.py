"""`earmark status`: every task's state and every reason, for people and as JSON."""

import json
from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner

from backend import history, jobs, queues, trainings
from backend import settings as settings_module
from backend.identity import PredictionIdentity
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.tasks import TaskStates
from earmark.cli import app
from training_jobs.progress import TrainingProgress

URL = "http://localhost:8080"
KEY = str(ProjectKey(URL, 7, 1767323045))


@pytest.fixture(autouse=True)
def connected(tmp_path: Path, redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> TaskStates:
    """A home connected to project 7."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    settings_module.save_connection(settings_module.load(), url=URL, token="0123456789abcdef" * 2, project=KEY)
    return TaskStates(redis, KEY)


def identity(task: int) -> PredictionIdentity:
    return PredictionIdentity(task, "media", "config", "earmark-000000000000")


def test_every_reason_is_told(redis: Redis, connected: TaskStates) -> None:
    connected.failed(identity(3), "text.mp4: not a media file that can be read.")
    connected.done(identity(4), {"result": [], "score": 1.0, "model_version": "v"}, "silent throughout")
    connected.done(identity(5), {"result": [{}], "score": 0.8, "model_version": "v"})
    connected.keep_notes(["No segments are shown."])
    history.note(redis, KEY, "TASKS_CREATED", "Queued 3 tasks.")
    history.note(redis, KEY, f"retrain-{KEY}", "It serves now.")
    training = TrainingProgress(redis, KEY)
    training.begin("job", "Somebody asked.")
    training.end("It serves now.", succeeded=True)
    shown = CliRunner().invoke(app, ["status", "--project", "7"])
    assert shown.exit_code == 0
    for words in (
        "2 done, 1 failed",
        "task 3 failed: text.mp4: not a media file that can be read.",
        "task 4 has no boxes: silent throughout",
        "No segments are shown.",
        ": It serves now. (collect 0 s)",
        "  retrain: It serves now.",
        "Tasks imported: Queued 3 tasks.",
    ):
        assert words in shown.stdout
    [line] = CliRunner().invoke(app, ["status", "--json"]).stdout.splitlines()
    told = json.loads(line)
    assert told["failed"] == [{"task": 3, "reason": "text.mp4: not a media file that can be read."}]
    assert told["empty"] == [{"task": 4, "reason": "silent throughout"}]
    assert told["tasks"]["done"] == 2


def test_a_running_training_shows_every_step_it_went_through(redis: Redis) -> None:
    training = TrainingProgress(redis, KEY)
    training.begin("job", "Somebody asked.", "a")
    for step in ("collect", "fetch", "decode"):
        training.report(step, 1, 2)
    training.report("train", 0.25, 1, seconds_left=90, detail="avol: step 5 of 20")
    shown = CliRunner().invoke(app, ["status", "--project", "7"]).stdout
    lines = [line.split() for line in shown.splitlines()]
    assert [line[0] for line in lines[2:6]] == ["collect", "fetch", "decode", "train"]
    assert "25%, avol: step 5 of 20, about 90 s left (step 4 of 9)" in shown


def test_a_training_whose_worker_died_is_told_once(redis: Redis) -> None:
    queues.enqueue_retrain(redis, KEY, "Somebody asked.")
    spec = jobs.find(redis, trainings.job_name(KEY))
    assert spec is not None
    training = TrainingProgress(redis, KEY)
    training.begin("job", "Somebody asked.", trainings.training_of(spec))
    training.report("train", 0.6, 1, seconds_left=17)
    shown = CliRunner().invoke(app, ["status", "--project", "7"]).stdout
    assert "training, broken off in the step train: waits for a worker (Somebody asked.)" in shown
    assert "training since" not in shown and "17 s left" not in shown


def test_steps_are_listed_in_their_order(redis: Redis) -> None:
    training = TrainingProgress(redis, KEY)
    training.begin("job", "Somebody asked.", "a")
    for step in ("gate", "promote", "re-embed", "re-annotate", "re-embed"):  # its tasks are queued, then followed
        training.report(step, 1, 2)
    shown = CliRunner().invoke(app, ["status", "--project", "7"]).stdout
    assert [line.split()[0] for line in shown.splitlines()[2:]] == ["collect", "gate", "promote", "re-embed"]


def test_an_unknown_project_is_refused() -> None:
    refused = CliRunner().invoke(app, ["status", "--project", "9"])
    assert refused.exit_code == 1
    assert "connected: 7" in refused.stderr and "earmark connect" in refused.stderr
