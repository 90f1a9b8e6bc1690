"""An evaluation: the figures of a network on a dataset."""

from dataclasses import dataclass, field
from typing import Any

from model.datasets import Skipped
from model.figures import Figure

# By group ("small", "dog"), then by figure.
Groups = dict[str, dict[str, Figure]]


class EvaluationError(ValueError):
    """A dataset on which nothing can be measured, in one sentence."""


@dataclass(frozen=True)
class Evaluation:
    """The figures of a network on a dataset.

    Attributes:
        figures: by name: pointing, avc and so on.
        videos: how many entries of the dataset were evaluated.
        skipped: those that could not be.
        groups: some of the figures on parts of the samples, by what divides them: "by_class", "by_size".
    """

    figures: dict[str, Figure]
    videos: int
    skipped: list[Skipped]
    groups: dict[str, Groups] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, one key a figure and one a division into groups."""
        groups = {
            division: {
                group: {name: one.to_dict() for name, one in figures.items()} for group, figures in parts.items()
            }
            for division, parts in self.groups.items()
        }
        figures = {name: one.to_dict() for name, one in self.figures.items()}
        skipped = [{"file": one.file, "reason": one.reason} for one in self.skipped]
        return figures | groups | {"videos": self.videos, "skipped": skipped}
