"""The poll: what webhooks missed and what dead workers left is found by looking, again and again."""

import logging
import threading

from redis import Redis
from redis.exceptions import RedisError

from backend import handover, queues, relabelled, triggers
from backend.connection import Connection
from backend.settings import SettingsError

log = logging.getLogger(__name__)

LOOK = 5.0  # seconds between two looks; each is cheap


class Poll:
    """A thread that has every connected project reconciled each `poll_seconds`, dead jobs queued again, and those
    trainings started that are due.

    Of several replicas only the first to take a project's turn acts.
    """

    def __init__(self, redis: Redis, connection: Connection) -> None:
        """Nothing runs before `start`."""
        self.redis, self.connection = redis, connection
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poll", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the look that is under way."""
        self._stop.set()
        self._thread.join()

    def look(self) -> list[str]:
        """One look at everything; the names of the jobs it queued."""
        settings = self.connection.current()
        found = queues.sweep(self.redis)
        handover.look(self.redis)
        for project in settings.projects:
            if relabelled.waiting(self.redis, project):  # noted just as the last look at the suggestions ended
                found.extend(queues.enqueue_renew(self.redis, project, ()).jobs)
            found.extend(triggers.look(self.redis, project, settings))
            pause = round(settings.poll_seconds * 1000)
            if self.redis.set(f"earmark:{project}:polled", 1, nx=True, px=pause):
                found.extend(queues.enqueue_reconcile(self.redis, project).jobs)
        return found

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except (RedisError, SettingsError) as error:
                log.warning("The poll could not look: %s", error)
            except Exception:
                # A poll that ends in silence would let everything it looks after rot.
                log.exception("The poll could not look")
            if self._stop.wait(LOOK):
                return
