"""The state of a training between two steps: enough to go on as if it had never stopped."""

from contextlib import suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

import torch

READABLE = 16  # characters of a value that is told; a hash says nothing


class SnapshotError(ValueError):
    """A snapshot that cannot be gone on from, in one sentence."""


class OtherTrainingError(SnapshotError):
    """A snapshot of a training with other settings or clips.

    Attributes:
        path: of the snapshot.
        different: by name, what a setting is there and what it is here; those of a group stand by their own names.
    """

    def __init__(self, path: Path, different: dict[str, tuple[Any, Any]]) -> None:
        self.path, self.different = path, different
        other = ", ".join(sorted(name + told(*values) for name, values in different.items()))
        super().__init__(f"{path} is of a training with other {other}; use the same, or begin anew.")


@dataclass
class Snapshot:
    """Where a training stands. Pairs and augmentations are drawn from seed and step, so no generator is kept.

    Attributes:
        about: settings and clips of the training, as plain values; another training's snapshot is refused by them.
        step: steps done.
        planned: steps planned, 0 before.
        seconds: spent so far.
        loss: running mean.
        batch: pairs a step; 0: as configured. Smaller once the device's memory did not suffice.
        pairs: drawn so far.
        curve: what was measured on held-out videos so far.
        network, average, optimiser: their state dicts.
        best: state dict of the best averaged weights so far, empty before the first measurement.
    """

    about: dict[str, Any]
    step: int = 0
    planned: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    batch: int = 0
    pairs: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    network: dict[str, Any] = field(default_factory=dict)
    average: dict[str, Any] = field(default_factory=dict)
    optimiser: dict[str, Any] = field(default_factory=dict)
    best: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it, whole or not at all.

        Raises:
            SnapshotError: it cannot be written.
        """
        partial = path.with_name(path.name + ".partial")
        try:
            torch.save({name: getattr(self, name) for name in self.__dataclass_fields__}, partial)
            partial.replace(path)
        except (OSError, RuntimeError) as error:  # torch's own writer raises RuntimeError where a disk is full
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise SnapshotError(
                f"{path} cannot be written; is the disk full? What was written before it is still there."
            ) from error

    @classmethod
    def load(cls, path: Path, about: dict[str, Any]) -> "Snapshot":
        """Read one; only plain values and tensors are unpickled.

        Raises:
            SnapshotError: it cannot be read.
            OtherTrainingError: it is of a training with other settings or clips.
        """
        try:
            found = cls(**torch.load(path, map_location="cpu", weights_only=True))
        except Exception as error:  # torch raises whatever the damaged file leads it to
            raise SnapshotError(f"{path}: not a training that can be gone on with ({type(error).__name__}).") from error
        if different := _different(found.about, about):
            raise OtherTrainingError(path, different)
        return found


def _different(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The settings that differ, those of a group one by one, each as it is found and as it is wanted."""
    names: dict[str, tuple[Any, Any]] = {}
    for name, value in wanted.items():
        there = found.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            names |= _different(there, value)
        elif there != value:
            names[name] = (there, value)
    return names


def told(there: Any, here: Any) -> str:
    """Both values of a setting in brackets, where they are short enough to read; otherwise nothing."""
    readable = all(isinstance(value, int | float | str) and len(str(value)) <= READABLE for value in (there, here))
    return f" ({there}, not {here})" if readable else ""


def about(**settings: Any) -> dict[str, Any]:
    """Settings as plain values; dataclasses become dictionaries."""
    return {name: asdict(one) if is_dataclass(one) else one for name, one in settings.items()}  # type: ignore[arg-type]
