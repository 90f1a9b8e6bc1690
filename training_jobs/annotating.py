"""The annotate job: a batch of tasks, each with its prediction in Label Studio or its reason."""

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from backend import history, jobs, metrics, queues, workers
from backend.identity import PredictionIdentity
from backend.label_studio import LabelStudioError
from backend.leases import Lease, LeaseHeld, LeaseLost
from backend.media import FetchError
from backend.tasks import DONE, FAILED, PROCESSING
from label_config import ConfigError
from training_jobs.delivery import deliver, drop_outdated
from training_jobs.labels import Labels
from training_jobs.predictor import TASK_ERRORS, SoundingObjects
from training_jobs.project import Project, Row, is_labelled, own_predictions
from training_jobs.renewing import with_likes
from training_jobs.running import DEVICE, QUEUES, running
from training_jobs.suggestions import Suggester

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation

log = logging.getLogger(__name__)

# Labelled clips outside the batch that are embedded before it, so that its tasks get their suggestions at once.
# More than these wait until reconciling queues them, or the batch would keep its own tasks waiting.
EMBED_AHEAD = 8


def annotate(*, project: str, tasks: list[int], job: str) -> dict[str, int]:
    """Annotate a batch of tasks. The RQ job of `backend.queues.ANNOTATE_JOB`.

    Each task is processed, kept and delivered on its own: one that fails is recorded with its reason, and the
    others go on. Once another version predicts, or a person waits for this worker, the rest is queued again and the
    job ends. What this job leaves undone, because Label Studio does not answer or its process dies, stays to be done:
    by the next worker that takes the job, or by reconciling.

    Returns:
        How many tasks ended in which way.

    Raises:
        LabelStudioError: the project or the tasks cannot be read.
    """
    try:
        with running(project, job) as (opened, lease):
            return _Batch(opened, lease, job).run(tasks)
    except LeaseHeld as error:
        log.info("%s", error)
        return {}


@dataclass(frozen=True)
class _Task:
    row: Row
    identity: PredictionIdentity


class _Batch:
    """The tasks of one job, and what is loaded once for all of them."""

    def __init__(self, project: Project, lease: Lease, job: str) -> None:
        self.project, self.lease, self.job = project, lease, job
        self.states = project.states
        self.version = project.version
        spec, taken = jobs.find(project.redis, job), os.environ.get(QUEUES, "").split(",")
        ahead = taken[: taken.index(jobs.ANNOTATE)] if jobs.ANNOTATE in taken else []
        # Else what this job hands back would be taken up again before what it was handed back for.
        self._gives_way = spec is not None and spec.queue == jobs.ANNOTATE and jobs.INTERACTIVE in ahead

    def run(self, tasks: list[int]) -> dict[str, int]:
        rows = self._rows(tasks)
        try:
            self.model = SoundingObjects(
                self.project.xml,
                weights=self.project.versions.path(self.version),
                fetch=self.project.fetcher.fetch,
                device=os.environ.get(DEVICE, "cpu"),
            )
        except ConfigError as error:
            # Without a usable config no task has an identity: told once, and asked again when the config changes.
            self.states.forget(tasks)
            history.note(self.project.redis, str(self.project), "annotate", f"Nothing can be annotated: {error}")
            return {"refused": len(tasks)}
        if self.model.config is not None:
            self.states.keep_notes(self.model.config.notes)
        self.suggester = Suggester(self.project, Labels(self.project).read(), self.version)
        batch = list(self._identified(rows))
        media = {task.row["id"]: task.identity.media for task in batch}
        missing = [labelled.task for labelled in self.suggester.missing(media)]
        self._missing = {task["id"] for task in missing}
        ahead = [task for task in missing if task["id"] not in {other.row["id"] for other in batch}]
        self._embed(ahead[:EMBED_AHEAD])
        outcomes: dict[str, int] = {}
        ordered = self._ordered(batch)
        for place, task in enumerate(ordered):
            if place and self._is_to_end():
                outcomes["handed back"] = self._hand_back(ordered[place:])
                break
            outcome = self._one(task)
            log.info("task %d: %s", task.row["id"], outcome)
            metrics.count(self.project.redis, "earmark_tasks", outcome=outcome)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        return outcomes

    def _is_to_end(self) -> bool:
        """Whether another version predicts by now, or somebody waits for what this worker would take first."""
        if self.project.version != self.version:
            return True
        return self._gives_way and workers.somebody_waits(self.project.redis)

    def _hand_back(self, tasks: list[_Task]) -> int:
        """Queue these tasks again, for the version that predicts now; how many."""
        self.lease.check()
        version = self.project.version
        identities = [self.project.identify(task.row, version) for task in tasks]
        for identity, record in zip(identities, self.states.get_many(identities), strict=True):
            if record is not None and record.state in (DONE, FAILED):
                self.states.recall(identity, record)
        return len(queues.hand_back(self.project.redis, str(self.project), identities, self.job).tasks)

    def _rows(self, tasks: list[int]) -> list[Row]:
        rows = self.project.read(tasks)
        self.states.forget(set(tasks) - set(rows))  # deleted meanwhile
        return list(rows.values())

    def _identified(self, rows: list[Row]) -> Iterator[_Task]:
        for row in rows:
            try:
                yield _Task(row, self.project.identify(row, self.version))
            except ValueError as error:
                self.states.forget([row["id"]])
                self.states.refused(row["id"], str(error))
                history.note(self.project.redis, str(self.project), "annotate", f"Task {row['id']}: {error}")

    def _ordered(self, batch: list[_Task]) -> list[_Task]:
        """Labelled tasks first: the others' suggestions come from them. Last those that a process died with."""
        begun = {
            task.identity.digest
            for task, record in zip(batch, self.states.get_many(t.identity for t in batch), strict=True)
            if record is not None and record.state == PROCESSING
        }
        return sorted(batch, key=lambda task: (task.identity.digest in begun, not is_labelled(task.row)))

    def _one(self, task: _Task) -> str:
        """Bring one task to its end; one word for what became of it."""
        record = self.states.get(task.identity)
        if record is not None and record.state == FAILED:
            self.states.recall(task.identity, record)
            return "failed"
        if record is not None and record.state == DONE and record.prediction is not None:
            self.states.recall(task.identity, record)
            return self._deliver(task, dict(record.prediction))
        self.lease.check()
        self.states.processing(task.identity, self.job)
        finished = own_predictions(task.row) if is_labelled(task.row) else []
        try:
            if finished and task.row["id"] not in self._missing:
                return self._left(task, finished)
            annotation = self._annotation(task)
            if finished:
                return self._left(task, finished)
            offer = self.suggester.offer(task.row["id"])
            composed = self.model.compose(
                annotation, task.row, offer.choice, labels=offer.labels, similar=offer.similar
            )
            prediction = with_likes(composed, offer)
        except FetchError as error:
            # Nothing is wrong with the task where Label Studio itself is away: this raises, and it is tried again.
            self.project.label_studio.project(self.project.key.id)
            return self._failed(task, str(error))
        except TASK_ERRORS as error:
            return self._failed(task, str(error))
        except (LeaseLost, RedisError):
            raise
        except JobTimeoutException:
            self._failed(task, "The time of its job ran out while it was annotated.")
            raise
        except Exception as error:  # a defect in reading one file must not cost the others their predictions
            log.exception("task %d", task.row["id"])
            return self._failed(task, f"{type(error).__name__} while it was annotated: see the worker's log.")
        self.lease.check()
        self.states.done(task.identity, prediction.row, prediction.reason)
        return self._deliver(task, prediction.row)

    def _left(self, task: _Task, predictions: list[Row]) -> str:
        """A person has worked on the task and it has its prediction: nothing of it changes."""
        self.lease.check()
        kept = {name: predictions[-1].get(name) for name in ("result", "score", "model_version")}
        self.states.done(task.identity, kept)
        return "labelled"

    def _failed(self, task: _Task, reason: str) -> str:
        self.lease.check()
        self.states.failed(task.identity, reason)
        log.warning("task %d failed: %s", task.row["id"], reason)
        return "failed"

    def _deliver(self, task: _Task, prediction: Row) -> str:
        try:
            delivered = deliver(self.project, task.identity, prediction, owner=self.job, check=self.lease.check)
            if not delivered and not is_labelled(task.row):
                # An answer of /predict stores it; what older versions left beside it is still ours to remove.
                fresh = self.project.read([task.row["id"]]).get(task.row["id"], {})
                if any(row["model_version"] == self.version for row in own_predictions(fresh)):
                    drop_outdated(self.project, fresh, self.version, check=self.lease.check)
        except LabelStudioError as error:
            log.warning("task %d: its prediction is kept until Label Studio takes it: %s", task.row["id"], error)
            return "kept"
        return "delivered" if delivered else "claimed"

    def _annotation(self, task: _Task) -> "Annotation | ImageAnnotation":
        began = time.monotonic()
        annotation = self.model.annotate(task.row)
        metrics.count(self.project.redis, "earmark_annotating_seconds", time.monotonic() - began)
        metrics.count(self.project.redis, "earmark_frames", annotation.frames)
        self.lease.check()
        self.suggester.remember(task.row["id"], task.identity.media, annotation)
        return annotation

    def _embed(self, labelled: list[Row]) -> None:
        for task in self._identified(labelled):
            try:
                self._annotation(task)
            except TASK_ERRORS as error:
                log.warning("labelled task %d suggests nothing: %s", task.row["id"], error)
