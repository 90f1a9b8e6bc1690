"""Renewing: predictions of tasks nobody has worked on are composed again when what is suggested for them changes."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from backend import history, relabelled
from backend.label_studio import LabelStudioError
from backend.leases import LeaseHeld
from backend.tasks import PROCESSING, QUEUED
from label_config import ConfigError, InvalidResultError
from training_jobs.annotation import Prediction, compose
from training_jobs.feedback import Feedback
from training_jobs.labels import Labelled, Labels, revision
from training_jobs.project import Project, Row, is_labelled, own_predictions
from training_jobs.running import running
from training_jobs.suggestions import Offer, Suggester

log = logging.getLogger(__name__)

BATCH = 50  # tasks read and rewritten between two looks at what people have labelled meanwhile
RENEWED = 200  # tasks one look rewrites: those next in line, which people see first; later looks do the rest
KEPT = 30 * 24 * 3600  # seconds
UNCERTAIN_FIRST = "Uncertainty sampling"  # Label Studio's name for serving the lowest score first


def renew(*, project: str, job: str) -> dict[str, int]:
    """Learn from the annotations that changed, and rewrite what they suggest otherwise now. The RQ job of
    `backend.queues.RENEW_JOB`.

    Returns:
        How many predictions were rewritten.

    Raises:
        LabelStudioError: the tasks cannot be read.
    """
    renewed = 0
    try:
        with running(project, job) as (opened, lease):
            while changed := relabelled.take(opened.redis, project):
                labels = Labels(opened).renew(changed)
                renewed += Renewal(opened, labels, opened.version, check=lease.check).run()
            if renewed:
                history.note(opened.redis, project, "annotations", f"{renewed} suggestions renewed.")
    except ConfigError as error:
        log.warning("nothing of project %s can be annotated: %s", project, error)
    except LeaseHeld as error:
        log.info("%s", error)
    return {"renewed": renewed}


@dataclass
class Renewal:
    """One look at what is suggested for every task nobody has worked on.

    Attributes:
        project: whose.
        labels: what people have labelled.
        version: the model version that predicts.
        check: raises when the job has lost its lease; called before each write.
    """

    project: Project
    labels: Mapping[int, Labelled]
    version: str
    check: Callable[[], None]

    def __post_init__(self) -> None:
        self.suggester = Suggester(self.project, self.labels, self.version)
        self._offered = f"earmark:{self.project}:offered"
        self._looked = f"earmark:{self.project}:suggested"
        self.finished = False  # whether nothing is left to be rewritten

    def run(self) -> int:
        """Rewrite the predictions whose suggestions changed, those next in line first; how many were.

        While tasks wait to be annotated each of them changes what is similar to which: then only labels are a
        reason to look.
        """
        labels = revision(self.labels, self.version)
        clips = _digest([self.version, sorted(self.suggester.known.items()), self.project.config.digest])
        before = json.loads(self.project.redis.get(self._looked) or "[null, null]")
        if before[0] == labels and (before[1] == clips or self._busy()):
            self.finished = before[1] == clips
            return 0
        changed = self._changed()
        self.finished = len(changed) <= RENEWED
        done = 0
        for start in range(0, len(changed[:RENEWED]), BATCH):
            done += self._rewrite(dict(changed[:RENEWED][start : start + BATCH]))
        if self.finished:
            self.project.redis.set(self._looked, json.dumps([labels, clips]), ex=KEPT)
        return done

    def _busy(self) -> bool:
        counts = self.project.states.counts()
        return counts[QUEUED] + counts[PROCESSING] > 0

    def _changed(self) -> list[tuple[int, Offer]]:
        """Tasks with the suggestions they do not have yet, those next in line first."""
        open_tasks = self.suggester.open_tasks()
        offers = self.suggester.offers(open_tasks)
        names = [str(task) for task in open_tasks]
        before = self.project.redis.hmget(self._offered, names) if names else []
        known = dict(zip(open_tasks, before, strict=True))
        changed = [task for task in open_tasks if known[task] != self._name(offers[task]).encode()]
        if self.project.row.get("sampling") == UNCERTAIN_FIRST:
            changed.sort(key=lambda task: (self._score(task), task))
        return [(task, offers[task]) for task in changed]

    def _score(self, task: int) -> float:
        annotation = self.suggester.kept(task)
        return 1.0 if annotation is None or annotation.score is None else annotation.score

    def _rewrite(self, offers: Mapping[int, Offer]) -> int:
        """Read tasks as they are now, and compose those again that still wait for somebody."""
        rows = self.project.read(list(offers))
        done = 0
        for task, offer in offers.items():
            row = rows.get(task)
            if row is None or is_labelled(row):  # deleted, or worked on meanwhile: it is no open task any more
                continue
            try:
                rewritten = self._one(row, offer)
            except LabelStudioError as error:
                log.warning("task %d: %s", task, error)
                rewritten = None
            except (InvalidResultError, ValueError) as error:
                log.warning("task %d keeps its suggestions: %s", task, error)
                rewritten = False
            if rewritten is None:
                self.finished = False
                continue
            done += rewritten
            self.project.redis.hset(self._offered, str(task), self._name(offer))
        self.project.redis.expire(self._offered, KEPT)
        return done

    def _one(self, row: Row, offer: Offer) -> bool | None:
        """Whether a task's prediction was rewritten; None where it, or its file's embeddings, are not there yet."""
        identity = self.project.identify(row, self.version)
        current = [one for one in own_predictions(row) if one["model_version"] == self.version]
        if not current or self.suggester.media(row["id"]) != identity.media:
            return None
        annotation = self.suggester.kept(row["id"])
        if annotation is None:
            return False
        show(self.project, row, offer, check=self.check)
        composed = compose(
            annotation,
            self.project.config,
            model_version=self.version,
            task_data=row["data"],
            labels=offer.labels,
            suggestion=offer.choice,
            similar=offer.similar,
        )
        prediction = with_likes(composed, offer).row
        fields = {name: prediction.get(name) for name in ("result", "score", "neighbors", "cluster")}
        if all(current[-1].get(name) == value for name, value in fields.items()):
            return False
        self.check()
        Feedback(self.project.settings.home, str(self.project)).before_change(row, current[-1:])
        self.project.label_studio.update_prediction(current[-1]["id"], **fields)
        self.project.states.done(identity, prediction, composed.reason)
        return True

    def _name(self, offer: Offer) -> str:
        return _digest([self.version, self.project.config.digest, asdict(offer)])


def with_likes(prediction: Prediction, offer: Offer) -> Prediction:
    """A prediction that names the clips like it, and its group."""
    return replace(prediction, neighbors=offer.neighbors, cluster=offer.cluster)


def show(project: Project, row: Row, offer: Offer, *, check: Callable[[], None]) -> None:
    """Write the similar clips into the one field of the task's data that the project gave for them, if it did.

    `row` then holds it too.

    Raises:
        LabelStudioError: it was not written.
    """
    field = project.settings.similar.get(str(project))
    if field is None:
        return
    entries = [one.entry for one in offer.similar]
    if row["data"].get(field) == entries:
        return
    row["data"] = {**row["data"], field: entries}
    # Label Studio replaces a task's data as a whole. The row's are not what is stored: addresses are resolved in it,
    # and other fields may have changed since it was read.
    for stored in project.label_studio.tasks(project.key.id, [row["id"]], resolve=False):
        check()
        project.label_studio.update_task(row["id"], data={**stored["data"], field: entries})


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
