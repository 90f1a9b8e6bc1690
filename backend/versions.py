"""Model versions as files: stored once by the hash of their weights, current per project."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTS = ("avol.safetensors", "ave.safetensors")
CARD = "card.json"


class VersionError(ValueError):
    """A version is missing, damaged or misnamed; the message is one sentence."""


@dataclass(frozen=True)
class Version:
    """One stored version."""

    name: str
    """`earmark-<12 hex>`."""
    path: Path
    """Folder holding avol.safetensors, ave.safetensors and card.json."""
    card: dict[str, Any]


def version_of(directory: Path) -> str:
    """The name of the weights in `directory`: `earmark-` and 12 hex digits of both files' SHA-256.

    Raises VersionError when a weight file is missing.
    """
    raise NotImplementedError


class VersionStore:
    """`<home>/versions`: weights, cards and pointers. Files only, so it needs no Redis and no torch.

    Safe for several processes: folders and pointers appear by one atomic rename.
    """

    def __init__(self, home: Path) -> None:
        """Keep versions under `home`; nothing is created before the first write."""
        self.root = home / "versions"

    def seed(self, weights: Path) -> str:
        """Copy the version in `weights` (the shipped one) and make it the base of every project; its name.

        Does nothing when it is there already and undamaged. Raises VersionError.
        """
        raise NotImplementedError

    def add(self, directory: Path) -> str:
        """Copy a trained version (both weight files and card.json) into the store; its name. Promotes nothing.

        Raises VersionError when a file is missing.
        """
        raise NotImplementedError

    def base(self) -> str:
        """The version every project starts from. Raises VersionError before `seed`."""
        raise NotImplementedError

    def current(self, project: str) -> str:
        """The version that predicts in `project` (a key's string); the base until one was promoted."""
        raise NotImplementedError

    def promote(self, project: str, version: str) -> None:
        """Make a stored version the current one of `project`, atomically. Raises VersionError if not stored."""
        raise NotImplementedError

    def path(self, version: str) -> Path:
        """The folder of a stored version. Raises VersionError if not stored."""
        raise NotImplementedError

    def card(self, version: str) -> dict[str, Any]:
        """The card of a stored version."""
        raise NotImplementedError

    def list(self, project: str) -> list[Version]:
        """The base, the current version and every version made for `project` (card key "project"), oldest first."""
        raise NotImplementedError
