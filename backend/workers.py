"""Workers: which of them are alive, by what each tells Redis of itself."""

from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis

from backend.jobs import INTERACTIVE, as_text, awaited

SILENT = 30.0  # seconds without a heartbeat after which a worker counts as gone; it beats every 3 s
WORKERS = "rq:workers"


@dataclass(frozen=True)
class WorkerRow:
    """One living worker."""

    name: str
    host: str
    queues: tuple[str, ...]
    """Those it takes jobs from, the first of them first."""
    busy: bool
    """Whether it runs a job now."""
    beat: float
    """Unix seconds of its last heartbeat."""


def alive(redis: Redis, now: float | None = None) -> list[WorkerRow]:
    """The workers that told of themselves within SILENT seconds, by name. rq forgets dead ones only later."""
    moment = datetime.now(UTC).timestamp() if now is None else now
    names = sorted(as_text(name) for name in redis.smembers(WORKERS))
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(name, "queues", "last_heartbeat", "state", "hostname")
        rows = pipe.execute()
    found = []
    for name, (queues, heartbeat, state, host) in zip(names, rows, strict=True):
        beat = _seconds(heartbeat)
        if beat is not None and moment - beat <= SILENT:
            taken = tuple(queue for queue in as_text(queues or b"").split(",") if queue)
            row = WorkerRow(name.rpartition(":")[2], as_text(host or b""), taken, as_text(state or b"") == "busy", beat)
            found.append(row)
    return found


def somebody_waits(redis: Redis) -> bool:
    """Whether something that a person asked for waits in `interactive`, and no idle worker is there to take it."""
    return bool(awaited(redis)) and not any(INTERACTIVE in worker.queues and not worker.busy for worker in alive(redis))


def _seconds(heartbeat: bytes | str | None) -> float | None:
    """Unix seconds of rq's `2026-11-22T09:53:30.651261Z`."""
    try:
        return datetime.fromisoformat(as_text(heartbeat or b"")).timestamp()
    except ValueError:
        return None
