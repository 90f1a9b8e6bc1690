"""The label memory: what people made of each task of a project, kept in Redis."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backend import relabelled
from label_config import LabelConfig
from label_config.regions import read_regions
from training_jobs.drawn import Drawn, drawn
from training_jobs.project import Project, Row, own_predictions

FRESH = 60  # seconds a reading of all tasks is used before they are listed again


@dataclass(frozen=True)
class Labelled:
    """What people made of one task.

    Attributes:
        choice: the value they chose for the clip; None without one.
        regions: the regions they labelled.
        task: the task, as far as its media needs it: `id`, `data`, `created_at`.
    """

    choice: str | None
    regions: list[Drawn]
    task: Row

    @property
    def says(self) -> bool:
        """Whether anything can be learnt from it: a task that was skipped or left without labels says nothing."""
        return self.choice is not None or bool(self.regions)


class Labels:
    """The tasks of a project that people have worked on, with what they made of them."""

    def __init__(self, project: Project) -> None:
        self._project, self._redis = project, project.redis
        self._key = f"earmark:{project}:labels"
        self._fresh = f"earmark:{project}:regions_fresh"

    def read(self) -> dict[int, Labelled]:
        """What is known, by task; the project's tasks are listed only if nobody did within the last minute."""
        if not self._redis.exists(self._fresh):
            return self.update(self._project.label_studio.tasks(self._project.key.id))
        return self._known()

    def update(self, tasks: Iterable[Row]) -> dict[int, Labelled]:
        """Read the labels off all the project's tasks, freshly listed, and keep them."""
        labels = self._labels(tasks)
        with self._redis.pipeline() as pipe:
            pipe.delete(self._key)
            if labels:
                pipe.hset(self._key, mapping=_texts(labels))
            pipe.set(self._fresh, 1, ex=FRESH)
            pipe.execute()
        return labels

    def renew(self, tasks: Collection[int]) -> dict[int, Labelled]:
        """Read the labels of these tasks again; all that is known then, by task."""
        if not self._redis.exists(self._fresh):
            return self.read()
        labels = self._labels(self._project.read(tasks).values())
        with self._redis.pipeline() as pipe:
            if gone := set(tasks) - set(labels):
                pipe.hdel(self._key, *map(str, gone))
            if labels:
                pipe.hset(self._key, mapping=_texts(labels))
            pipe.execute()
        return self._known()

    def _known(self) -> dict[int, Labelled]:
        found = {int(task): json.loads(text) for task, text in self._redis.hgetall(self._key).items()}
        return {
            task: Labelled(one["choice"], [Drawn(**region) for region in one["regions"]], one["task"])
            for task, one in sorted(found.items())
        }

    def _labels(self, tasks: Iterable[Row]) -> dict[int, Labelled]:
        labels: dict[int, Labelled] = {}
        owners: dict[int, int] = {}
        for task in tasks:
            if not task.get("annotations"):
                continue
            config = self._project.config.for_task(task["data"])
            choice, regions = labels_of(task, config)
            labels[task["id"]] = Labelled(choice, regions, {name: task[name] for name in ("id", "data", "created_at")})
            owners |= {row["id"]: task["id"] for row in task["annotations"] if isinstance(row.get("id"), int)}
        relabelled.remember(self._redis, str(self._project), owners)
        return labels


def labels_of(task: Mapping[str, Any], config: LabelConfig) -> tuple[str | None, list[Drawn]]:
    """The clip's choice and the labelled regions of a task's newest annotations that were not skipped.

    The newest annotation that holds a choice gives it, and the newest that holds labelled regions gives these.
    """
    kept = [row for row in task.get("annotations") or [] if not row.get("was_cancelled")]
    predicted = [item for row in own_predictions(task) for item in row.get("result") or []]
    choice: str | None = None
    regions: list[Drawn] = []
    for annotation in sorted(kept, key=lambda row: row["id"], reverse=True):
        result = annotation.get("result") or []
        choice = choice or _choice(result, config)
        regions = regions or drawn(result, config, predicted)
    return choice, regions


def revision(labels: Mapping[int, Labelled], version: str) -> str:
    """A name for these labels under this version: while it stays the same, so do the suggestions."""
    known = sorted((task, one.choice, [asdict(region) for region in one.regions]) for task, one in labels.items())
    return hashlib.sha256(json.dumps([version, known]).encode()).hexdigest()[:16]


def _choice(result: Iterable[Mapping[str, Any]], config: LabelConfig) -> str | None:
    chosen = read_regions(result, config.frame_rate()).choices or {}
    return None if config.choices is None else next(iter(chosen.get(config.choices.name, ())), None)


def _texts(labels: Mapping[int, Labelled]) -> dict[Any, Any]:
    return {str(task): json.dumps(asdict(one)) for task, one in labels.items()}
