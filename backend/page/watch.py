"""The watch: the health checks for the page, which must not wait for them whenever somebody looks."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis

from backend.health import Check, checks
from backend.settings import Settings

log = logging.getLogger(__name__)

EVERY = 20.0  # seconds between two rounds, while somebody looks
PATIENCE = 1.5  # seconds the very first page waits for its round


@dataclass(frozen=True)
class Watched:
    """The checks as they were at the last round."""

    checks: Sequence[Check]
    """None yet while the first round goes on."""
    at: float
    """Unix seconds."""

    @property
    def failing(self) -> Sequence[Check]:
        """Those that fail."""
        return [check for check in self.checks if check.ok is False]


class _Watch:
    """One process's rounds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = Watched((), 0.0)
        self._of: str | None = None
        self._round: threading.Thread | None = None

    def look(self, settings: Settings, redis: Redis) -> Watched:
        """The last round's checks; begins another where they are old."""
        with self._lock:
            if self._of != _name(settings):  # connected anew: what was seen before is of another Label Studio
                self._last, self._of = Watched((), 0.0), _name(settings)
            busy = self._round is not None and self._round.is_alive()
            if not busy and time.time() - self._last.at > EVERY:
                self._round = threading.Thread(target=self._run, args=(settings, redis), name="health", daemon=True)
                self._round.start()
            running = self._round
        if not self._last.checks and running is not None:
            running.join(PATIENCE)
        return self._last

    def _run(self, settings: Settings, redis: Redis) -> None:
        try:
            found = checks(settings, redis)
        except Exception:
            log.exception("The health could not be looked at")
            return
        with self._lock:
            if self._of == _name(settings):
                self._last = Watched(found, time.time())


_watch = _Watch()


def watched(settings: Settings, redis: Redis) -> Watched:
    """The checks as they were at most EVERY seconds and a round ago."""
    return _watch.look(settings, redis)


def _name(settings: Settings) -> str:
    token = settings.label_studio_token
    secret = token.get_secret_value() if token else ""
    return f"{settings.home} {settings.label_studio_url} {hash(secret)} {settings.projects}"
