import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark import ports
from earmark.cli import app
from earmark.lock import Lock


def run(home: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "earmark", "demo", *options],
        env={"EARMARK_HOME": str(home), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_one_that_runs_already_is_named(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    assert lock.acquire()
    outcome = run(tmp_path, "--once", "--port", "0", "--label-studio-port", "0")
    lock.release()
    assert outcome.returncode == 1
    assert f"a demo runs already on {tmp_path}" in outcome.stderr and "Traceback" not in outcome.stderr


def test_it_is_a_world_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    others = {"REDIS_URL": "redis://elsewhere", "EARMARK_STORAGE": "s3://elsewhere", "EARMARK_PROJECTS": "p"}
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    lock = Lock(tmp_path)
    assert lock.acquire()
    CliRunner().invoke(app, ["demo", "--once"])
    lock.release()
    assert not others.keys() & os.environ.keys()  # so nothing it starts sees them


@pytest.mark.parametrize("option", ["--port", "--label-studio-port"])
def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path: Path, option: str) -> None:
    other = {"--port": "--label-studio-port", "--label-studio-port": "--port"}[option]
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = run(tmp_path, "--once", option, str(port), other, "0")
    assert outcome.returncode == 1
    assert f"port {port} for" in outcome.stderr and f"{option} N" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not list((tmp_path / "logs").glob("*.log"))


def test_a_run_that_stops_early_still_ends_with_its_outcome(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    outcome = run(tmp_path, "--once", "--port", "0", "--label-studio-port", "0")
    assert outcome.returncode == 1
    assert json.loads(outcome.stdout.splitlines()[-1])["tasks"] == 0
    assert "is damaged" in outcome.stderr
