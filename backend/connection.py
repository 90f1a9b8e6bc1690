"""The connection to Label Studio as it is now: `earmark connect` may change it while the backend runs."""

import logging
import threading
import time
from pathlib import Path

from backend.settings import Settings, SettingsError, refresh

log = logging.getLogger(__name__)

SHARED_SECONDS = 5.0  # after which a connection that is shared through the storage is read again


class Connection:
    """The settings, read again whenever the saved file changes. Safe in several threads.

    What another machine shares through the storage is seen SHARED_SECONDS late at most; while the storage does not
    answer, what was known counts.
    """

    def __init__(self, settings: Settings) -> None:
        """Start from `settings`; the file is looked at on every `current`."""
        self._settings = settings
        self._seen = _stamp(settings.saved)
        self._read = time.monotonic()
        self._lock = threading.Lock()

    def current(self) -> Settings:
        """The settings now. Raises SettingsError when the saved file cannot be read."""
        with self._lock:
            stamp = _stamp(self._settings.saved)
            if stamp != self._seen:
                self._settings = refresh(self._settings)
                self._seen = stamp
            elif self._settings.storage and time.monotonic() - self._read > SHARED_SECONDS:
                self._read = time.monotonic()
                try:
                    self._settings = refresh(self._settings)
                except SettingsError as error:
                    log.warning("The shared connection cannot be read: %s", error)
            return self._settings


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
