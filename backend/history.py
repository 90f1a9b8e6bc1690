"""History: a bounded list, per project, of what asked for work and what came of it."""

import json
import logging
import time
from dataclasses import asdict, dataclass

from redis import Redis

log = logging.getLogger(__name__)

KEPT = 200  # entries a project


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    at: float
    """Unix seconds."""
    event: str
    """What happened: a webhook's action, a job, a command."""
    outcome: str
    """What it led to, or why to nothing: one sentence."""


def note(redis: Redis, project: str, event: str, outcome: str) -> None:
    """Add a line and log it; the oldest beyond KEPT are dropped."""
    log.info("%s: %s: %s", project, event, outcome)
    key = f"earmark:{project}:history"
    with redis.pipeline() as pipe:
        pipe.lpush(key, json.dumps(asdict(Entry(time.time(), event, outcome))))
        pipe.ltrim(key, 0, KEPT - 1)
        pipe.execute()


def read(redis: Redis, project: str, limit: int = KEPT) -> list[Entry]:
    """The newest lines first."""
    return [Entry(**json.loads(line)) for line in redis.lrange(f"earmark:{project}:history", 0, limit - 1)]
