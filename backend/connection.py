"""The connection to Label Studio as it is now: `earmark connect` may change it while the backend runs."""

import threading
from pathlib import Path

from backend.settings import Settings, refresh


class Connection:
    """The settings, read again whenever the saved file changes. Safe in several threads."""

    def __init__(self, settings: Settings) -> None:
        """Start from `settings`; the file is looked at on every `current`."""
        self._settings = settings
        self._seen = _stamp(settings.saved)
        self._lock = threading.Lock()

    def current(self) -> Settings:
        """The settings now. Raises SettingsError when the saved file cannot be read."""
        with self._lock:
            stamp = _stamp(self._settings.saved)
            if stamp != self._seen:
                self._settings = refresh(self._settings)
                self._seen = stamp
            return self._settings


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
