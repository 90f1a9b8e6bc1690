"""`earmark retry`: failed tasks, all or some, are tried again."""

from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner

from backend import queues
from backend import settings as settings_module
from backend.identity import PredictionIdentity
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.tasks import TaskStates
from earmark.cli import app

URL = "http://localhost:8080"
KEY = str(ProjectKey(URL, 7, 1767323045))


@pytest.fixture
def failed(tmp_path: Path, redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> TaskStates:
    """Project 7, of which tasks 1 and 2 failed."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    settings_module.save_connection(settings_module.load(), url=URL, token="0123456789abcdef" * 2, project=KEY)
    states = TaskStates(redis, KEY)
    for task in (1, 2):
        states.failed(PredictionIdentity(task, "media", "config", "earmark-000000000000"), "No sound.")
    return states


def test_all_that_failed_are_tried_again(failed: TaskStates) -> None:
    ended = CliRunner().invoke(app, ["retry", "--project", "7"])
    assert ended.stdout == "2 failed tasks will be tried again.\n"
    assert failed.failures() == {}
    assert queues.exists(failed.redis, f"reconcile-{KEY}")
    assert CliRunner().invoke(app, ["retry", "--project", "7"]).stdout == "No task of this project has failed.\n"


def test_one_of_them_is(failed: TaskStates) -> None:
    assert CliRunner().invoke(app, ["retry", "--project", "7", "--task", "2"]).exit_code == 0
    assert failed.failures() == {1: "No sound."}


def test_an_unknown_project_is_refused(failed: TaskStates) -> None:
    ended = CliRunner().invoke(app, ["retry", "--project", "8"])
    assert (ended.exit_code, failed.failures().keys()) == (1, {1, 2})
    assert "connected: 7" in ended.stderr
