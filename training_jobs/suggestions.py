"""Suggestions: the choice of the nearest clip that somebody labelled, by likeness of their embeddings."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from label_config import LabelConfig, choice_item, with_ids
from model.retrieval import ClipIndex, suggest
from training_jobs.project import Project, Row

if TYPE_CHECKING:
    import numpy as np

FRESH = 60  # seconds a reading of the labels is used before the tasks are listed again


@dataclass(frozen=True)
class Label:
    """What people made of one clip.

    Attributes:
        choice: the value they chose.
        task: the task, as far as its media needs it: `id`, `data`, `created_at`.
    """

    choice: str
    task: Row


class Labels:
    """The label memory: which clips of a project carry which choice, kept in Redis for a minute at a time."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._key = f"earmark:{project}:labels"

    def read(self) -> dict[int, Label]:
        """Labels by task; the project's tasks are listed only if nobody did within the last minute."""
        kept = self._project.redis.get(self._key)
        if kept is None:
            return self.update(self._project.label_studio.tasks(self._project.key.id))
        return {int(task): Label(**label) for task, label in json.loads(kept).items()}

    def update(self, tasks: Iterable[Mapping[str, Any]]) -> dict[int, Label]:
        """Read the labels off freshly listed tasks, and keep them."""
        labels = {}
        for task in tasks:
            choice = choice_of(task, self._project.config)
            if choice is not None:
                labels[task["id"]] = Label(choice, {name: task[name] for name in ("id", "data", "created_at")})
        text = json.dumps({task: vars(label) for task, label in labels.items()})
        self._project.redis.set(self._key, text, ex=FRESH)
        return labels


def choice_of(task: Mapping[str, Any], config: LabelConfig) -> str | None:
    """The choice of a task's newest annotation that was not skipped; None without one."""
    if config.choices is None:
        return None
    annotations = [row for row in task.get("annotations") or [] if not row.get("was_cancelled")]
    for annotation in sorted(annotations, key=lambda row: row["id"], reverse=True):
        for item in annotation.get("result") or []:
            if item.get("type") == "choices" and item.get("from_name") == config.choices.name:
                chosen = item.get("value", {}).get("choices") or [None]
                return chosen[0]
    return None


class Suggester:
    """Offers choices by one model version's embeddings. Opens LanceDB, so only in a job's own process."""

    def __init__(self, project: Project, labels: Mapping[int, Label], version: str) -> None:
        self._project, self._version = project, version
        self._labels = labels
        self._choices = {task: label.choice for task, label in labels.items()}
        self._index = ClipIndex(project.index)

    def remember(self, task: int, media: str, image: "np.ndarray", sound: "np.ndarray") -> None:
        """Keep a clip's embeddings, each (128,); one with neither picture nor sound has nothing to keep."""
        if image.any() or sound.any():
            self._index.add(str(self._project), task, media, self._version, image, sound)

    def missing(self) -> list[Label]:
        """Labelled clips without embeddings of this version."""
        if not self._labels:
            return []
        known = self._index.tasks(str(self._project), self._version)
        return [label for task, label in self._labels.items() if task not in known]

    def offer(self, task: int, image: "np.ndarray", sound: "np.ndarray") -> tuple[str, float] | None:
        """The choice for a clip and its similarity; None where no labelled clip is near enough."""
        if not self._labels or not (image.any() or sound.any()):
            return None
        near = self._index.nearest(
            image,
            sound,
            project=str(self._project),
            version=self._version,
            exclude=task,
            among=self._choices,
            limit=1,
        )
        found = suggest(near, self._choices)
        return None if found is None else (found.choice, found.similarity)

    def renewed(self, task: Mapping[str, Any], result: list[Row]) -> list[Row] | None:
        """A prediction's result with the choice that today's labels suggest; None if that is the one it has."""
        config = self._project.config.for_task(task["data"])
        kept = self._index.embeddings(str(self._project), task["id"], self._version)
        if kept is None or config.choices is None:
            return None
        offered = self.offer(task["id"], *kept)
        item = None if offered is None else choice_item(config, *offered)
        mine = [i for i in result if i.get("type") == "choices" and i.get("from_name") == config.choices.name]
        fresh = with_ids([] if item is None else [item])
        if [i["value"] for i in mine] == [i["value"] for i in fresh]:
            return None
        return [i for i in result if i not in mine] + fresh


def revision(labels: Mapping[int, Label], version: str) -> str:
    """A name for these labels under this version: while it stays the same, so do the suggestions."""
    text = json.dumps([version, sorted((task, label.choice) for task, label in labels.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
