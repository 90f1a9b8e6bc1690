"""A check: one thing a candidate must show, and whether it did."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["passed", "undecided", "failed"]


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes:
        name: what was checked, for cards: "correspondence", "listening", ...
        outcome: "failed": the candidate is worse; "undecided": there are too few videos to say that it is not.
        candidate: its figure; of what, `said` tells.
        current: the same of the version that serves.
        margin: by how much lower it may be, in the figure's own unit or as a share of it.
        said: one sentence with the figures, for the card and the project lead.
    """

    name: str
    outcome: Outcome
    candidate: float
    current: float
    margin: float
    said: str

    @property
    def passed(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.outcome == "passed"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the card."""
        return asdict(self)
