"""Confidence intervals of means, and of other measures, over videos."""

from collections.abc import Callable

import numpy as np

RESAMPLES = 2000
CHUNK = 100  # resamples handed to a measure at once: 100 x 5000 weights are 4 MB

Interval = tuple[float, float]


class Bootstrap:
    """95 % percentile intervals by drawing whole videos anew, with all their samples.

    Samples of one video resemble each other, so they count as one observation.

    Args:
        videos: (n,) which video each sample is from, as integers.
        seed: of the draws; the same seed gives the same intervals.
    """

    def __init__(self, videos: np.ndarray, *, seed: int = 0) -> None:
        _, self._video = np.unique(videos, return_inverse=True)
        self._counts = np.bincount(self._video)
        rng = np.random.default_rng(seed)
        number = len(self._counts)
        # (resamples, videos): how often each video was drawn
        # One video drawn again and again would pass for certainty.
        self._drawn = rng.multinomial(number, np.full(number, 1 / number), size=RESAMPLES) if number > 1 else None

    def of_mean(self, values: np.ndarray) -> Interval | None:
        """Of the mean of `values` (n,); None with samples of fewer than two videos."""
        if self._drawn is None:
            return None
        sums = np.bincount(self._video, weights=np.asarray(values, np.float64))  # (videos,)
        return _middle((self._drawn @ sums) / (self._drawn @ self._counts))

    def of(self, measure: Callable[[np.ndarray], np.ndarray]) -> Interval | None:
        """Of any measure of weighted samples: (r, n) weights -> (r,), NaN where it is undefined.

        None with samples of fewer than two videos, and where no resample has a value.
        """
        if self._drawn is None:
            return None
        starts = range(0, RESAMPLES, CHUNK)
        values = np.concatenate([measure(self._drawn[start : start + CHUNK, self._video]) for start in starts])
        values = values[~np.isnan(values)]
        return _middle(values) if len(values) else None


def interval(values: np.ndarray, videos: np.ndarray, *, seed: int = 0) -> Interval | None:
    """95 % percentile interval of the mean of `values`, by a bootstrap over videos.

    Args:
        values: (n,) one number a sample.
        videos: (n,) which video each sample is from, as integers.
        seed: of the draws; the same seed gives the same interval.

    Returns:
        (low, high), or None with samples of fewer than two videos.
    """
    return Bootstrap(videos, seed=seed).of_mean(values)


def _middle(values: np.ndarray) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
