"""Checkpoint: what a training needs to go on after its worker died, on this machine or another."""

import json
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.storage import Storage
from backend.versions import CARD

log = logging.getLogger(__name__)

PLAN, OUTCOME = "plan.json", "outcome.json"
SNAPSHOTS, VERSION = "snapshots", "version"
KEPT = (PLAN, OUTCOME, SNAPSHOTS, VERSION)  # of the folder; whatever else lies in it serves this machine alone


@dataclass(frozen=True)
class Plan:
    """What one training does, so that it is still the same after a restart.

    Attributes:
        training: its name.
        version: it starts from this one.
        tasks: Label Studio's ids of the videos it learns from or holds out.
        label_config: the project's XML.
        minutes: budget of the training proper.
    """

    training: str
    version: str
    tasks: list[int]
    label_config: str
    minutes: float


class Checkpoint:
    """`<home>/training/<project>`: the plan, the trainer's snapshots, the version made, and what came of it.

    Where the storage is not the home, everything is copied there too, for a worker elsewhere to take up.
    """

    def __init__(self, home: Path, project: str, training: str, storage: Storage) -> None:
        """The checkpoint of one training; nothing is touched before `open`."""
        self.folder = home / "training" / project
        self._prefix, self._training = f"training/{project}", training
        self._storage = None if storage.folder == home else storage
        self._shared: dict[str, float] = {}

    @property
    def snapshots(self) -> Path:
        """Folder of the trainer's snapshots."""
        return self.folder / SNAPSHOTS

    @property
    def version(self) -> Path:
        """Folder of the version being made."""
        return self.folder / VERSION

    def open(self) -> Plan | None:
        """The plan to go on with; None, and an empty folder, where this training has not got as far."""
        plan = self._plan()
        if plan is None:
            shutil.rmtree(self.folder, ignore_errors=True)  # what another training has left
            self.folder.mkdir(parents=True)
            self._take_over()
            plan = self._plan()
        self.snapshots.mkdir(exist_ok=True)
        return plan

    def keep(self, plan: Plan) -> None:
        """Keep the plan: from now on the training is the same after a restart."""
        self._write(PLAN, asdict(plan))

    def outcome(self) -> dict[str, Any] | None:
        """What the trainer ended with, if it did."""
        return self._read(OUTCOME)

    def keep_outcome(self, outcome: dict[str, Any]) -> None:
        """Keep what the trainer ended with: it is not run again."""
        self.share()  # the version first
        self._write(OUTCOME, outcome)

    def tell(self, reason: str) -> None:
        """Put into the card of the version made why it does not serve, one sentence."""
        file = self.version / CARD
        file.write_text(json.dumps({**json.loads(file.read_text()), "reason": reason}, indent=2) + "\n")

    def share(self) -> bool:
        """Copy what has changed to where other workers find it; whether there is a new snapshot."""
        further = False
        for file in sorted(self.folder.rglob("*")):
            name = file.relative_to(self.folder).as_posix()
            kind = name.partition("/")[0]
            if kind not in KEPT or not file.is_file() or file.name.endswith(".partial"):
                continue
            try:
                written = file.stat().st_mtime
            except FileNotFoundError:  # replaced at this moment
                continue
            if self._shared.get(name) != written:
                self._shared[name] = written
                further = further or kind == SNAPSHOTS
                self._put(name)
        return further

    def drop(self) -> None:
        """Remove all of it: the training is over."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._storage is not None:
            try:
                self._storage.delete(self._prefix)
            except OSError as error:
                log.warning("%s is left in the storage: %s", self._prefix, error)

    def _plan(self) -> Plan | None:
        found = self._read(PLAN)
        return Plan(**found) if found is not None and found.get("training") == self._training else None

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads((self.folder / name).read_text())
        except (OSError, ValueError):
            return None

    def _write(self, name: str, content: dict[str, Any]) -> None:
        partial = self.folder / f"{name}.partial"
        partial.write_text(json.dumps(content))
        partial.replace(self.folder / name)
        self.share()

    def _put(self, name: str) -> None:
        if self._storage is None:
            return
        try:
            self._storage.put(f"{self._prefix}/{name}", self.folder / name)
        except OSError as error:  # the training goes on; a death now would cost a worker elsewhere more
            log.warning("%s is not shared: %s", name, error)

    def _take_over(self) -> None:
        """Fetch what a worker elsewhere has kept of this training."""
        if self._storage is None:
            return
        try:
            plan = json.loads(self._storage.read(f"{self._prefix}/{PLAN}"))
            if plan.get("training") != self._training:
                self._storage.delete(self._prefix)
                return
            for name in self._storage.names(self._prefix):
                file = self.folder / name.removeprefix(f"{self._prefix}/")
                file.parent.mkdir(parents=True, exist_ok=True)
                self._storage.get(name, file)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("What was kept of the training cannot be fetched: %s", error)
