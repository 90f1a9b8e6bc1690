"""Imports: which tasks no training and no count of new imports has seen yet."""

from collections.abc import Sequence

from backend import imports
from training_jobs.project import Project, Row, is_labelled

KEPT = 90 * 24 * 3600  # seconds without a look at the project after which it counts as new


class Imports:
    """A project's tasks seen so far, by id and creation time, since ids of deleted tasks are used again."""

    def __init__(self, project: Project) -> None:
        self._redis, self._project = project.redis, str(project)
        self._key = f"earmark:{project}:seen"

    def count(self, tasks: Sequence[Row]) -> int:
        """Count the tasks that no one told of before as imports; how many they are. Webhooks can be lost."""
        return imports.note(self._redis, self._project, self._see(tasks))

    def take(self, tasks: Sequence[Row], training: str) -> None:
        """All these are in a training: none of them counts towards the next, unless this one makes no version."""
        self.count([task for task in tasks if not is_labelled(task)])
        self._see(tasks)
        imports.take(self._redis, self._project, training, [task["id"] for task in tasks])

    def _see(self, tasks: Sequence[Row]) -> list[int]:
        """Remember these tasks; the ids of those that are new."""
        if not tasks:
            return []
        with self._redis.pipeline() as pipe:
            for task in tasks:
                pipe.sadd(self._key, _name(task))
            pipe.expire(self._key, KEPT)
            added = pipe.execute()
        return [task["id"] for task, count in zip(tasks, added, strict=False) if count]


def _name(task: Row) -> str:
    return f"{task['id']} {task.get('created_at')}"
