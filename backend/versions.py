"""Model versions as files: stored once by the hash of their weights, current per project."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTS = ("avol.safetensors", "ave.safetensors")
CARD = "card.json"
NAME = re.compile(r"earmark-[0-9a-f]{12}")
PROJECT = re.compile(r"[0-9a-z-]{1,80}")


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
    """The name of the weights in `directory`: `earmark-` and 12 hex digits of the hash of both files' SHA-256.

    Raises VersionError when a weight file is missing.
    """
    digest = hashlib.sha256()
    for name in WEIGHTS:
        try:
            with (directory / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise VersionError(f"{directory} is no model version: {name} cannot be read ({error.strerror}).") from None
    return f"earmark-{digest.hexdigest()[:12]}"


class VersionStore:
    """`<home>/versions`: weights, cards and pointers. Files only, so it needs no Redis and no torch.

    Safe for several processes: folders and pointers appear by one atomic rename.
    """

    def __init__(self, home: Path) -> None:
        """Keep versions under `home`; nothing is created before the first write."""
        self.root = home / "versions"

    def seed(self, weights: Path) -> str:
        """Copy the version in `weights` (the shipped one) and make it the base of every project; its name.

        A stored copy that no longer matches its hash is replaced. Raises VersionError.
        """
        version = version_of(weights)
        stored = self.root / version
        if stored.is_dir() and not _intact(stored):
            shutil.rmtree(stored, ignore_errors=True)
        self.add(weights)
        self._point(self.root / "base", version)
        return version

    def add(self, directory: Path) -> str:
        """Copy a trained version (both weight files and card.json) into the store; its name. Promotes nothing.

        Raises VersionError when a file is missing or changes while it is copied.
        """
        version = version_of(directory)
        if (self.root / version).is_dir():
            return version
        if not (directory / CARD).is_file():
            raise VersionError(f"{directory} is no model version: {CARD} is missing.")
        self.root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=self.root, prefix=".partial-"))
        try:
            for name in (*WEIGHTS, CARD):
                shutil.copyfile(directory / name, partial / name)
            if version_of(partial) != version:
                raise VersionError(f"{directory} changed while it was copied: try again.")
            partial.chmod(0o755)
            partial.rename(self.root / version)
        except OSError as error:
            # Another process may have stored the same version in the meantime: that is no error.
            if not (self.root / version).is_dir():
                raise VersionError(f"{version} cannot be stored in {self.root} ({error.strerror}).") from None
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return version

    def base(self) -> str:
        """The version every project starts from. Raises VersionError before `seed`."""
        version = self._read(self.root / "base")
        if version is None:
            raise VersionError(f"No model version is stored in {self.root} yet: start `earmark serve` once.")
        return version

    def current(self, project: str) -> str:
        """The version that predicts in `project` (a key's string); the base until one was promoted."""
        return self._read(self._pointer(project)) or self.base()

    def promote(self, project: str, version: str) -> None:
        """Make a stored version the current one of `project`, atomically. Raises VersionError if not stored."""
        self.path(version)
        self._point(self._pointer(project), version)

    def path(self, version: str) -> Path:
        """The folder of a stored version. Raises VersionError if not stored."""
        if not NAME.fullmatch(version) or not (self.root / version).is_dir():
            raise VersionError(f"{version[:80]!r} is not stored in {self.root}: train one, or name a stored one.")
        return self.root / version

    def card(self, version: str) -> dict[str, Any]:
        """The card of a stored version. Raises VersionError if it cannot be read."""
        path = self.path(version) / CARD
        try:
            card = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise VersionError(f"{path} cannot be read ({error}).") from None
        return card if isinstance(card, dict) else {}

    def list(self, project: str) -> list[Version]:
        """The base, the current version and every version made for `project` (card key "project"), oldest first."""
        always = {self.base(), self.current(project)}
        found = []
        for path in self.root.glob("earmark-*"):
            card = self.card(path.name)
            if path.name in always or card.get("project") == project:
                found.append((path.stat().st_mtime, Version(path.name, path, card)))
        return [version for _, version in sorted(found, key=lambda item: (item[0], item[1].name))]

    def _pointer(self, project: str) -> Path:
        if not PROJECT.fullmatch(project):
            raise VersionError(f"{project[:80]!r} is no project key.")
        return self.root / "current" / project

    def _read(self, pointer: Path) -> str | None:
        try:
            version = pointer.read_text().strip()
        except FileNotFoundError:
            return None
        return version if NAME.fullmatch(version) else None

    def _point(self, pointer: Path, version: str) -> None:
        pointer.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=pointer.parent, prefix=".partial-")
        with os.fdopen(handle, "w") as file:
            file.write(version + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(pointer)


def _intact(directory: Path) -> bool:
    try:
        return version_of(directory) == directory.name and (directory / CARD).is_file()
    except VersionError:
        return False
