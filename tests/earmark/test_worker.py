"""`earmark worker`: it takes jobs, or says in one sentence why it does not."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner

from backend.redis_server import EmbeddedRedis
from backend.settings import Settings
from backend.versions import VersionStore
from earmark.cli import app


@pytest.fixture
def home(tmp_path: Path, redis_server: EmbeddedRedis, untrained_version: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a version to work with, and the variables that name it and Redis."""
    VersionStore(Settings(home=tmp_path)).seed(untrained_version)
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--queues", "annotate,sing"], "choose from interactive, annotate, train"),
        (["--queues", ""], "choose from interactive, annotate, train"),
        (["--device", "abacus"], "write cpu, cuda or cuda:0"),
    ],
)
def test_says_what_is_wrong_with_its_options(arguments: list[str], sentence: str) -> None:
    ended = CliRunner().invoke(app, ["worker", *arguments])
    assert ended.exit_code == 1
    assert sentence in " ".join(ended.stderr.split())
    assert ended.stdout == ""


@pytest.mark.usefixtures("home")
def test_without_redis_it_says_how_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/none.sock")
    ended = CliRunner().invoke(app, ["worker"])
    assert ended.exit_code == 1
    assert "start `earmark serve` or `earmark demo` first" in " ".join(ended.stderr.split())


@pytest.mark.usefixtures("home")
def test_takes_its_queues_until_it_is_asked_to_stop(redis: Redis) -> None:
    command = [sys.executable, "-m", "earmark", "worker", "--queues", "train,annotate"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Listening on" in line:
                break
        [key] = redis.smembers("rq:workers")
        assert redis.hget(key, "queues") == b"train,annotate"
        while redis.hget(key, "state") != b"idle":  # before, it is still starting
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait() == 0, rest
    assert redis.scard("rq:workers") == 0


def test_what_it_imports_ahead_survives_a_fork() -> None:
    code = """
import sys, threading
from earmark.worker import _import_ahead
_import_ahead()
assert "torch" in sys.modules and "lancedb" not in sys.modules, "LanceDB must be opened by the children"
assert threading.active_count() == 1, threading.enumerate()
ahead = set(sys.modules)
import lancedb
late = {name.partition(".")[0] for name in set(sys.modules) - ahead}
assert not [name for name in late if name.startswith("lance_namespace")], "it takes most of the time"
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
