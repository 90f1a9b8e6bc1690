"""Paired differences: what two versions get on the same videos, and whether one is not worse by a margin.

The unit is the video. Many moments are drawn from each and they are alike, so it is not their number that counts: a
thousand pairs of ten videos say as much as ten videos do. With d the mean over n videos of candidate less current and
s its standard error, the candidate is not worse by a margin m where d - t s > -m, with t of Student's distribution of
n - 1 degrees of freedom at the one-sided LEVEL (a non-inferiority test; Piaggio et al., "Reporting of noninferiority
and equivalence randomized trials", JAMA 2012). How many videos that takes follows from the same s: see `needed`.
"""

import math
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05  # of calling a candidate not worse that is worse by the margin
FEWEST = 6  # videos: the spread of fewer is guesswork, and with it what they show
POWER = 0.8  # of seeing that a candidate is not worse which is exactly as good


@dataclass(frozen=True)
class Paired:
    """How a candidate differs from the current version, by video.

    Attributes:
        difference: mean of candidate less current.
        error: standard error of that.
        videos: how many.
        margin: the candidate is not worse where it is shown to be no lower by so much.
        tolerated: how much lower it may seem, whatever else is shown.
    """

    difference: float
    error: float
    videos: int
    margin: float
    tolerated: float

    @classmethod
    def of(cls, differences: np.ndarray, margin: float, tolerated: float) -> "Paired":
        """Of (n,) differences, one a video, n at least two."""
        n = len(differences)
        error = float(differences.std(ddof=1) / math.sqrt(n))
        return cls(float(differences.mean()), error, n, margin, tolerated)

    @property
    def lower(self) -> float:
        """The difference that all but LEVEL of such samples would lie above."""
        return self.difference - _quantile(1 - LEVEL, self.videos - 1) * self.error

    @property
    def upper(self) -> float:
        """The difference that all but LEVEL of such samples would lie below."""
        return self.difference + _quantile(1 - LEVEL, self.videos - 1) * self.error

    @property
    def passed(self) -> bool:
        """Whether the candidate is shown not to be worse: there are enough videos, and none of the bounds is met."""
        return self.videos >= FEWEST and self.lower > -self.margin and not self.failed

    @property
    def failed(self) -> bool:
        """Whether it is worse: by more than chance explains, or by more than is tolerated, however few say so."""
        return self.upper < 0 or self.difference < -self.tolerated

    @property
    def needed(self) -> int:
        """Videos with which a candidate as good as the current one would pass with probability POWER."""
        spread = self.error * math.sqrt(self.videos)
        for videos in range(FEWEST, 10_000):
            quantiles = _quantile(1 - LEVEL, videos - 1) + _quantile(POWER, videos - 1)
            if quantiles * spread / math.sqrt(videos) <= self.margin:
                return videos
        return 10_000


def _quantile(probability: float, freedom: int) -> float:
    from scipy.stats import t

    return float(t.ppf(probability, freedom))
