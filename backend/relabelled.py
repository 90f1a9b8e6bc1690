"""Relabelled tasks: those whose annotations changed since the suggestions were last looked at."""

import time
from collections.abc import Iterable, Mapping

from redis import Redis

REMEMBERED = 3600  # seconds: longer than any listing of a project's tasks takes


def note(redis: Redis, project: str, tasks: Iterable[int]) -> None:
    """Remember that people changed the annotations of these tasks."""
    tasks = list(tasks)
    if not tasks:
        return
    now = time.time()
    with redis.pipeline() as pipe:
        pipe.sadd(_key(project), *tasks)
        pipe.zadd(_moments(project), {str(task): now for task in tasks})
        pipe.zremrangebyscore(_moments(project), 0, now - REMEMBERED)
        pipe.execute()


def waiting(redis: Redis, project: str) -> int:
    """How many tasks are to be looked at."""
    return redis.scard(_key(project))


def since(redis: Redis, project: str, moment: float) -> set[int]:
    """The tasks noted at or after a moment (Unix seconds, of the last hour), taken or not."""
    members: list[bytes] = redis.zrangebyscore(_moments(project), moment, "+inf")  # type: ignore[assignment]
    return {int(task) for task in members}


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


def _moments(project: str) -> str:
    return f"earmark:{project}:relabelled_at"


def _owners(project: str) -> str:
    return f"earmark:{project}:annotations"
