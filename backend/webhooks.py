"""Webhooks: what Label Studio's news lead to. Everything is answered at once; the work is queued."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from backend import history, imports, queues, relabelled, triggers
from backend.identity import PredictionIdentity, config_digest, identify
from backend.settings import Settings
from backend.tasks import TaskStates

ANNOTATED = ("ANNOTATION_", "ANNOTATIONS_")
"""Beginnings of the actions on annotations: they do not train the networks, but suggestions come from them."""


@dataclass(frozen=True)
class Outcome:
    """What came of one webhook."""

    status: str
    """queued, noted, ignored or done."""
    reason: str
    """One sentence."""


class Webhooks:
    """Acts on the webhooks of any project, and notes each in the project's history."""

    def __init__(self, redis: Redis) -> None:
        """Queue and note in `redis`."""
        self.redis = redis

    def act(self, project: str, version: str, body: Mapping[str, Any], *, settings: Settings) -> Outcome:
        """Do what `body["action"]` asks for; `version` is the project's current one."""
        action = str(body.get("action", ""))[:60]
        row = body["project"]
        if action == "TASKS_CREATED":
            outcome = self._imported(project, version, body, settings)
        elif action == "TASKS_DELETED":
            ids = [row["id"] for row in _rows(body) if isinstance(row.get("id"), int)]
            TaskStates(self.redis, project).forget(ids)
            imports.forget(self.redis, project, ids)
            queues.enqueue_reconcile(self.redis, project)  # takes them out of the index, which no web process opens
            outcome = Outcome("done", f"{len(ids)} deleted tasks forgotten.")
        elif action == "PROJECT_UPDATED":
            outcome = self._updated(project, row)
        elif action == "START_TRAINING":
            outcome = self._train(project, row, settings)
        elif action.startswith(ANNOTATED):
            outcome = self._annotated(project, body)
        else:
            outcome = Outcome("ignored", f"Earmark does nothing on {action or 'a webhook without action'}.")
        history.note(self.redis, project, action or "webhook", f"{outcome.status}: {outcome.reason}")
        return outcome

    def remember_config(self, project: str, label_config: object) -> bool:
        """Keep the labelling config's digest; whether it differs from the one kept before."""
        try:
            digest = config_digest(label_config if isinstance(label_config, str) else "")
        except ValueError:
            digest = "unreadable"
        before = self.redis.set(f"earmark:{project}:config", digest, get=True)
        return before is not None and before != digest.encode()

    def _imported(self, project: str, version: str, body: Mapping[str, Any], settings: Settings) -> Outcome:
        label_config = str(body["project"].get("label_config") or "")
        identities: list[PredictionIdentity] = []
        unusable = ""
        for row in _rows(body):
            try:
                identities.append(identify(row, label_config, version))
            except ValueError as error:
                unusable = str(error)
        queued = queues.enqueue_annotate(self.redis, project, identities)
        imports.note(self.redis, project, (identity.task for identity in identities))
        reason = f"{queued.reason} {triggers.say(self.redis, project, settings)}"
        missed = len(_rows(body)) - len(identities)
        if missed:
            reason += f" {missed} cannot be annotated: {unusable}"
        return Outcome("queued" if queued.jobs else "ignored", reason)

    def _annotated(self, project: str, body: Mapping[str, Any]) -> Outcome:
        """Annotations came, changed or went: what they suggest is looked at again within seconds."""
        tasks = {row["id"] for row in _listed(body, "task", "tasks") if isinstance(row.get("id"), int)}
        annotations = _listed(body, "annotation", "annotations")
        tasks |= {row["task"] for row in annotations if isinstance(row.get("task"), int)}
        if not tasks:  # what tells of deleted ones holds nothing but their ids
            ids = [row["id"] for row in annotations if isinstance(row.get("id"), int)]
            tasks = relabelled.owners(self.redis, project, ids)
        if not tasks:
            return Outcome("noted", "No suggestion comes from these annotations.")
        queued = queues.enqueue_renew(self.redis, project, tasks)
        return Outcome("queued" if queued.jobs else "noted", f"Annotations changed. {queued.reason}")

    def _updated(self, project: str, row: Mapping[str, Any]) -> Outcome:
        if not self.remember_config(project, row.get("label_config")):
            return Outcome("ignored", "The labelling config means what it did before.")
        queued = queues.enqueue_reconcile(self.redis, project)
        return Outcome("queued", f"The labelling config changed. {queued.reason}")

    def _train(self, project: str, row: Mapping[str, Any], settings: Settings) -> Outcome:
        # Above 0 this is the toggle that fires on every submitted annotation; 0 is the button.
        toggle = row.get("min_annotations_to_start_training")
        if isinstance(toggle, int) and toggle > 0:
            if imports.waiting(self.redis, project).count < settings.retrain_after:
                reason = triggers.say(self.redis, project, settings)
                return Outcome("ignored", f"Nothing new to learn from: annotations do not train the network. {reason}")
            return Outcome("noted", triggers.say(self.redis, project, settings))
        queued = queues.enqueue_retrain(self.redis, project, "Start Training was pressed.")
        return Outcome("queued" if queued.jobs else "ignored", queued.reason)


def _listed(body: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    """The rows under any of these names, which hold one or a list."""
    found = [body.get(name) for name in names]
    rows = [row for one in found for row in (one if isinstance(one, list) else [one])]
    return [row for row in rows if isinstance(row, Mapping)]


def _rows(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = body.get("tasks")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
