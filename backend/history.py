"""History: a bounded list, per project, of what asked for work and what came of it."""

from dataclasses import dataclass

from redis import Redis

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
    raise NotImplementedError


def read(redis: Redis, project: str, limit: int = KEPT) -> list[Entry]:
    """The newest lines first."""
    raise NotImplementedError
