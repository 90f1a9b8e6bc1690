"""How sure the annotator's tracks are: calibrated probabilities, from what is known of a track and of a clip.

Both are logistic regressions. Their coefficients were fitted to generated videos, standard and hard, that no weights
were trained on (acceptance/confidence.py fits them and draws how reliable they are on others); what goes in is in terms
of calibrated correspondence, so that they hold for other versions of the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_EPSILON = 1e-4


@dataclass(frozen=True)
class Logistic:
    """A logistic regression: the sigmoid of a weighted sum.

    Attributes:
        weights: one a number of the evidence.
        intercept: of the sum.
    """

    weights: tuple[float, ...]
    intercept: float

    def probability(self, evidence: Sequence[float]) -> float:
        """0..1."""
        total = float(np.dot(self.weights, evidence)) + self.intercept
        return float(1 / (1 + np.exp(-np.clip(total, -50, 50))))


# That a track's boxes have a mean IoU of .5 or more with one thing that sounds, over the track's time.
TRACK = Logistic(weights=(1.36, 0.885, 0.36, 2.719, 1.745), intercept=-4.384)
# That a clip with tracks is accepted unchanged (model/evaluation/effort.py).
CLIP = Logistic(weights=(1.753, -2.148, -3.44), intercept=0.317)
# That nothing in view sounds, in a clip without tracks.
EMPTY = Logistic(weights=(-0.454,), intercept=1.099)
# That a suggested choice sounds in the clip, by the similarity of the clip it comes from; fitted to generated videos
# half of whose classes were labelled (acceptance/suggested_choices.py).
CHOICE = Logistic(weights=(5.261,), intercept=-6.539)


def track_evidence(
    scores: Sequence[float], *, support: float, seconds: float, steadiness: float, rivalry: float
) -> tuple[float, ...]:
    """What is known of a track.

    Args:
        scores: of its regions, calibrated probabilities of correspondence.
        support: share of the samples of its span in which it was seen.
        seconds: for which it sounds.
        steadiness: mean IoU of its boxes from one sample to the next.
        rivalry: share of its samples in which other regions explain the sound as well.
    """
    return logit(float(np.mean(scores))), support, float(np.log(max(seconds, 0.1))), steadiness, rivalry


def clip_evidence(confidences: Sequence[float], *, segments: int, unexplained: float) -> tuple[float, ...]:
    """What is known of a clip with tracks.

    Args:
        confidences: of its tracks.
        segments: in which they sound.
        unexplained: share of the time in which anything is heard that no track explains.
    """
    return float(np.sum(np.log(np.clip(confidences, _EPSILON, 1)))), float(np.log(max(segments, 1))), unexplained


def empty_evidence(best: float) -> tuple[float, ...]:
    """What is known of a clip without tracks: the best score of any region in it."""
    return (logit(best),)


def choice_evidence(similarity: float) -> tuple[float, ...]:
    """What is known of a suggested choice: how similar the clip is that it comes from, -1..1."""
    return (logit(similarity),)


def logit(probability: float) -> float:
    """The logit of a probability, within about -9..9."""
    clipped = min(max(probability, _EPSILON), 1 - _EPSILON)
    return float(np.log(clipped / (1 - clipped)))
