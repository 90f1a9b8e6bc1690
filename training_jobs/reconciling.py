"""The reconcile job: one look at everything in a project, to find what hooks and dead processes have lost."""

import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend import history, queues, relabelled, samples, summary, triggers
from backend.identity import PredictionIdentity
from backend.label_studio import LabelStudioError
from backend.leases import Lease, LeaseHeld
from backend.tasks import DONE, PROCESSING, QUEUED, TaskRecord
from label_config import ConfigError
from model.retrieval import ClipIndex
from training_jobs.delivery import deliver, drop_outdated
from training_jobs.feedback import Feedback
from training_jobs.imports import Imports
from training_jobs.labels import Labelled, Labels, revision
from training_jobs.project import Project, Row, is_labelled, own_predictions
from training_jobs.renewing import Renewal
from training_jobs.running import running
from training_jobs.shown_version import show_current

log = logging.getLogger(__name__)

# Label Studio stores an answer of /predict within the request; a claim this old that is not there never will be.
CLAIM_SECONDS = 120.0
CLOCKS_APART = 5.0  # seconds by which two machines' clocks may differ
# The index is looked at again after this long, though nothing that is known of tasks and labels has changed.
INDEX_SECONDS = 600


def reconcile(*, project: str, job: str) -> dict[str, int]:
    """Compare Label Studio with what is known, and mend it. The RQ job of `backend.queues.RECONCILE_JOB`.

    Queues what has no prediction of the current version, unless it failed or is being worked on; delivers what is
    finished and not there; removes what is outdated; counts imports no hook told of;
    keeps what people made of predictions; takes what is gone out of the index, and has embedded what is not in it;
    renews the suggestions when labels or clips changed.

    Returns:
        How many tasks were queued, delivered, and so on; what is 0 is left out.

    Raises:
        LabelStudioError: the tasks cannot be listed.
    """
    try:
        with running(project, job) as (opened, lease):
            return dict(+_Reconciling(opened, lease, job).run())
    except LeaseHeld as error:
        log.info("%s", error)
        return {}


@dataclass(frozen=True)
class _Task:
    row: Row
    identity: PredictionIdentity
    record: TaskRecord | None

    @property
    def ours(self) -> list[Row]:
        return own_predictions(self.row)

    @property
    def current(self) -> Row | None:
        """The newest prediction of the current version."""
        same = [row for row in self.ours if row["model_version"] == self.identity.version]
        return same[-1] if same else None


class _Reconciling:
    def __init__(self, project: Project, lease: Lease, job: str) -> None:
        self.project, self.lease, self.job = project, lease, job
        self.version = project.version
        self.feedback = Feedback(project.settings.home, str(project))
        self.counts: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        began = time.time() - CLOCKS_APART
        rows = list(self.project.label_studio.tasks(self.project.key.id))
        try:
            tasks = self._tasks(rows)
        except ConfigError as error:
            log.warning("nothing of project %s can be annotated: %s", self.project, error)
            self.project.states.keep_notes([f"Nothing can be annotated: {error}"])
            return self.counts
        self.project.states.keep_notes(
            self.project.config.notes
        )  # as it is now, whether media are decoded again or not
        self._trigger(rows)
        self.counts["annotations compared"] = self.feedback.update(rows, self.project.config)
        self._tell_page(rows)
        config_key = f"earmark:{self.project}:annotated_under"
        before = self.project.redis.get(config_key)
        self.config_changed = before is not None and before != self.project.config.digest.encode()
        wanted = [task for task in tasks if self._settle(task)]
        labels = Labels(self.project).update(rows)
        if missed := relabelled.since(self.project.redis, str(self.project), began):
            labels = Labels(self.project).renew(missed)  # people did not wait for the listing
        wanted += self._look_at_index(tasks, rows, labels)
        self.lease.check()
        queued = queues.enqueue_annotate(self.project.redis, str(self.project), [task.identity for task in wanted])
        self.counts["queued"] = len(queued.tasks)
        self.project.redis.set(config_key, self.project.config.digest)
        show_current(self.project)
        if any(self.counts.values()):
            found = ", ".join(f"{number} {name}" for name, number in sorted((+self.counts).items()))
            history.note(self.project.redis, str(self.project), "reconcile", f"Of {len(rows)} tasks: {found}.")
        return self.counts

    def _tasks(self, rows: Sequence[Row]) -> list[_Task]:
        self.project.config  # noqa: B018 (raises where no task has an identity)
        named: list[tuple[Row, PredictionIdentity]] = []
        for row in rows:
            try:
                named.append((row, self.project.identify(row, self.version)))
            except ValueError as error:
                if self.project.states.refused(row["id"], str(error)):
                    log.info("task %s: %s", row.get("id"), error)
        records = self.project.states.get_many(identity for _, identity in named)
        return [_Task(row, identity, record) for (row, identity), record in zip(named, records, strict=True)]

    def _trigger(self, rows: Sequence[Row]) -> None:
        self.lease.check()
        if not Imports(self.project).count([row for row in rows if not is_labelled(row)]):
            return
        said = triggers.say(self.project.redis, str(self.project), self.project.settings)
        history.note(self.project.redis, str(self.project), "imports found by the poll", said)

    def _tell_page(self, rows: Sequence[Row]) -> None:
        """Leave what the page shows of this look, and have its samples drawn once there is something to draw."""
        accepted = [
            summary.Acceptance(one.version, one.annotations, one.unchanged, one.acceptance, *one.interval, one.iou)
            for one in self.feedback.report()
        ]
        labelled = sum(is_labelled(row) for row in rows)
        title = str(self.project.row.get("title") or "")
        self.lease.check()
        seen = summary.Summary(title, len(rows), labelled, accepted, time.time())
        summary.keep(self.project.redis, str(self.project), seen)
        if self.project.states.counts()[DONE]:
            files = self.project.settings.open_storage()
            samples.enqueue_if_missing(self.project.redis, files, str(self.project), self.version)

    def _settle(self, task: _Task) -> bool:
        """Bring Label Studio and the record of one task together; whether it is to be annotated."""
        if is_labelled(task.row) and task.ours:
            return False
        try:
            if task.current is not None:
                return self._present(task)
            if task.record is not None and task.record.state == DONE and task.record.prediction is not None:
                self._absent(task)
                return False
        except LabelStudioError as error:
            log.warning("task %d: %s", task.row["id"], error)
            return False
        return True  # queueing passes over what failed or is being worked on

    def _present(self, task: _Task) -> bool:
        """A prediction of this version is there; whether it is to be made anew."""
        if len(task.ours) > 1:
            self.counts["outdated"] += drop_outdated(self.project, task.row, self.version, check=self.lease.check)
        if task.record is None:
            if self.config_changed or task.current is None:
                return True
            # Redis was lost: what it knew is in Label Studio.
            self.lease.check()
            self.project.states.done(
                task.identity, {name: task.current.get(name) for name in ("result", "score", "model_version")}
            )
            self.project.states.claim(task.identity, self.job)
        elif task.record.state == DONE:
            self._deliver(task)
        return task.record is not None and task.record.state in (QUEUED, PROCESSING)

    def _absent(self, task: _Task) -> None:
        """Finished and not in Label Studio: give the claim back, unless someone is about to write, and deliver."""
        claim = self.project.states.claimed(task.identity)
        if claim is not None:
            if queues.exists(self.project.redis, claim.owner) and claim.owner != self.job:
                return
            if time.time() - claim.at < CLAIM_SECONDS:
                return
            self.project.states.release(task.identity)
        self._deliver(task)

    def _deliver(self, task: _Task) -> None:
        assert task.record is not None and task.record.prediction is not None  # noqa: S101
        if self.project.states.claimed(task.identity) is not None:
            return
        if deliver(self.project, task.identity, task.record.prediction, owner=self.job, check=self.lease.check):
            self.counts["delivered"] += 1

    def _look_at_index(
        self, tasks: Sequence[_Task], rows: Sequence[Row], labels: Mapping[int, Labelled]
    ) -> list[_Task]:
        """Bring the index up to date and renew suggestions; the tasks that must be embedded for it."""
        key, now = f"earmark:{self.project}:indexed", self._known(tasks, labels)
        before = self.project.redis.get(key)
        if before == now.encode():
            return []
        index = ClipIndex(self.project.index)
        if index.versions(str(self.project)) - {self.version}:
            self.lease.check()
            index.delete(str(self.project), but=self.version)
        known = index.tasks(str(self.project), self.version)
        if gone := set(known) - {row["id"] for row in rows}:
            self.lease.check()
            index.delete(str(self.project), tasks=gone)
            self.counts["gone from the index"] += len(gone)
        missing = [task for task in tasks if known.get(task.row["id"]) != task.identity.media]
        wanted = [task for task in missing if self._embeddable(task, labels)]
        self.project.states.forget(task.row["id"] for task in wanted)  # else nothing would queue what is done
        renewal = Renewal(self.project, labels, self.version, check=self.lease.check)
        self.counts["renewed"] += renewal.run()
        if renewal.finished:  # else the next look goes on
            self.project.redis.set(key, now, ex=INDEX_SECONDS)
        return wanted

    def _known(self, tasks: Sequence[_Task], labels: Mapping[int, Labelled]) -> str:
        """A name for what the index and the suggestions depend on."""
        states = [[task.identity.digest, task.record.state if task.record else None] for task in tasks]
        text = json.dumps([revision(labels, self.version), states])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _embeddable(self, task: _Task, labels: Mapping[int, Labelled]) -> bool:
        """Whether a task that is not in the index belongs there, and nobody is about to put it there."""
        if is_labelled(task.row):
            done = task.record is None or task.record.state == DONE
            return done and task.row["id"] in labels and labels[task.row["id"]].says
        return task.current is not None and task.record is not None and task.record.state == DONE
