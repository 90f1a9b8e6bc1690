"""Relabelled tasks: those whose annotations changed since the suggestions were last looked at."""

from collections.abc import Iterable, Mapping

from redis import Redis


def note(redis: Redis, project: str, tasks: Iterable[int]) -> None:
    """Remember that people changed the annotations of these tasks."""
    tasks = list(tasks)
    if tasks:
        redis.sadd(_key(project), *tasks)


def waiting(redis: Redis, project: str) -> int:
    """How many tasks are to be looked at."""
    return redis.scard(_key(project))


def take(redis: Redis, project: str) -> set[int]:
    """The tasks to be looked at, which are then no longer remembered."""
    with redis.pipeline() as pipe:
        pipe.smembers(_key(project))
        pipe.delete(_key(project))
        members, _ = pipe.execute()
    return {int(task) for task in members}


def remember(redis: Redis, project: str, owners: Mapping[int, int]) -> None:
    """Keep which task (value) an annotation (key) belongs to: what tells of a deleted one names no task."""
    if owners:
        redis.hset(_owners(project), mapping={str(annotation): task for annotation, task in owners.items()})


def owners(redis: Redis, project: str, annotations: Iterable[int]) -> set[int]:
    """The tasks that these annotations belong to, as far as they are remembered."""
    names = [str(annotation) for annotation in annotations]
    found = redis.hmget(_owners(project), names) if names else []
    return {int(task) for task in found if task is not None}


def _key(project: str) -> str:
    return f"earmark:{project}:relabelled"


def _owners(project: str) -> str:
    return f"earmark:{project}:annotations"
