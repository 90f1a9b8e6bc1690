"""Imports that no version has learnt from yet: how many, and when they came.

A training takes them off the count as it is queued and begins. Where it makes no version they come back, as tried: they
count towards the next training, which a new import alone can start.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from redis import Redis

TAKEN_KEPT = 30 * 24 * 3600  # seconds; no training takes longer
TRIED = 0.0  # in the place of the moment when it came


@dataclass(frozen=True)
class Waiting:
    """Imports that no training has in, or that none has learnt from.

    Attributes:
        count: number of tasks.
        tried: how many of them a training had in that made no version.
        first: Unix seconds when the first that is not tried was told of; 0 without any.
        last: when the last was.
    """

    count: int = 0
    tried: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def new(self) -> int:
        """How many came since the last training began."""
        return self.count - self.tried


def note(redis: Redis, project: str, tasks: Iterable[int]) -> int:
    """Count these tasks as imported now; how many were not counted yet. One told of again keeps its first time."""
    now = time.time()
    moments = dict.fromkeys(map(str, tasks), now)
    return int(redis.zadd(_key(project), moments, nx=True) or 0) if moments else 0


def forget(redis: Redis, project: str, tasks: Iterable[int]) -> None:
    """Take these tasks off the count: they were deleted."""
    if tasks := list(tasks):
        redis.zrem(_key(project), *tasks)


def take(redis: Redis, project: str, training: str, tasks: Iterable[int] | None = None) -> None:
    """Put what waits, or what of it is among `tasks`, into a training, until `settle` says what came of it."""
    members = {int(member) for member in redis.zrange(_key(project), 0, -1)}  # type: ignore[arg-type]
    if tasks is not None:
        members &= set(tasks)
    if not members:
        return
    taken = _taken(project, training)
    with redis.pipeline() as pipe:
        pipe.sadd(taken, *members)
        pipe.expire(taken, TAKEN_KEPT)
        pipe.zrem(_key(project), *members)
        pipe.execute()


def settle(redis: Redis, project: str, training: str, *, learnt: bool) -> None:
    """Close what a training took: where nothing was learnt, all of it waits again, as tried."""
    taken = _taken(project, training)
    members = [int(member) for member in redis.smembers(taken)]
    with redis.pipeline() as pipe:
        if members and not learnt:
            pipe.zadd(_key(project), dict.fromkeys(map(str, members), TRIED), nx=True)
        pipe.delete(taken)
        pipe.execute()


def waiting(redis: Redis, project: str) -> Waiting:
    """What waits for a training."""
    key, new = _key(project), f"({TRIED}"
    with redis.pipeline() as pipe:
        pipe.zcard(key)
        pipe.zcount(key, new, "+inf")
        pipe.zrangebyscore(key, new, "+inf", start=0, num=1, withscores=True)
        pipe.zrange(key, -1, -1, withscores=True)
        count, fresh, first, last = pipe.execute()
    return Waiting(count, count - fresh, first[0][1] if fresh else 0.0, last[0][1] if fresh else 0.0)


def _key(project: str) -> str:
    return f"earmark:{project}:untrained"


def _taken(project: str, training: str) -> str:
    return f"earmark:{project}:training:{training}:imports"
