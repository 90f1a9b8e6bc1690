"""The table of a retrieval evaluation: a row for each way to embed, a column for each direction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model.bootstrap import interval
from model.datasets import Skipped


@dataclass(frozen=True)
class Cell:
    """One direction of one row.

    Attributes:
        value: mean nDCG@30, None without queries.
        interval: 95 % of it, bootstrapped over query videos.
        n: queries; those to which nothing is relevant do not count.
    """

    value: float | None
    interval: tuple[float, float] | None
    n: int

    @classmethod
    def of(cls, values: np.ndarray, videos: Sequence[int], *, seed: int) -> "Cell":
        """Of the nDCG of each query, NaN where it does not count, and the video each is from."""
        counted = ~np.isnan(values)
        kept = values[counted]
        mean = float(kept.mean()) if len(kept) else None
        return cls(mean, interval(kept, np.asarray(videos)[counted], seed=seed), len(kept))

    def to_dict(self) -> dict[str, Any]:
        """As plain values: `value`, `ci95`, `n`."""
        value = None if self.value is None else round(self.value, 4)
        ends = None if self.interval is None else [round(end, 4) for end in self.interval]
        return {"value": value, "ci95": ends, "n": self.n}


@dataclass(frozen=True)
class TableRow:
    """One way to embed pictures and sounds.

    Attributes:
        name: what it is.
        model: whether it is one of the networks asked about, not something to compare them with.
        cells: by direction, see `encoders.DIRECTIONS`; a direction that makes no sense is missing.
        regulariser: of CCA, where the row is one of its.
    """

    name: str
    model: bool
    cells: dict[str, Cell]
    regulariser: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain values, one key a direction."""
        chosen = {} if self.regulariser is None else {"cca_regulariser": self.regulariser}
        cells = {way: cell.to_dict() for way, cell in self.cells.items()}
        return {"name": self.name, "model": self.model, **cells, **chosen}


@dataclass(frozen=True)
class RetrievalTable:
    """The rows of a folder.

    Attributes:
        rows: baselines first.
        videos: how many were evaluated.
        skipped: those of the folder that could not be.
        tree: whether relevance comes from a tree of classes.
        refused: rows that could not be made, one sentence each.
    """

    rows: list[TableRow]
    videos: int
    skipped: list[Skipped]
    tree: bool
    refused: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "measure": "ndcg@30",
            "relevance": "tree" if self.tree else "flat",
            "rows": [row.to_dict() for row in self.rows],
            "videos": self.videos,
            "skipped": [{"file": one.file, "reason": one.reason} for one in self.skipped],
            "refused": self.refused,
        }
