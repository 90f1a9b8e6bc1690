"""Imports since the last training of a project: how many, and when they came."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from redis import Redis


@dataclass(frozen=True)
class Waiting:
    """Imports that no training has in yet.

    Attributes:
        count: number of tasks.
        first: Unix seconds when the first was told of; 0 without any.
        last: when the last was.
    """

    count: int = 0
    first: float = 0.0
    last: float = 0.0


def note(redis: Redis, project: str, tasks: Iterable[int]) -> int:
    """Count these tasks as imported now; how many wait. Telling twice of one counts once, at its first time."""
    now = time.time()
    if moments := dict.fromkeys(map(str, tasks), now):
        redis.zadd(_key(project), moments, nx=True)
    return redis.zcard(_key(project))


def forget(redis: Redis, project: str, tasks: Iterable[int]) -> None:
    """Take these tasks off the count: a training has them in, or they were deleted."""
    if tasks := list(tasks):
        redis.zrem(_key(project), *tasks)


def clear(redis: Redis, project: str) -> None:
    """Count from nothing: a training that takes in whatever is there is queued."""
    redis.delete(_key(project))


def waiting(redis: Redis, project: str) -> Waiting:
    """What waits for a training."""
    with redis.pipeline() as pipe:
        pipe.zcard(_key(project))
        pipe.zrange(_key(project), 0, 0, withscores=True)
        pipe.zrange(_key(project), -1, -1, withscores=True)
        count, first, last = pipe.execute()
    return Waiting(count, first[0][1], last[0][1]) if count else Waiting()


def _key(project: str) -> str:
    return f"earmark:{project}:untrained"
