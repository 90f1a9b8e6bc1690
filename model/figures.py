"""Figures: a measure of the model beside its baselines, each with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.bootstrap import Bootstrap

Values = Sequence[bool] | Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Row:
    """One line of a figure: the mean over its samples and the 95 % interval of it, None without samples."""

    value: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Figure:
    """A measure of the model and of its baselines on the same samples.

    Attributes:
        rows: by name: "model", then the baselines.
        n: samples that each row is the mean of.
        notes: counts that belong to the figure.
    """

    rows: dict[str, Row]
    n: int
    notes: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values: the rows, `n`, `ci95` of the model, `intervals` of the baselines, the notes."""
        ends = {name: _rounded(row.interval) for name, row in self.rows.items()}
        return {
            **{name: None if row.value is None else round(row.value, 4) for name, row in self.rows.items()},
            "n": self.n,
            "ci95": ends.pop("model"),
            "intervals": ends,
            **self.notes,
        }


def figure(
    rows: Mapping[str, Values], videos: Sequence[int], *, seed: int, notes: dict[str, int] | None = None
) -> Figure:
    """Means and 95 % intervals, by bootstrap over videos.

    Args:
        rows: one value a sample, of the model and of each baseline, all on the same samples.
        videos: which video each sample is from.
        seed: of the bootstrap.
        notes: counts that belong to the figure.
    """
    bootstrap = Bootstrap(np.asarray(videos), seed=seed)  # the same draws for every row
    measured = {}
    for name, values in rows.items():
        array = np.asarray(values, np.float64)
        measured[name] = Row(float(array.mean()) if len(array) else None, bootstrap.of_mean(array))
    return Figure(measured, len(videos), notes or {})


def _rounded(ends: tuple[float, float] | None) -> list[float] | None:
    return None if ends is None else [round(end, 4) for end in ends]
