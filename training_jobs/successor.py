"""Successor: what a version's coming to serve means for the tasks, and how it is taken back."""

import logging
from collections.abc import Callable

from backend import cancelling, handover, history, queues, trainings
from backend.identity import PredictionIdentity
from backend.leases import Lease
from backend.trainings import Status
from training_jobs.labels import Labels
from training_jobs.project import Project, is_labelled, own_predictions

log = logging.getLogger(__name__)


class Successor:
    """A version that has been promoted in a project, or is to be taken back."""

    def __init__(self, project: Project, lease: Lease) -> None:
        """Of `project`, by a job that holds `lease`."""
        self.project, self.lease = project, lease

    def hand_over(self, training: str, version: str, report: Callable[..., None]) -> str:
        """Queue the tasks for the embeddings and predictions of `version`, and have them followed.

        Those that people labelled keep their predictions; they are embedded first, where suggestions come from them.
        The others are embedded as they are annotated.

        Args:
            training: that made it.
            version: it serves now.
            report: tells the step, and how much of it is done.

        Returns:
            What was queued, one sentence.
        """
        self.lease.check()
        report("re-embed")
        labelled, unlabelled = self._identities(version)
        redis, project = self.project.redis, str(self.project)
        self.lease.check()
        queues.enqueue_annotate(redis, project, labelled)
        report("re-annotate", 0, len(unlabelled))
        queued = queues.enqueue_annotate(redis, project, unlabelled)
        handover.follow(redis, project, training, labelled, unlabelled)
        return queued.reason

    def undo_if_cancelled(self, but: str = "") -> str:
        """Undo the training whose version serves, if it was cancelled and is not `but`; one sentence, or "".

        Args:
            but: name of the training that this job is, which sees to its own end.
        """
        status = trainings.read(self.project.redis, str(self.project))
        if status is None or status.outcome or not status.promoted or status.training == but:
            return ""
        by = cancelling.cancelled_by(self.project.redis, str(self.project), status.training)
        return self.undo(status, by) if by else ""

    def undo(self, status: Status, by: str) -> str:
        """Let the version before serve again, and tell so as the end of the training; one sentence.

        What was written of the new version is replaced by reconciling, by what is still known of the old one's
        predictions.
        """
        self.lease.check()
        redis, project = self.project.redis, str(self.project)
        if self.project.version == status.promoted:  # else somebody has chosen another meanwhile
            # Not promoted: a later rollback goes on from there, and never to what was cancelled.
            self.project.versions.rollback(project, f"Cancelled by {by}.")
        outcome = (
            f"Cancelled by {by} in the step {status.step}: {status.promoted} served for a moment, and "
            f"{self.project.version} serves again."
        )
        trainings.end(redis, project, outcome, succeeded=False, cancelled_by=by)
        queues.enqueue_reconcile(redis, project)
        history.note(redis, project, status.job, outcome)
        return outcome

    def _identities(self, version: str) -> tuple[list[PredictionIdentity], list[PredictionIdentity]]:
        labels = Labels(self.project).read()
        labelled: list[PredictionIdentity] = []
        unlabelled: list[PredictionIdentity] = []
        for task in self.project.label_studio.tasks(self.project.key.id):
            if is_labelled(task) and not (own_predictions(task) and task["id"] in labels and labels[task["id"]].says):
                continue
            try:
                (labelled if is_labelled(task) else unlabelled).append(self.project.identify(task, version))
            except ValueError as error:
                log.warning("task %s is not annotated again: %s", task.get("id"), error)
        return labelled, unlabelled
