"""Correspondence: whether a candidate tells what belongs together no worse than the current version does.

Measured on held-out clips, where every picture of a round meets every second of it: its own, and those of the other
clips. Labels are not needed. A clip's right answers decide together, see `training_jobs.checks.paired`.
"""

from dataclasses import dataclass

import numpy as np
import torch

from model.networks import Network
from training_jobs.checks.check import Check, Outcome
from training_jobs.checks.held_out import HeldOut
from training_jobs.checks.paired import Paired
from training_jobs.holding_out import clips_for

# Of the area. Learning moves single clips by about .17 either way, so that twelve (held out of thirty) have a standard
# error of .05: they can show no smaller margin. docs/versions.md has the measurements.
MARGIN = 0.10
TOLERATED = 0.02  # what seems lower by more does not serve: a version nearer to the current one may


@dataclass(frozen=True)
class Answers:
    """What one network says of the held-out pairs.

    Attributes:
        right: (n, n), the share of the rounds in which it is right about clip i's picture with clip j's second, at
            probability .5: on the diagonal where it says that they belong together, off it where it does not. NaN of
            clips that never met.
        above: (n, n), the share in which it puts clip i's own pair above its picture with clip j's second, and above
            clip j's picture with its second, halved; the diagonal counts nothing.
    """

    right: np.ndarray
    above: np.ndarray

    @property
    def accuracy(self) -> float:
        """Audio-visual correspondence, both kinds of pairs counting equally, 0..1; chance is .5."""
        return float(_by_clip(self.right).mean())

    @property
    def area(self) -> float:
        """How often a pair that belongs together is put above one that does not, 0..1; chance is .5."""
        return float(np.nanmean(_off_diagonal(self.above)))


def answers(network: Network, held_out: HeldOut) -> Answers:
    """Ask a network about every pair."""
    n = len(held_out)
    right, above, met = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for part, seen, heard in held_out.seen_and_heard(network):
        with torch.inference_mode():
            logits = network.pair_logits(seen, heard).float().cpu().numpy()  # (c, c)
        own = logits.diagonal()
        says_not = (logits <= 0).astype(float)
        np.fill_diagonal(says_not, own > 0)
        place = np.ix_(part, part)
        right[place] += says_not
        above[place] += ((own[:, None] > logits).astype(float) + (own[:, None] > logits.T)) / 2
        met[place] += 1
    with np.errstate(invalid="ignore"):
        return Answers(right / met, above / met)


def compare(name: str, candidate: Answers, current: Answers) -> Check:
    """Whether the candidate's area under the ROC curve is shown not to be lower by MARGIN, over clips.

    The area and not the accuracy: it counts every pair by how sure the network is of it beside others, so that the
    differences between clips are smaller and fewer clips suffice; and where the threshold lies is calibration's
    concern, which a handful of clips puts anywhere.
    """
    paired = Paired.of(_by_clip_above(candidate.above) - _by_clip_above(current.above), MARGIN, TOLERATED)
    outcome: Outcome = "failed" if paired.failed else "passed" if paired.passed else "undecided"
    figures = (
        f"{candidate.area:.3f} against {current.area:.3f} on {paired.videos} held-out videos, "
        f"a difference of {paired.difference:+.3f} that lies between {paired.lower:+.3f} and {paired.upper:+.3f}"
    )
    said = {
        "passed": f"{name} tells what belongs together no worse than the current version's ({figures}).",
        "failed": f"{name} tells what belongs together worse than the current version's ({figures}).",
        "undecided": (
            f"{paired.videos} held-out videos are too few to tell that {name} is not worse by {MARGIN:g} "
            f"({figures}); it takes about {paired.needed}, held out of about {clips_for(paired.needed)} in all."
        ),
    }[outcome]
    return Check(f"correspondence of {name}", outcome, candidate.area, current.area, MARGIN, said)


def _by_clip(right: np.ndarray) -> np.ndarray:
    """(n,) accuracy by clip, of its own pair and of those its picture or its second is in."""
    off = _off_diagonal(right)
    return (right.diagonal() + (np.nanmean(off, 1) + np.nanmean(off, 0)) / 2) / 2


def _by_clip_above(above: np.ndarray) -> np.ndarray:
    """(n,) what each clip adds to the mean over pairs of clips, with that mean: their spread is that of the mean.

    A pair of clips is one draw of both, so a clip counts with all the pairs it is in, as the one and as the other
    (the projection of a U-statistic; Hoeffding 1948).
    """
    off = _off_diagonal(above)
    return np.nanmean(off, 1) + np.nanmean(off, 0) - np.nanmean(off)


def _off_diagonal(values: np.ndarray) -> np.ndarray:
    off = values.copy()
    np.fill_diagonal(off, np.nan)
    return off
