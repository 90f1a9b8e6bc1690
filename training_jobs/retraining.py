"""The retrain job: a new version from a project's own unlabelled videos, served only if it is no worse."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from backend import cancelling, history, jobs
from backend.leases import Lease, LeaseHeld, LeaseLost
from backend.media import FetchError
from backend.sources import file_name
from backend.trainings import Status
from backend.versions import version_of
from label_config import ConfigError
from model.checkpoints import SHIPPED
from training_jobs.cancellation import Cancellation, Cancelled
from training_jobs.checkpoint import Checkpoint, Plan
from training_jobs.devices import Device
from training_jobs.imports import Imports
from training_jobs.learning import too_few
from training_jobs.localization_set import write_checked
from training_jobs.progress import TrainingProgress
from training_jobs.project import Project, Row, is_labelled
from training_jobs.running import DEVICE, running
from training_jobs.successor import Successor
from training_jobs.trainer import Request, request_text

log = logging.getLogger(__name__)

# The trainer reads local files only: it gets no token.
SECRETS = ("EARMARK_LABEL_STUDIO_TOKEN", "EARMARK_SECRET", "REDIS_URL")


NOT_TRAINED = "Not trained"
NAMED = 5  # videos that an outcome names; the card names all that were decoded in vain
DEVICE_LOOK = 1.0  # seconds between two looks whether the device is free


class TrainingFailed(RuntimeError):  # noqa: N818 (an event, as it is spoken of)
    """The trainer's process ended without an outcome; the message is one sentence."""


def retrain(*, project: str, trigger: str, job: str, training: str = "", minutes: float | None = None) -> str:
    """Train, compare, and promote or not. The RQ job of `backend.queues.RETRAIN_JOB`.

    A training whose process died goes on from its checkpoint. One that promoted its version is not over with this
    job: `backend.handover.look` follows the tasks until they carry its predictions.

    Args:
        project: key of the project.
        trigger: why, one sentence.
        job: name of the job.
        training: name of this training.
        minutes: budget of the training proper; by default that of the settings.

    Returns:
        What came of it, one sentence; the project's history holds it too.

    Raises:
        LabelStudioError: the tasks cannot be listed.
        TrainingFailed: the trainer's process died.
    """
    try:
        with running(project, job) as (opened, lease):
            if not jobs.exists(opened.redis, job):
                return "This training was cancelled while it waited, or is over."
            Successor(opened, lease).undo_if_cancelled(but=training)  # the one before, whose undoing still waits
            progress = TrainingProgress(opened.redis, project)
            status = progress.begin(job, trigger, training)
            run = _Training(opened, lease, job, progress, minutes or opened.settings.retrain_minutes)
            try:
                outcome = run.to_its_end(status)
            except LeaseLost:  # what is kept is for the next process
                raise
            except Exception as error:
                lease.check()
                progress.end(f"Ended without success: {error}", succeeded=False)
                run.checkpoint.drop()
                raise
            run.checkpoint.drop()
            return outcome
    except LeaseHeld as error:
        return str(error)


def undo(*, project: str, job: str) -> str:
    """Cancel a training whose version serves already: the one before serves again. The RQ job of
    `backend.cancelling.UNDO_JOB`.
    """
    try:
        with running(project, job) as (opened, lease):
            return Successor(opened, lease).undo_if_cancelled() or "There is nothing to undo."
    except LeaseHeld as error:
        return str(error)


class _Training:
    """The steps of one training, in their order."""

    def __init__(self, project: Project, lease: Lease, job: str, progress: TrainingProgress, minutes: float) -> None:
        self.project, self.lease, self.job, self.progress, self.minutes = project, lease, job, progress, minutes
        self.name, self.trigger = progress.status.training, progress.status.trigger
        settings = project.settings
        self.checkpoint = Checkpoint(settings.home, str(project), self.name, settings.open_storage())
        self.cancellation = Cancellation(project.redis, str(project), self.name)
        self.skipped: list[str] = []
        self.names: dict[str, str] = {}
        self._reached = {*progress.status.spent}

    def to_its_end(self, status: Status) -> str:
        """Train, or go on, until there is an outcome or somebody wants none; one sentence."""
        try:
            with self.cancellation:
                if status.promoted:  # broken off after that
                    return self._hand_over(status.promoted)
                outcome = self._run()
        except Cancelled:
            return self._cancelled()
        if not self.progress.status.promoted:
            self.progress.end(outcome, succeeded=not outcome.startswith(NOT_TRAINED))
        history.note(self.project.redis, str(self.project), self.job, outcome)
        return outcome

    def _run(self) -> str:
        plan = self.checkpoint.open()
        if plan is None:
            rows = self._collect()
            tasks = [row["id"] for row in rows]
            plan = Plan(self.name, self.project.version, tasks, self.project.xml, self.minutes)
            self.checkpoint.keep(plan)
        else:
            self._report("collect", detail="as before it was broken off")
            rows = list(self.project.read(plan.tasks).values()) if plan.tasks else []
        outcome = self.checkpoint.outcome()
        if outcome is None:
            videos = self._fetch(rows)
            if reason := too_few(len(videos)):
                return f"{NOT_TRAINED}: {reason}{passed_over(self.skipped)}"
            outcome = self._train(plan, videos)
            outcome["skipped"] = [*self.skipped, *outcome.get("skipped", ())]
            self.checkpoint.keep_outcome(outcome)
        said = passed_over(outcome["skipped"])
        if "refused" in outcome:
            return f"{NOT_TRAINED}: {outcome['refused']}{said}"
        return self._promote(plan, outcome["version"], outcome["card"], f"{outcome['card']['reason']}{said}")

    def _collect(self) -> list[Row]:
        self._report("collect")
        tasks = list(self.project.label_studio.tasks(self.project.key.id))
        # Whatever Label Studio holds now is in this training, however it was told of: none of it starts the next.
        Imports(self.project).take(tasks, self.name)
        unlabelled = [task for task in tasks if not is_labelled(task)]
        self._report("collect", len(tasks), len(tasks), detail=f"{len(unlabelled)} unlabelled videos")
        return unlabelled

    def _fetch(self, tasks: Sequence[Row]) -> dict[str, str]:
        """Local file by task id; what cannot be fetched is named and left out."""
        found: dict[str, str] = {}
        for done, task in enumerate(tasks):
            self.lease.check()
            try:
                url = self.project.config.media_url(task["data"])
                found[str(task["id"])] = str(self.project.fetcher.fetch(url))
                self.names[str(task["id"])] = file_name(url)
            except ConfigError as error:
                self._skip(task, error)
            except FetchError as error:
                self.project.label_studio.project(self.project.key.id)  # raises where it is Label Studio that is away
                self._skip(task, error)
            self._report("fetch", done + 1, len(tasks), detail=self.skipped[-1] if self.skipped else "")
        return found

    def _skip(self, task: Row, error: Exception) -> None:
        self.skipped.append(f"task {task['id']}: {error}")
        log.warning("passed over %s", self.skipped[-1])

    def _train(self, plan: Plan, videos: dict[str, str]) -> dict[str, Any]:
        device = Device(os.environ.get(DEVICE, "cpu"))
        request = Request(
            project=str(self.project),
            trigger=self.trigger,
            weights=str(self.project.versions.path(plan.version).resolve()),
            videos=videos,
            label_config=plan.label_config,
            clips=str(self.project.clips.resolve()),
            workdir=str(self.checkpoint.version.resolve()),
            minutes=plan.minutes,
            snapshots=str(self.checkpoint.snapshots.resolve()),
            device=device.name,
            rehearsal=self._rehearsal(),
            boxes=self._checked_boxes(),
            names=self.names,
        )
        while True:
            with device.alone(self.project.settings.home / "devices") as alone:
                if alone:
                    return self._supervised(request)
            self.lease.check()
            self._report("decode", detail=f"waits: another training runs on {device.name}")
            time.sleep(DEVICE_LOOK)

    def _supervised(self, request: Request) -> dict[str, Any]:
        self.checkpoint.share()  # what is there already is no progress
        for line in _supervise(request, self.checkpoint.folder / "request.json"):
            self.lease.check()
            if "outcome" in line:
                outcome = line["outcome"]
                for reason in outcome.get("skipped", ()):
                    log.warning("passed over %s", reason)
                return outcome
            self._report(**line)
            if self.checkpoint.share():
                self._got_further()
        raise TrainingFailed("The trainer's process ended before it was done: see the worker's log.")

    def _rehearsal(self) -> str | None:
        """Folder of the clips to rehearse; None where projects do not begin from the weights that know them."""
        if self.project.versions.base() != version_of(SHIPPED):
            return None
        return str(self.project.settings.home.resolve() / "rehearsal")

    def _checked_boxes(self) -> str | None:
        """Folder of the project's own labelled videos; None while there are too few for the gate."""
        folder = self.checkpoint.folder / "boxes"
        found = write_checked(self.project, folder, check=self.lease.check)
        return str(folder.resolve()) if found else None

    def _promote(self, plan: Plan, version: str, card: dict[str, Any], verdict: str) -> str:
        self.lease.check()
        if not card["gate"]["passed"]:
            self.project.versions.add(self.checkpoint.version)
            return f"{version} is kept but not served. {verdict}"
        self._report("promote", detail=version)
        with self.cancellation.held():
            self.lease.check()
            if (current := self.project.version) not in (plan.version, version):
                return self._keep_beside(current, plan.version, version)
            # A process before this one may have come as far as promoting it.
            self.project.versions.add(self.checkpoint.version)
            self.project.versions.promote(str(self.project), version)
            self.progress.promoted(version, previous=plan.version, verdict=verdict)
        return self._hand_over(version)

    def _keep_beside(self, current: str, compared: str, version: str) -> str:
        """Store a version that passed against another than serves by now: what somebody chose meanwhile stays."""
        reason = (
            f"{current} was made to serve while this was trained, and it was compared with {compared}, which served "
            f"before: `earmark versions promote {version}` lets it serve all the same."
        )
        self.checkpoint.tell(reason)
        self.project.versions.add(self.checkpoint.version)
        return f"{version} is kept but not served. {reason}"

    def _hand_over(self, version: str) -> str:
        said = Successor(self.project, self.lease).hand_over(self.name, version, self._report)
        return f"{version} was promoted. {self.progress.status.verdict} {said}"

    def _cancelled(self) -> str:
        self.lease.check()
        status, redis, project = self.progress.status, self.project.redis, str(self.project)
        by = cancelling.cancelled_by(redis, project, self.name) or "somebody"
        if status.promoted:
            return Successor(self.project, self.lease).undo(status, by)
        outcome = f"Cancelled by {by} in the step {status.step}: no version was made, and nothing else has changed."
        self.progress.end(outcome, succeeded=False, cancelled_by=by)
        history.note(redis, project, self.job, outcome)
        return outcome

    def _report(self, step: str, *counts: float, **told: Any) -> None:
        if step not in self._reached:
            self._reached.add(step)
            self._got_further()
        self.progress.report(step, *counts, **told)

    def _got_further(self) -> None:
        try:
            jobs.progressed(self.project.redis, self.job)
        except RedisError as error:  # away for a moment: the next step or checkpoint counts as well
            log.warning("That the training got further could not be noted: %s", error)


def passed_over(skipped: Sequence[str]) -> str:
    """What an outcome adds where videos could not be used: how many, and the first NAMED of them; else ""."""
    if not skipped:
        return ""
    count = "1 video was" if len(skipped) == 1 else f"{len(skipped)} videos were"
    named = "; ".join(one.rstrip(".") for one in skipped[:NAMED])
    more = f"; and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    return f" {count} passed over: {named}{more}."


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
