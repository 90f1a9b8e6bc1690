"""The demo as a test meets it: started by its command, spoken to through Label Studio's API."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend import settings
from backend.label_studio import LabelStudio
from earmark.supervisor import read_pids

PREDICT_SECONDS = 300
COMMAND_SECONDS = 240  # a command may load torch, on a busy machine
STOP_SECONDS = 60


def until(condition: Callable[[], Any], what: str, seconds: float = PREDICT_SECONDS, pause: float = 0.5) -> Any:
    """The first true value of `condition`; fails when none has come after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(pause)
    return value


def alive(pid: int) -> bool:
    """Whether the process still runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    home: Path
    process: subprocess.Popen[str]
    keepsake: Mapping[str, Any]
    """What it keeps: ports, password, token, project."""

    @classmethod
    def start(cls, home: Path, environment: Mapping[str, str]) -> "Demo":
        """Start it and wait until its sample tasks have their predictions."""
        home.mkdir(parents=True, exist_ok=True)
        log = (home / "demo.log").open("w")
        command = [sys.executable, "-m", "earmark", "demo", "--port", "0", "--label-studio-port", "0"]
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment, "EARMARK_HOME": str(home)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        log.close()
        one = cls(home, process, {})
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip().startswith("Files"):
                    return replace(one, keepsake=json.loads((home / "demo.json").read_text()))
        except BaseException:
            one.stop()
            raise
        one.stop()
        raise AssertionError(f"the demo did not start:\n{(home / 'demo.log').read_text()[-3000:]}")

    @property
    def url(self) -> str:
        """Label Studio's address."""
        return f"http://localhost:{self.keepsake['label_studio_port']}"

    @property
    def backend(self) -> str:
        """The backend's address."""
        return f"http://127.0.0.1:{self.keepsake['port']}"

    @property
    def project(self) -> int:
        """The sample project."""
        return int(self.keepsake["project"])

    @property
    def label_studio(self) -> LabelStudio:
        """A client with the demo user's token."""
        return LabelStudio(self.url, self.keepsake["token"])

    @property
    def settings(self) -> settings.Settings:
        """What the demo's processes read."""
        return settings.load(self.home)

    @property
    def pids(self) -> dict[str, int]:
        """Process id by name."""
        return read_pids(self.home)

    def earmark(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command on the demo's data."""
        return subprocess.run(
            [sys.executable, "-m", "earmark", *arguments],
            env={**os.environ, "EARMARK_HOME": str(self.home), **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
        )  # fmt: skip

    def connect(self, project: int, *options: str) -> subprocess.CompletedProcess[str]:
        """Connect another project of the demo's Label Studio to the demo's backend."""
        return self.earmark(
            "connect", "--url", self.url, "--project", str(project), "--backend-url", self.backend, *options,
            EARMARK_LABEL_STUDIO_TOKEN=self.keepsake["token"],
        )  # fmt: skip

    def prediction(self, task: int) -> dict[str, Any] | None:
        """A task's only prediction of ours, read through the API; None before there is one."""
        rows = [row for row in self.label_studio.predictions(task=task) if row["model_version"].startswith("earmark-")]
        assert len(rows) <= 1, f"task {task} has {len(rows)} predictions of ours"
        return rows[0] if rows else None

    def stop(self) -> int:
        """Press Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
