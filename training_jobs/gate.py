"""The gate: a candidate serves only where it is shown to be no worse than the current version.

Both are asked about the same held-out videos, which neither learnt from. Every check of `training_jobs.checks` must
pass. One that fails refuses the candidate; where there are too few videos to tell, it stays a candidate: kept, not
serving, for a person to promote. Not being able to tell is no reason to serve: with few videos a project must not end
with a worse model than it began with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    from model.checkpoints import Models
    from model.pairs import PairSource
    from training_jobs.checks import Check
    from training_jobs.checks.collapse import Grip
    from training_jobs.checks.correspondence import Answers
    from training_jobs.checks.held_out import HeldOut


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a candidate.

    Attributes:
        checks: every one that was made, those about collapse first: they say what a low correspondence comes from.
        metrics: figures of the candidate and, ending in "_of_parent", of the current version; for the card.
        held_out: number of held-out videos.
    """

    checks: tuple["Check", ...]
    metrics: dict[str, float]
    held_out: int

    @property
    def passed(self) -> bool:
        """Whether the candidate may serve."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> list[str]:
        """Names of the checks by which the candidate is worse."""
        return [check.name for check in self.checks if check.outcome == "failed"]

    @property
    def state(self) -> Literal["candidate", "refused"]:
        """How the card puts it: refused where it is worse, else a candidate, whether it serves or not."""
        return "refused" if self.failed else "candidate"

    @property
    def reason(self) -> str:
        """One sentence for the card and the project lead."""
        for outcome in ("failed", "undecided"):
            for check in self.checks:
                if check.outcome == outcome:
                    return f"{check.said[:-1]}, so it does not serve."
        return self.checks[-1].said

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the card."""
        return {
            "passed": self.passed,
            "failed": self.failed,
            "held_out": self.held_out,
            "checks": [check.to_dict() for check in self.checks],
        }


def judge(
    candidates: "Mapping[float, Models]",
    current: "Models",
    source: "PairSource",
    held_out: Sequence[str],
    *,
    boxes: Path | None = None,
) -> tuple[float, Verdict]:
    """The first candidate that passes, all compared with the current version on the same moments.

    Args:
        candidates: by how far each went from the current version, furthest first.
        current: the version that serves.
        source: of the held-out clips.
        held_out: their keys, at least two.
        boxes: folder of labelled videos that nothing was trained on, see `training_jobs.localization_set.write_set`.

    Returns:
        How far it went and what the gate says of it; where none passes, that of the furthest which is not refused,
        or of the furthest.
    """
    from training_jobs.checks.boxes import pointing
    from training_jobs.checks.held_out import HeldOut

    moments = HeldOut(source, held_out)
    shares = list(candidates)
    pointed = None if boxes is None else pointing(boxes, [current.avol, *(candidates[share].avol for share in shares)])
    old = _Figures.of(current, moments)
    found: list[tuple[float, Verdict]] = []
    for number, share in enumerate(shares, 1):
        new = _Figures.of(candidates[share], moments)
        boxed = None if pointed is None else (pointed[number], pointed[0])
        found.append((share, _verdict(new, old, len(moments), boxed)))
        if found[-1][1].passed:
            return found[-1]
    return next((one for one in found if not one[1].failed), found[0])


@dataclass(frozen=True)
class _Figures:
    """What is measured of one version on the held-out moments."""

    avol: "Answers"
    ave: "Answers"
    grip: "Grip"

    @classmethod
    def of(cls, models: "Models", moments: "HeldOut") -> "_Figures":
        from training_jobs.checks.collapse import grip
        from training_jobs.checks.correspondence import answers

        return cls(answers(models.avol, moments), answers(models.ave, moments), grip(models.avol, models.ave, moments))


def _verdict(new: _Figures, old: _Figures, held_out: int, pointed: "tuple[np.ndarray, np.ndarray] | None") -> Verdict:
    from training_jobs.checks import boxes, collapse, correspondence

    checks = collapse.compare(new.grip, old.grip)
    boxed = None if pointed is None else boxes.compare(*pointed)
    if boxed is not None:
        checks.append(boxed)
    checks.append(correspondence.compare("AVE-Net", new.ave, old.ave))
    checks.append(correspondence.compare("AVOL-Net", new.avol, old.avol))
    metrics = {"avc": new.avol.accuracy, "avc_of_parent": old.avol.accuracy, "avc_by_chance": 0.5}
    for name, one, other in (
        ("area", new.avol.area, old.avol.area),
        ("ave_avc", new.ave.accuracy, old.ave.accuracy),
        ("ave_area", new.ave.area, old.ave.area),
        ("spread_seen", new.grip.seen, old.grip.seen),
        ("spread_heard", new.grip.heard, old.grip.heard),
        ("focus", new.grip.focus, old.grip.focus),
        ("listening", new.grip.listening, old.grip.listening),
    ):
        metrics |= {name: one, f"{name}_of_parent": other}
    if boxed is not None:
        metrics |= {"pointing": boxed.candidate, "pointing_of_parent": boxed.current}
    return Verdict(tuple(checks), {name: round(value, 4) for name, value in metrics.items()}, held_out)
