"""Pointers: which version is current, as small names in the storage that everyone asks for all the time."""

import logging
import re
import threading
import time
from dataclasses import dataclass

from backend.storage import Storage, StorageError

VERSION = re.compile(r"earmark-[0-9a-f]{12}")
FRESH_SECONDS = 2.0  # so old a pointer in an object store may be: /predict asks for one every time

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    version: str | None
    until: float  # by time.monotonic()


# By address and name, for every store of this process: what one of them writes all others see at once.
_known: dict[tuple[str, str], _Known] = {}
_lock = threading.Lock()


class Pointers:
    """Versions by name. On a folder always as it is; in an object store at most FRESH_SECONDS old, but at once what
    this process wrote, and as it was last known while the store does not answer.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self, name: str) -> str | None:
        """The version a name points to; None where nothing does. Raises StorageError when nothing is known."""
        if self._storage.folder is not None:
            return self._fetch(name)
        key = str(self._storage), name
        now = time.monotonic()
        with _lock:
            known = _known.get(key)
            if known is not None:
                if now < known.until:
                    return known.version
                # One asks; whoever comes meanwhile goes on with what is known.
                known = _known[key] = _Known(known.version, now + FRESH_SECONDS)
        try:
            version = self._fetch(name)
        except StorageError as error:
            if known is None:
                raise
            log.warning("%s stays %s: %s", name, known.version, error)
            return known.version
        with _lock:
            if _known.get(key) is known:  # else it was written meanwhile
                _known[key] = _Known(version, time.monotonic() + FRESH_SECONDS)
        return version

    def write(self, name: str, version: str) -> None:
        """Point a name to a version, atomically. Raises StorageError."""
        self._storage.write(name, f"{version}\n".encode())
        with _lock:
            _known[str(self._storage), name] = _Known(version, time.monotonic() + FRESH_SECONDS)

    def _fetch(self, name: str) -> str | None:
        try:
            version = self._storage.read(name).decode(errors="replace").strip()
        except FileNotFoundError:
            return None
        return version if VERSION.fullmatch(version) else None
