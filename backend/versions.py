"""Model versions: stored once by the hash of their weights, current per project."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from backend.pointers import VERSION, Pointers
from backend.promotions import Entry, PromotionLog, line_of
from backend.settings import Settings
from backend.storage import PARTIAL, Storage, StorageError

WEIGHTS = ("avol.safetensors", "ave.safetensors")
CARD = "card.json"
PROJECT = re.compile(r"[0-9a-z-]{1,80}")

State = Literal["current", "candidate", "refused", "retired"]


class VersionError(ValueError):
    """A version is missing, damaged or misnamed; the message is one sentence."""


@dataclass(frozen=True)
class Version:
    """One stored version.

    Attributes:
        name: `earmark-<12 hex>`.
        card: parent, data by hash, configuration, metrics with baselines, code, time.
    """

    name: str
    card: dict[str, Any]


@dataclass(frozen=True)
class VersionState:
    """How a version stands in a project.

    Attributes:
        name: `earmark-<12 hex>`.
        current: whether it predicts there.
        parent: the version it was trained from; None of one that began from nothing.
        created: when, seconds since 1970; None where the card does not say.
        metrics: figures by name, "avc" and others.
        state: "current"; "retired", was current; "refused", by the gate or a person; "candidate", none of these.
        reason: one sentence; empty where nobody gave one.
    """

    name: str
    current: bool
    parent: str | None
    created: float | None
    metrics: dict[str, float]
    state: State
    reason: str


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
    """`versions/` in the storage: weights, cards, pointers, the log of promotions. Needs no Redis and no torch.

    Safe for several processes and machines: a version is there once its card is, which is written last.
    Every method raises VersionError, also where the storage does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        """Keep versions where `settings` say; nothing is opened or created before the first use."""
        with _told():
            self.storage = settings.open_storage()
        self._pointers = Pointers(self.storage)

    def seed(self, weights: Path) -> str:
        """Store the version in `weights` (the shipped one) and make it the base of every project; its name."""
        version = self.add(weights)
        with _told():
            if self._pointers.read("versions/base") != version:
                self._pointers.write("versions/base", version)
        return version

    def add(self, directory: Path) -> str:
        """Copy a trained version (both weight files and card.json) into the store; its name. Promotes nothing.

        A stored copy whose weights no longer match its name is replaced.
        """
        version = version_of(directory)
        if self._is_stored(version):
            with suppress(VersionError):
                self.path(version)
                return version
            self._remove(version)  # damaged
        if not (directory / CARD).is_file():
            raise VersionError(f"{directory} is no model version: {CARD} is missing.")
        with _told():
            for name in WEIGHTS:
                self.storage.put(f"versions/{version}/{name}", directory / name)
            if version_of(directory) != version:
                self.storage.delete(f"versions/{version}")
                raise VersionError(f"{directory} changed while it was copied: try again.")
            self.storage.put(f"versions/{version}/{CARD}", directory / CARD)
        return version

    def base(self) -> str:
        """The version every project starts from."""
        with _told():
            version = self._pointers.read("versions/base")
        if version is None:
            raise VersionError(f"No model version is stored in {self.storage} yet: start `earmark serve` once.")
        return version

    def current(self, project: str) -> str:
        """The version that predicts in `project` (a key's string); the base until one was promoted.

        In an object store as old as `backend.pointers` says.
        """
        with _told():
            return self._pointers.read(_pointer(project)) or self.base()

    def promote(self, project: str, version: str, why: str = "") -> None:
        """Make a stored version the current one of `project`, atomically; `why` is one sentence for the log."""
        pointer, card = _pointer(project), self.card(version)
        self.path(version)  # whole, or nothing is changed
        with _told():
            before = self.current(project)
            self._pointers.write(pointer, version)
            PromotionLog(self.storage, project).append("promote", version, before, why or str(card.get("reason", "")))

    def rollback(self, project: str, why: str = "") -> str:
        """Make the version current that was before the current one; its name. A second call goes one further back."""
        pointer, current = _pointer(project), self.current(project)
        version = self.previous(project)
        if version is None:
            raise VersionError(f"{current} is the first version of this project: there is none to go back to.")
        self.path(version)
        with _told():
            self._pointers.write(pointer, version)
            PromotionLog(self.storage, project).append("roll back", version, current, why)
        return version

    def refuse(self, project: str, version: str, reason: str) -> None:
        """Set a version aside; `reason` is one sentence. The current one cannot be refused."""
        self.card(version)
        if (current := self.current(project)) == version:
            raise VersionError(f"{version} is the current version: roll back, or promote another.")
        with _told():
            PromotionLog(self.storage, project).append("refuse", version, current, reason)

    def previous(self, project: str) -> str | None:
        """The version a rollback goes to; None where there is none."""
        current = self.current(project)
        line = line_of(self.log(project), current)
        if len(line) > 1:
            return line[-2]
        if current == self.base():
            return None
        parent = self.card(current).get("parent")  # promoted before there was a log
        return parent if isinstance(parent, str) and self._is_stored(parent) else self.base()

    def log(self, project: str) -> list[Entry]:
        """What was decided in a project, oldest first."""
        _pointer(project)
        with _told():
            return PromotionLog(self.storage, project).read()

    def path(self, version: str) -> Path:
        """A local folder with a stored version, read only; of an object store fetched once.

        Raises VersionError where the weights are not those that the version is named by.
        """
        root = self.storage.folder or self.storage.cache
        folder = root / "versions" / version
        elsewhere = self.storage.folder is None
        if elsewhere and VERSION.fullmatch(version) and _is_whole(folder) and version_of(folder) == version:
            return folder
        if not self._is_stored(version):
            raise VersionError(self._missing(version))
        if elsewhere:
            with _told():
                self._fetch(version, folder)
        elif version_of(folder) != version:
            raise VersionError(_damaged(version, self.storage))
        return folder

    def card(self, version: str) -> dict[str, Any]:
        """The card of a stored version."""
        try:
            if not VERSION.fullmatch(version):
                raise FileNotFoundError
            with _told():
                card = json.loads(self.storage.file(f"versions/{version}/{CARD}").read_text())
        except FileNotFoundError:
            raise VersionError(_not_stored(version, self.storage)) from None
        except VersionError:
            raise
        except (OSError, ValueError) as error:
            raise VersionError(f"The card of {version} in {self.storage} cannot be read ({error}).") from None
        return card if isinstance(card, dict) else {}

    def names(self) -> list[str]:
        """Every version that has a card, whoever made it."""
        with _told():
            parts = [name.split("/") for name in self.storage.names("versions")]
        return sorted(part[1] for part in parts if len(part) == 3 and part[2] == CARD and VERSION.fullmatch(part[1]))

    def states(self, project: str) -> list[VersionState]:
        """How every version of `project` stands, oldest first; none before the first is stored."""
        if not self.names():
            return []
        current, entries, listed = self.current(project), self.log(project), self.list(project)
        # What others were trained from was current, also before there was a log.
        served = {self.base(), *(str(one.card.get("parent")) for one in listed)}
        return [_state(one, current, entries, served) for one in listed]

    def has_weights(self, version: str) -> bool:
        """Whether a version can serve: the weights of those long retired may have been pruned."""
        with _told():
            return bool(VERSION.fullmatch(version)) and all(
                self.storage.exists(f"versions/{version}/{name}") for name in WEIGHTS
            )

    def projects(self) -> list[str]:
        """Keys of the projects that have or had a version of their own."""
        with _told():
            named = (name.split("/")[2:3] for name in self.storage.names("versions/current"))
        return sorted(key for [key] in named if PROJECT.fullmatch(key))

    def drop_weights(self, version: str) -> None:
        """Remove a version's weights and keep its card, so that its figures stay known. It can serve no more."""
        with _told():
            for name in WEIGHTS:
                self.storage.delete(f"versions/{version}/{name}")
        for name in WEIGHTS:
            (self.storage.cache / "versions" / version / name).unlink(missing_ok=True)

    def list(self, project: str) -> list[Version]:
        """The base, what is or was current, and every version made for `project` (card key "project"), oldest first."""
        always = {self.base(), self.current(project)}
        for entry in self.log(project):
            always |= {entry.version, entry.before}
        found = [Version(name, self.card(name)) for name in self.names()]
        mine = [one for one in found if one.name in always or one.card.get("project") == project]
        return sorted(mine, key=lambda one: (_created(one.card) or 0.0, one.name))

    def _missing(self, version: str) -> str:
        with _told():
            pruned = bool(VERSION.fullmatch(version)) and self.storage.exists(f"versions/{version}/{CARD}")
        if pruned:
            return f"The weights of {version} were pruned: import it again before it can serve."
        return _not_stored(version, self.storage)

    def _is_stored(self, version: str) -> bool:
        with _told():
            return self.has_weights(version) and self.storage.exists(f"versions/{version}/{CARD}")

    def _remove(self, version: str) -> None:
        with _told():
            self.storage.delete(f"versions/{version}")
        shutil.rmtree(self.storage.cache / "versions" / version, ignore_errors=True)

    def _fetch(self, version: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=PARTIAL) as name:
            partial = Path(name)
            for file in (*WEIGHTS, CARD):
                self.storage.get(f"versions/{version}/{file}", partial / file)
            if version_of(partial) != version:
                raise VersionError(_damaged(version, self.storage))
            for file in (*WEIGHTS, CARD):
                (partial / file).replace(folder / file)


def _not_stored(version: str, place: Storage) -> str:
    return f"{version[:80]!r} is not stored in {place}: train one, or name a stored one."


def _damaged(version: str, place: Storage) -> str:
    return (
        f"{version} in {place} is damaged: its weights do not match its name. Import it again from an export, or let "
        "another version serve."
    )


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (*WEIGHTS, CARD))


def _pointer(project: str) -> str:
    if not PROJECT.fullmatch(project):
        raise VersionError(f"{project[:80]!r} is no project key.")
    return f"versions/current/{project}"


def _created(card: dict[str, Any]) -> float | None:
    created = card.get("created")
    return float(created) if isinstance(created, int | float) else None


def _state(version: Version, current: str, entries: list[Entry], served: set[str]) -> VersionState:
    card, name = version.card, version.name
    state: State = "refused" if card.get("state") == "refused" else "retired" if name in served else "candidate"
    reason = str(card.get("reason", ""))
    for entry in entries:
        if entry.version == name:
            reason = entry.why or reason
            state = "refused" if entry.action == "refuse" else "current"
        elif entry.before == name and entry.action != "refuse":
            state, reason = "retired", f"{entry.version} took its place. {entry.why}".strip()
    if name == current:
        state = "current"
    elif state == "current":
        state = "retired"
    figures = card.get("metrics") or card.get("figures") or {}  # weights that ship have the figures of their test
    return VersionState(
        name,
        current=name == current,
        parent=card.get("parent"),
        created=_created(card),
        metrics={key: value for key, value in figures.items() if isinstance(value, int | float)},
        state=state,
        reason=reason,
    )


@contextmanager
def _told() -> Iterator[None]:
    """A storage that fails is told as what it means here."""
    try:
        yield
    except StorageError as error:
        raise VersionError(str(error)) from None
