"""The gate: a candidate serves only if it tells corresponding pairs no worse than the current version does.

Two versions that are equally good still differ by a few of the held-out pairs, one way as often as the other. Lower
means lower by more than that: by McNemar's test on the pairs that only one of them gets right (Dietterich, "Approximate
statistical tests for comparing supervised classification learning algorithms", Neural Computation 1998), or by MARGIN.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from model.networks import AVOLNet
    from model.pairs import PairSource

HELD_OUT_SHARE = 0.2  # of the clips, by the hash of each: one once held out is never trained on while it is
HELD_OUT_LEAST = 4  # clips: a negative pair needs two, and two alone make only one
PAIRS = 2000  # corresponding pairs compared, drawn over and over from few clips; as many that do not correspond
PAIRS_A_CLIP = 64  # at most: a clip of a few seconds holds no more that differ
SEED = 1
MARGIN = 0.02  # of accuracy: as much lower is too much, however few pairs say so
DEVIATIONS = 1.64  # of the pairs only one gets right: the one-sided 5 % level


@dataclass(frozen=True)
class Comparison:
    """Audio-visual correspondence of two versions on the very same pairs of held-out clips.

    Attributes:
        candidate: accuracy of the new AVOL-Net at probability .5, 0..1; chance is .5.
        current: that of the one that serves.
        pairs: number of pairs, half of them corresponding.
        videos: number of held-out clips the pairs are drawn from.
        gained: pairs that only the candidate gets right.
        lost: pairs that only the current version gets right.
    """

    candidate: float
    current: float
    pairs: int
    videos: int
    gained: int
    lost: int

    @property
    def passed(self) -> bool:
        """Whether the candidate may serve."""
        by_chance = DEVIATIONS * math.sqrt(self.gained + self.lost)
        return self.lost - self.gained <= by_chance and self.current - self.candidate <= MARGIN

    @property
    def reason(self) -> str:
        """One sentence for the card and the project lead."""
        figures = (
            f"{self.candidate:.3f} against {self.current:.3f} on {self.pairs} pairs of {self.videos} held-out videos, "
            f"{self.gained} gained and {self.lost} lost"
        )
        if self.passed:
            return f"Correspondence is not lower than the current version's: {figures}."
        return f"Correspondence is lower than the current version's ({figures}), so it does not serve."

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the card."""
        return {**asdict(self), "passed": self.passed}


def hold_out(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split clips into those to learn from and those held out.

    By a hash of each clip's own key, so that a clip stays on its side as others come; where that leaves fewer than
    HELD_OUT_LEAST, the lowest hashes are held out.

    Returns:
        (learn, held out), each in the order given.
    """
    place = {key: int(hashlib.sha256(f"hold out {key}".encode()).hexdigest()[:12], 16) / 16**12 for key in keys}
    lowest = sorted(place, key=lambda key: place[key])[:HELD_OUT_LEAST]
    held = {key for key in place if place[key] < HELD_OUT_SHARE} | set(lowest)
    return [key for key in place if key not in held], [key for key in place if key in held]


def compare(candidate: "AVOLNet", current: "AVOLNet", source: "PairSource", held_out: Sequence[str]) -> Comparison:
    """Measure both on the same seeded pairs. Raises ValueError with fewer than two clips."""
    return furthest({1.0: candidate}, current, source, held_out)[1]


def furthest(
    candidates: Mapping[float, "AVOLNet"], current: "AVOLNet", source: "PairSource", held_out: Sequence[str]
) -> tuple[float, Comparison]:
    """The first candidate that passes, all measured on the same seeded pairs.

    Args:
        candidates: by how far each went from the current version, furthest first.
        current: the AVOL-Net that serves.
        source: of the held-out clips.
        held_out: their keys, at least two.

    Returns:
        How far it went and its comparison; those of the furthest, not passed, if none passes.
    """
    from model import calibration

    rounds = max(1, PAIRS // max(1, len(held_out)))

    def right(network: "AVOLNet") -> "Tensor":
        """(pairs,) bool: which pairs it gets right, in the same order for every network."""
        return calibration.right(*calibration.pair_scores(network, source, held_out, rounds=rounds, seed=SEED))

    old = right(current)
    found: list[tuple[float, Comparison]] = []
    for share, candidate in candidates.items():
        new = right(candidate)
        comparison = Comparison(
            candidate=float(new.float().mean()),
            current=float(old.float().mean()),
            pairs=len(old),
            videos=len(held_out),
            gained=int((new & ~old).sum()),
            lost=int((old & ~new).sum()),
        )
        found.append((share, comparison))
        if comparison.passed:
            return found[-1]
    return found[0]
