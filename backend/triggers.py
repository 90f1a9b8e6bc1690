"""Triggers: when what was imported starts a training.

Webhooks only count and say what will happen; whether it happens is decided in one place, `look`, which the poll calls
every few seconds. So an import of any size, told in any number of webhooks or found by looking, starts one training,
once it is through.
"""

import time

from redis import Redis

from backend import history, imports, jobs, queues, trainings
from backend.imports import Waiting
from backend.settings import Settings


def wait(waiting: Waiting, settings: Settings, now: float) -> float | None:
    """Seconds until these imports start a training unless more come, 0 when they do now.

    None when they are too few, or when the last training had them all: trying again would end as it did.
    """
    if waiting.count < settings.retrain_after or not waiting.new:
        return None
    quiet = waiting.last + settings.quiet - now
    longest = waiting.first + settings.retrain_longest - now
    return max(0.0, min(quiet, longest))


def say(redis: Redis, project: str, settings: Settings) -> str:
    """What the imports so far lead to, one sentence."""
    waiting = imports.waiting(redis, project)
    left = wait(waiting, settings, time.time())
    if trainings.queued(redis, project) is not None:
        return "A training is queued already, and will have everything in that is there when it begins."
    if waiting.count < settings.retrain_after:
        return f"{waiting.count} of the {settings.retrain_after} new imports that start a training."
    if left is None:
        return f"{_told(waiting)}: the next import starts another, or Start Training."
    if jobs.exists(redis, trainings.job_name(project)):
        return f"A training is running; {_count(waiting.count)} that it may not have in can start the next."
    return (
        f"{_count(waiting.count)}: a training starts once none has come for {_span(settings.quiet)}, at the latest "
        f"{_span(settings.retrain_longest)} after the first."
    )


def look(redis: Redis, project: str, settings: Settings) -> list[str]:
    """Start the training that is due, by its imports or by the schedule; the names of the jobs queued."""
    if jobs.exists(redis, trainings.job_name(project)):
        return []
    waiting, now = imports.waiting(redis, project), time.time()
    if wait(waiting, settings, now) == 0:
        trigger = f"{_told(waiting)}." if waiting.tried else f"{_count(waiting.count)} since the last training."
        return _start(redis, project, "imports", trigger)
    return _scheduled(redis, project, settings, waiting, now)


def _scheduled(redis: Redis, project: str, settings: Settings, waiting: Waiting, now: float) -> list[str]:
    if settings.retrain_every is None:
        return []
    arriving = waiting.new and now < min(waiting.last + settings.quiet, waiting.first + settings.retrain_longest)
    if arriving or not _turn(redis, project, settings.retrain_every * 3600):
        return []
    every = f"every {settings.retrain_every:g} h"
    if not waiting.new:
        history.note(
            redis, project, "schedule", f"Nothing new to learn from: no import since the last training ({every})."
        )
        return []
    return _start(redis, project, "schedule", f"The schedule ({every}): {_told(waiting)}.")


def _turn(redis: Redis, project: str, seconds: float) -> bool:
    """Whether the schedule's moment has come; of several that ask only one is told so. The clock starts at the first
    question, and anew where the schedule has changed."""
    begun, due = f"earmark:{project}:schedule", f"earmark:{project}:schedule:due"
    changed = redis.set(begun, seconds, get=True) != str(seconds).encode()
    return bool(redis.set(due, 1, nx=not changed, px=round(seconds * 1000))) and not changed


def _start(redis: Redis, project: str, event: str, trigger: str) -> list[str]:
    queued = queues.enqueue_retrain(redis, project, trigger)
    if queued.jobs:
        history.note(redis, project, event, queued.reason)
    return list(queued.jobs)


def _told(waiting: Waiting) -> str:
    if not waiting.tried:
        return _count(waiting.count)
    have = "has" if waiting.tried == 1 else "have"
    return f"{_count(waiting.new)}, and {waiting.tried} that {have} been in a training which made no version"


def _count(number: int) -> str:
    return f"{number} new import{'' if number == 1 else 's'}"


def _span(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:g} min"
