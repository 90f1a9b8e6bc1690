"""Cancellation: a person's wish to stop a training reaches it within seconds, whatever it is waiting for."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from redis import Redis
from redis.exceptions import RedisError

from backend import cancelling

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks for the wish


class Cancelled(BaseException):
    """Somebody wants this training stopped.

    A BaseException, as `Stopped` is: code that passes over one bad video must not swallow it.
    """


class Cancellation:
    """Raises `Cancelled` in the main thread, wherever it is within the block, once the training is to be stopped.

    A thread looks for the wish and interrupts by a signal, as rq's time-out does: so neither a slow download nor a
    silent child process delays it.
    """

    def __init__(self, redis: Redis, project: str, training: str) -> None:
        """Watch over `training`; nothing runs before the block."""
        self._redis, self._project, self._training = redis, project, training
        self._stop = threading.Event()
        self._armed = self._wanted = False
        self._thread = threading.Thread(target=self._watch, name="cancellation", daemon=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is done in this block is done whole; a wish that comes meanwhile is heard at its end."""
        self._armed = False
        yield
        self._armed = True
        if self._wanted:
            self._raise()

    def __enter__(self) -> "Cancellation":
        self._before = signal.signal(signal.SIGUSR1, self._interrupt)
        self._armed = True
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._armed = False
        self._stop.set()
        self._thread.join()
        signal.signal(signal.SIGUSR1, self._before)

    def _watch(self) -> None:
        while True:
            try:
                if cancelling.cancelled(self._redis, self._project, self._training):
                    break
            except RedisError as error:  # away for a moment
                log.warning("Whether the training is cancelled cannot be told: %s", error)
            if self._stop.wait(LOOK):
                return
        if not self._stop.is_set():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._wanted = True
        if self._armed:
            self._raise()

    def _raise(self) -> None:
        self._armed = False  # once: cleaning up is not interrupted
        raise Cancelled
