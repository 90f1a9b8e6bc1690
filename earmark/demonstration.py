"""The demo's course: which processes it starts, what it puts into Label Studio, what it waits for."""

import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from earmark import child, ports, sample_project, studio
from earmark.demo_outcome import Outcome, standing_prediction, worth
from earmark.supervisor import Supervisor, read_pids

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from backend.settings import Settings

KEEPSAKE = "demo.json"
WORKERS = {"worker-1": "interactive,annotate", "worker-2": "train,annotate"}
BACKEND_SECONDS = 60.0
SILENCE = 300.0  # seconds without one more prediction after which the rest is given up
LOOK = 0.5  # seconds between two looks at Label Studio
RELEASE = 5.0  # seconds a killed demo's servers may still hold their ports


class DemoError(RuntimeError):
    """The demo cannot go on; the message is one sentence."""


class Demonstration:
    """One demo on one data folder. Use from the main thread: the kernel ends the processes when it ends."""

    def __init__(self, home: Path, port: int, label_studio_port: int) -> None:
        """`port`, `label_studio_port`: 0 takes the ports of the last time, or any free ones."""
        self.home = home
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.outcome = Outcome()
        self._seconds: dict[str, float] = {}
        self._show: int | None = None  # the task to look at first
        self._supervisor = Supervisor(home, self._say)
        self._keepsake = self._recall()
        self._port = self._choose("port", port, "--port", "the backend")
        self._studio = studio.Studio(
            port=self._choose("label_studio_port", label_studio_port, "--label-studio-port", "Label Studio"),
            data=home / "label-studio",
            files=home / "videos",
            password=self._keepsake.setdefault("password", secrets.token_urlsafe(9)),
            token=self._keepsake.setdefault("token", secrets.token_hex(20)),
        )
        self._remember()

    def run(self) -> Outcome:
        """Start everything, fill the project, wait until each task has its prediction."""
        began = time.monotonic()
        self._start_studio()
        with self._phase("samples", f"{sample_project.VIDEOS} sample videos") as tell:
            samples = sample_project.make(self.home / "samples", lambda n: tell(f"{n} of {sample_project.VIDEOS}"))
        with self._phase("label_studio", "Label Studio is starting (the first time it takes a minute)"):
            self._supervisor.wait(self._studio.is_up, "Label Studio's start", studio.START_SECONDS)
        with self._phase("project", "the project and its labelled samples"):
            settings, label_studio, row = self._project(samples)
        project = int(row["id"])
        with self._phase("backend", "the backend and its workers"):
            self._start_backend(settings, project, label_studio)
        with self._phase("import", "importing the other samples"):
            sample_project.upload(label_studio, project, samples, samples.truths)
        with self._phase("predictions", "boxes and suggestions") as tell:
            self.outcome = self._await_predictions(settings, label_studio, project, tell)
        self.outcome.seconds["total"] = round(time.monotonic() - began, 1)
        self._welcome(project)
        return self.outcome

    def stay(self) -> None:
        """Look after the processes until somebody stops the demo."""
        self._say("Ctrl-C stops everything; the data are kept.")
        while True:
            self._supervisor.tend()
            time.sleep(LOOK)

    def stop(self) -> None:
        """Stop every process; the data stay."""
        self._say("stopping")
        self._supervisor.stop()

    def _start_studio(self) -> None:
        if not studio.PYTHON.exists():
            raise DemoError(
                f"Label Studio is not installed in {studio.PYTHON.parent.parent}: run `make demo`, which does that"
            )
        for folder in (self._studio.data, self._studio.files):
            folder.mkdir(parents=True, exist_ok=True)
        self._supervisor.start("label-studio", self._studio.command, self._studio.environment)

    def _project(self, samples: sample_project.Samples) -> "tuple[Settings, LabelStudio, dict[str, Any]]":
        """The project with its labelled samples, before anything can predict: suggestions then know the labels."""
        from backend import settings as module
        from backend.label_studio import LabelStudio
        from backend.projects import ProjectKey
        from label_config import read_config
        from model.world.generation import FRAME_RATE

        label_studio = LabelStudio(self._studio.url, self._studio.token)
        row = sample_project.find_or_create(label_studio, self._keepsake.get("project"))
        self._keepsake["project"] = row["id"]
        self._remember()
        settings = module.save_connection(
            module.load(self.home),
            url=self._studio.url,
            token=self._studio.token,
            project=str(ProjectKey.of_row(self._studio.url, row)),
            aliases=(f"http://{ports.HOST}:{self._studio.port}",),
        )
        labelled = samples.labelled()
        tasks = sample_project.upload(label_studio, int(row["id"]), samples, labelled)
        sample_project.label(label_studio, read_config(row["label_config"]), tasks, labelled, FRAME_RATE)
        return settings, label_studio, row

    def _start_backend(self, settings: "Settings", project: int, label_studio: "LabelStudio") -> None:
        from backend import connecting
        from backend.redis_server import EmbeddedRedis
        from backend.versions import VersionStore
        from model.checkpoints import SHIPPED

        VersionStore(settings).seed(SHIPPED)
        self._supervisor.adopt("redis", EmbeddedRedis(self.home, launcher=child.launcher("TERM")))
        environment = {**os.environ, "EARMARK_HOME": str(self.home), "EARMARK_PORT": str(self._port)}
        earmark = [sys.executable, "-P", "-m", "earmark"]
        self._supervisor.start("backend", [*earmark, "serve"], environment)
        for name, queues in WORKERS.items():
            self._supervisor.start(name, [*earmark, "worker", "--queues", queues], environment)
        url = f"http://{ports.HOST}:{self._port}"
        self._supervisor.wait(lambda: _answers(f"{url}/health"), "the backend's start", BACKEND_SECONDS)
        assert settings.secret is not None  # noqa: S101 - for the type checker: saving the connection makes one
        try:
            connected = connecting.connect(label_studio, project, url, settings.secret.get_secret_value())
        except connecting.ConnectingError as error:
            raise DemoError(str(error)) from error
        for note in (*connected.changes, *connected.warnings):
            self._say(note)

    def _await_predictions(self, settings: "Settings", label_studio: "LabelStudio", project: int, tell: Any) -> Outcome:
        """Look until each task has a prediction or a reason why not, or nothing has come for SILENCE seconds."""
        from backend.projects import ProjectKey
        from backend.redis_server import connect
        from backend.tasks import TaskStates
        from backend.versions import VersionStore

        key = str(ProjectKey.of_row(label_studio.url, label_studio.project(project)))
        states = TaskStates(connect(settings), key)
        last_change = time.monotonic()
        outcome = Outcome()
        while True:
            rows = list(label_studio.tasks(project))
            version = VersionStore(settings).current(key)
            found = {int(row["id"]): standing_prediction(row, version) for row in rows}
            predicted = {task: one for task, one in found.items() if one is not None}
            failed = {task: why for task, why in states.failures().items() if task in found and task not in predicted}
            if (len(predicted), len(failed)) != (outcome.predicted, len(outcome.failed)):
                last_change = time.monotonic()
            regions = sum(
                item["type"] == "videorectangle" for one in predicted.values() for item in one["result"] or []
            )
            outcome = Outcome(len(rows), len(predicted), failed, regions, self._seconds, version)
            tell(f"{outcome.predicted} of {outcome.tasks}" + (f", {len(failed)} failed" if failed else ""))
            if outcome.predicted + len(failed) == outcome.tasks:
                unlabelled = {int(row["id"]) for row in rows if not row["annotations"]}
                self._show = max(predicted.keys() & unlabelled, key=lambda task: worth(predicted[task]), default=None)
                return outcome
            if time.monotonic() - last_change > SILENCE:
                late = f"no prediction and no reason within {SILENCE:.0f} s: see the logs in {self._supervisor.logs}"
                outcome.failed.update({task: late for task in found if task not in predicted and task not in failed})
                return outcome
            pause = time.monotonic() + LOOK
            self._supervisor.wait(lambda until=pause: time.monotonic() > until, "a pause", SILENCE)  # type: ignore[misc]

    def _welcome(self, project: int) -> None:
        for task, reason in self.outcome.failed.items():
            self._say(f"task {task}: {reason}")
        address = f"{self._studio.url}/projects/{project}/data"
        print(
            f"""
{self.outcome.predicted} of {self.outcome.tasks} tasks carry a prediction, with {self.outcome.regions} boxes.

  Open     {address}
  Log in   {studio.EMAIL}   {self._studio.password}
  Look at  {address}{f"?task={self._show}" if self._show else ""}
           Play it: boxes follow what sounds; the choice below the video is suggested from the tasks
           that are labelled already. Submit what is right, mend what is not.
           Own videos: Import in that project; each gets its boxes by itself.
           Start Training (Settings, Model), or 20 imports, and the model trains itself on them.
  Page     http://{ports.HOST}:{self._port}/ shows what runs; .venv/bin/earmark page prints its user and password
  Status   .venv/bin/earmark status tells what became of every task, and why one failed
  Files    {self.home}: logs, versions, everything kept
""",
            flush=True,
        )

    def _choose(self, name: str, port: int, option: str, purpose: str) -> int:
        """The port that was asked for, or for 0 the last one: Label Studio's address names all that is kept of it."""
        last = self._keepsake.get(name)
        if port == 0 and isinstance(last, int) and ports.is_free(last):
            port = last
        deadline = time.monotonic() + (RELEASE if read_pids(self.home) else 0)
        while True:
            try:
                chosen = ports.choose(port, option, purpose)
                break
            except ports.PortError as error:
                if time.monotonic() > deadline:
                    raise DemoError(str(error)) from None
                time.sleep(0.1)
        self._keepsake[name] = chosen
        return chosen

    def _recall(self) -> dict[str, Any]:
        try:
            return json.loads((self.home / KEEPSAKE).read_text())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise DemoError(f"{self.home / KEEPSAKE} is damaged: move {self.home} away to start afresh") from None

    def _remember(self) -> None:
        path = self.home / KEEPSAKE
        new = path.with_suffix(".new")
        new.touch(mode=0o600)  # before the password is in it
        new.write_text(json.dumps(self._keepsake, indent=2) + "\n")
        new.replace(path)

    @contextmanager
    def _phase(self, name: str, what: str) -> "Iterator[Any]":
        """Time a phase under `name`, and show what is being done; yields a function that tells how far it is."""
        started = time.monotonic()
        told = ""

        def tell(detail: str) -> None:
            nonlocal told
            if status is not None:
                status.update(f"{what}: {detail}")
            elif detail != told:
                self._say(f"{what}: {detail}")
            told = detail

        status = self.console.status(what) if self.console.is_terminal else None
        if status is None:
            self._say(what)
            yield tell
        else:
            with status:
                yield tell
        self._seconds[name] = round(time.monotonic() - started, 1)
        if status is not None:
            self._say(f"{what} ({self._seconds[name]:.0f} s)")

    def _say(self, message: str) -> None:
        self.console.print(f"{time.strftime('%H:%M:%S')} {message}", markup=False)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
