"""History: a bounded list, per project, of what asked for work and what came of it."""

import json
import logging
import re
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
    times: int = 1
    """How often this happened in a row; `at` is the last time."""


EVENTS = {  # Label Studio's words for what happened, as people say them
    "TASKS_CREATED": "Tasks imported",
    "TASKS_DELETED": "Tasks deleted",
    "PROJECT_UPDATED": "Project settings changed",
    "START_TRAINING": "Start Training pressed",
    "ANNOTATION_CREATED": "Annotation submitted",
    "ANNOTATION_UPDATED": "Annotation changed",
    "ANNOTATIONS_DELETED": "Annotations deleted",
}


def in_words(event: str) -> str:
    """What happened, in people's words; a job without its project's key."""
    return EVENTS.get(event) or re.sub(r"^([\w-]+)-[0-9a-f]{8}-\d+-\d+.*$", r"\1", event)


_NOTE = """
local newest = redis.call("LINDEX", KEYS[1], 0)
if newest then
  local before, now = cjson.decode(newest), cjson.decode(ARGV[1])
  if before.event == now.event and before.outcome == now.outcome then
    now.times = (before.times or 1) + 1
    redis.call("LSET", KEYS[1], 0, cjson.encode(now))
    return now.times
  end
end
redis.call("LPUSH", KEYS[1], ARGV[1])
redis.call("LTRIM", KEYS[1], 0, ARGV[2] - 1)
return 1
"""


def note(redis: Redis, project: str, event: str, outcome: str) -> None:
    """Add a line and log it; one that says what the newest says is counted there. The oldest beyond KEPT go."""
    log.info("%s: %s: %s", project, event, outcome)
    redis.eval(_NOTE, 1, _key(project), json.dumps(asdict(Entry(time.time(), event, outcome))), KEPT)


def read(redis: Redis, project: str, limit: int = KEPT) -> list[Entry]:
    """The newest lines first."""
    return [Entry(**json.loads(line)) for line in redis.lrange(_key(project), 0, limit - 1)]


def _key(project: str) -> str:
    return f"earmark:{project}:history"
