"""One demo a data folder: a lock that the kernel releases however its holder ends.

Standard library only: set-up uses it on a bare Python.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from backend.home import make_home

NAME = "demo.lock"


class Lock:
    """An exclusive lock on `home`; its file names the holder's process."""

    def __init__(self, home: Path) -> None:
        make_home(home)
        # Not inherited: a child outliving its parent must not keep the next demo from starting.
        self._file = os.open(home / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def acquire(self) -> bool:
        """Take the lock; False if another process holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return True

    def release(self) -> None:
        """Give the lock back."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def holder(home: Path) -> int | None:
    """The process that holds `home`'s lock, or None."""
    try:
        file = os.open(home / NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(file, 32, 0).strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(file)
    return None
