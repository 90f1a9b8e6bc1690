"""The promotion log: which version was current in a project, since when and why.

One small file an entry, so that two processes never write the same one, in a folder as in an object store.
"""

import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Literal

from backend.storage import Storage

Action = Literal["promote", "roll back", "refuse"]


@dataclass(frozen=True)
class Entry:
    """One decision about a version.

    Attributes:
        at: seconds since 1970.
        action: "promote" and "roll back" made it current; "refuse" set it aside.
        version: what the decision is about.
        before: what was current before.
        why: one sentence.
    """

    at: float
    action: Action
    version: str
    before: str
    why: str


class PromotionLog:
    """The decisions of one project, oldest first."""

    def __init__(self, storage: Storage, project: str) -> None:
        """Nothing is read or written before the first use."""
        self._storage, self._folder = storage, f"versions/log/{project}"

    def append(self, action: Action, version: str, before: str, why: str) -> None:
        """Keep a decision. Raises StorageError."""
        entry = Entry(time.time(), action, version, before, why)
        name = f"{self._folder}/{time.time_ns():020d}-{secrets.token_hex(4)}.json"
        self._storage.write(name, (json.dumps(asdict(entry)) + "\n").encode())

    def read(self) -> list[Entry]:
        """Every decision; one that cannot be read is left out. Raises StorageError."""
        found = []
        for name in self._storage.names(self._folder):
            try:
                found.append(Entry(**json.loads(self._storage.file(name).read_text())))
            except (ValueError, TypeError, FileNotFoundError):
                continue
        return found


def line_of(entries: list[Entry], current: str) -> list[str]:
    """The versions that lead to `current`, the first of them first: what was rolled back from is not among them.

    Each rollback ends at the version before the last; without a log the line is the current version alone.
    """
    line: list[str] = []
    for entry in entries:
        if entry.action == "promote":
            line = line or [entry.before]
            if line[-1] != entry.version:
                line.append(entry.version)
        elif entry.action == "roll back":
            line = line[: line.index(entry.version) + 1] if entry.version in line else [entry.version]
    return line if line and line[-1] == current else [current]
