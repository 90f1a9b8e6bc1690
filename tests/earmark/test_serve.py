"""`earmark serve` as its own process: up, reachable, one sentence when it cannot be, and gone at the end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from backend import settings as settings_module
from backend.address import address as told_address
from backend.redis_server import EmbeddedRedis
from backend.versions import VersionStore


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a stored version, as after a first start."""
    weights = tmp_path / "weights"
    weights.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (weights / name).write_text("weights")
    (weights / "card.json").write_text("{}")
    VersionStore(settings_module.Settings(home=tmp_path / "a home")).seed(weights)
    return tmp_path / "a home"


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EARMARK_", "REDIS_URL"))}
    return {**kept, "EARMARK_HOME": str(home)}


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    command = [sys.executable, "-m", "earmark", "serve", "--port", "0"]
    log = (home.parent / "serve.log").open("w")
    process = subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), (home.parent / "serve.log").read_text()
        yield process, address
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
        log.close()


def test_serves_from_an_embedded_redis_and_leaves_nothing(home):
    redis = EmbeddedRedis(home)
    with serving(home) as (process, address):
        assert requests.get(f"{address}/health", timeout=30).json()["status"] == "UP"
        assert requests.post(f"{address}/setup", json={}, timeout=30).status_code == 503
        saved = settings_module.save_connection(
            settings_module.Settings(home=home), url="http://localhost:8080", token="t", project="0a1b2c3d-1-5"
        )
        auth = ("earmark", saved.secret.get_secret_value())
        answer = requests.post(f"{address}/projects/1/setup", json={"project": "1.5"}, auth=auth, timeout=30)
        assert answer.json() == {"model_version": VersionStore(settings_module.Settings(home=home)).base()}
        assert redis.pid is not None

        assert told_address(saved) == address
        redis_before = redis.pid
        os.kill(redis_before, signal.SIGKILL)
        wait_until(lambda: redis.pid not in (None, redis_before))  # started again by itself

        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert told_address(saved) == "http://127.0.0.1:9090"  # the one it would have by the settings
    assert redis.pid is None
    assert not redis.socket.parent.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{address}/health", timeout=5)


def test_poll_runs_in_the_serving_process(home):
    from redis import Redis

    settings_module.save_connection(
        settings_module.Settings(home=home), url="http://localhost:8080", token="t", project="0a1b2c3d-1-5"
    )
    with serving(home), Redis.from_url(EmbeddedRedis(home).url) as redis:
        wait_until(lambda: redis.exists("rq:queue:interactive") == 1)
        assert json.loads(redis.hget("earmark:jobs", "reconcile-0a1b2c3d-1-5"))["queue"] == "interactive"


def test_killed_server_takes_its_redis_along(home):
    redis = EmbeddedRedis(home)
    with serving(home) as (process, _):
        assert redis.pid is not None
        process.kill()
        wait_until(lambda: redis.pid is None)
    shutil.rmtree(redis.socket.parent, ignore_errors=True)


def test_port_in_use_is_one_sentence_and_starts_nothing(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "earmark", "serve", "--port", port]
        refused = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stderr.replace("\n", " ")
    assert "Traceback" not in refused.stderr and refused.stdout == ""
    assert EmbeddedRedis(home).pid is None


def test_wrong_setting_is_one_sentence(home):
    command = [sys.executable, "-m", "earmark", "serve"]
    environ = {**environment(home), "EARMARK_PORT": "many"}
    refused = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "EARMARK_PORT" in refused.stderr and "Traceback" not in refused.stderr
