"""The retrain job: a new version from a project's own unlabelled videos, served only if it is no worse."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend import history, queues
from backend.identity import PredictionIdentity
from backend.leases import Lease, LeaseHeld
from backend.media import FetchError
from label_config import ConfigError
from training_jobs.imports import Imports
from training_jobs.learning import too_few
from training_jobs.progress import TrainingProgress
from training_jobs.project import Project, Row, is_labelled
from training_jobs.running import running
from training_jobs.trainer import Request, request_text

log = logging.getLogger(__name__)

# The trainer reads local files only: it gets no token.
SECRETS = ("EARMARK_LABEL_STUDIO_TOKEN", "EARMARK_SECRET", "REDIS_URL")


NOT_TRAINED = "Not trained"


class TrainingFailed(RuntimeError):  # noqa: N818 (an event, as it is spoken of)
    """The trainer's process ended without an outcome; the message is one sentence."""


def retrain(*, project: str, trigger: str, job: str, minutes: float | None = None) -> str:
    """Train, compare, and promote or not. The RQ job of `backend.queues.RETRAIN_JOB`.

    Args:
        project: key of the project.
        trigger: why, one sentence.
        job: name of the job.
        minutes: budget of the training proper; by default that of the settings.

    Returns:
        The outcome, one sentence; the project's history holds it too.

    Raises:
        LabelStudioError: the tasks cannot be listed.
        TrainingFailed: the trainer's process died.
    """
    try:
        with running(project, job) as (opened, lease):
            progress = TrainingProgress(opened.redis, project)
            status = progress.begin(job, trigger)
            training = _Training(opened, lease, progress, trigger, minutes or opened.settings.retrain_minutes)
            try:
                outcome = training.annotate_again(status.promoted) if status.promoted else training.run()
            except Exception as error:
                lease.check()
                progress.end(f"Ended without success: {error}", succeeded=False)
                raise
            progress.end(outcome, succeeded=not outcome.startswith(NOT_TRAINED))
            history.note(opened.redis, project, job, outcome)
            return outcome
    except LeaseHeld as error:
        return str(error)


class _Training:
    """The steps of one training, in their order."""

    def __init__(
        self, project: Project, lease: Lease, progress: TrainingProgress, trigger: str, minutes: float
    ) -> None:
        self.project, self.lease, self.progress = project, lease, progress
        self.trigger, self.minutes = trigger, minutes
        self.workdir = project.settings.home / "training" / str(project)
        self.skipped: list[str] = []

    def run(self) -> str:
        videos = self._fetch(self._collect())
        if reason := too_few(len(videos), self.skipped):
            return f"{NOT_TRAINED}: {reason}"
        shutil.rmtree(self.workdir, ignore_errors=True)  # what a training that died has left
        self.workdir.mkdir(parents=True)
        try:
            outcome = self._train(videos)
            if "refused" in outcome:
                return f"{NOT_TRAINED}: {outcome['refused']}"
            return self._promote(outcome["version"], outcome["card"])
        finally:
            shutil.rmtree(self.workdir, ignore_errors=True)

    def annotate_again(self, version: str) -> str:
        """Queue the tasks nobody has labelled for predictions of `version`."""
        self.lease.check()
        self.progress.report("re-annotate")
        identities = list(self._identities(version))
        self.lease.check()
        queued = queues.enqueue_annotate(self.project.redis, str(self.project), identities)
        self.progress.report("re-annotate", len(queued.tasks), len(identities), detail=queued.reason)
        reason = self.project.versions.card(version).get("reason", "")
        return f"{version} serves now. {reason} {queued.reason}"

    def _collect(self) -> list[Row]:
        self.progress.report("collect")
        tasks = list(self.project.label_studio.tasks(self.project.key.id))
        # Whatever Label Studio holds now is in this training, however it was told of: none of it starts the next.
        Imports(self.project).learnt(tasks)
        unlabelled = [task for task in tasks if not is_labelled(task)]
        self.progress.report("collect", len(tasks), len(tasks), detail=f"{len(unlabelled)} unlabelled videos")
        return unlabelled

    def _fetch(self, tasks: list[Row]) -> dict[str, str]:
        """Local file by task id; what cannot be fetched is named and left out."""
        found: dict[str, str] = {}
        for done, task in enumerate(tasks):
            self.lease.check()
            try:
                found[str(task["id"])] = str(self.project.fetcher.fetch(self.project.config.media_url(task["data"])))
            except ConfigError as error:
                self._skip(task, error)
            except FetchError as error:
                self.project.label_studio.project(self.project.key.id)  # raises where it is Label Studio that is away
                self._skip(task, error)
            self.progress.report("fetch", done + 1, len(tasks), detail=self.skipped[-1] if self.skipped else "")
        return found

    def _skip(self, task: Row, error: Exception) -> None:
        self.skipped.append(f"task {task['id']}: {error}")
        log.warning("passed over %s", self.skipped[-1])

    def _train(self, videos: dict[str, str]) -> dict[str, Any]:
        request = Request(
            project=str(self.project),
            trigger=self.trigger,
            weights=str(self.project.versions.path(self.project.version).resolve()),
            videos=videos,
            label_config=self.project.xml,
            clips=str(self.project.clips.resolve()),
            workdir=str((self.workdir / "version").resolve()),
            minutes=self.minutes,
        )
        for line in _supervise(request, self.workdir / "request.json"):
            self.lease.check()
            if "outcome" in line:
                outcome = line["outcome"]
                for reason in outcome.get("skipped") or outcome.get("card", {}).get("skipped", ()):
                    log.warning("passed over %s", reason)
                return outcome
            self.progress.report(**line)
        raise TrainingFailed("The trainer's process ended before it was done: see the worker's log.")

    def _promote(self, version: str, card: dict[str, Any]) -> str:
        self.lease.check()
        self.project.versions.add(self.workdir / "version")
        if card["state"] != "candidate":
            return f"{version} is kept but not served. {card['reason']}"
        self.progress.report("promote", detail=version)
        self.lease.check()
        self.project.versions.promote(str(self.project), version)
        self.progress.promoted(version)
        return self.annotate_again(version)

    def _identities(self, version: str) -> Iterator[PredictionIdentity]:
        for task in self.project.label_studio.tasks(self.project.key.id):
            if is_labelled(task):
                continue
            try:
                yield self.project.identify(task, version)
            except ValueError as error:
                log.warning("task %s is not annotated again: %s", task.get("id"), error)


def _supervise(request: Request, path: Path) -> Iterator[dict[str, Any]]:
    """Run the trainer in a fresh process and pass on what it tells; it never outlives the caller."""
    path.write_text(request_text(request))
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    command = [sys.executable, "-m", "training_jobs.trainer", str(path.resolve()), str(os.getpid())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None  # noqa: S101 (it is a pipe)
            for line in process.stdout:
                yield json.loads(line)
        finally:
            process.kill()
