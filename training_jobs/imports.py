"""Imports: which tasks no training and no count of new imports has seen yet."""

from collections.abc import Sequence

from backend import imports
from training_jobs.project import Project, Row

KEPT = 90 * 24 * 3600  # seconds without a look at the project after which it counts as new


class Imports:
    """A project's tasks seen so far, by id and creation time, since ids of deleted tasks are used again."""

    def __init__(self, project: Project) -> None:
        self._redis, self._project = project.redis, str(project)
        self._key = f"earmark:{project}:seen"

    def count(self, tasks: Sequence[Row]) -> int:
        """Count the tasks that no one told of before as imports; how many they are. Webhooks can be lost."""
        if not tasks:
            return 0
        with self._redis.pipeline() as pipe:
            for task in tasks:
                pipe.sadd(self._key, _name(task))
            pipe.expire(self._key, KEPT)
            added = pipe.execute()
        new = [task["id"] for task, count in zip(tasks, added, strict=False) if count]
        imports.note(self._redis, self._project, new)
        return len(new)

    def learnt(self, tasks: Sequence[Row]) -> None:
        """All these are in a training: none of them counts towards the next."""
        self.count(tasks)
        imports.forget(self._redis, self._project, [task["id"] for task in tasks])


def _name(task: Row) -> str:
    return f"{task['id']} {task.get('created_at')}"
