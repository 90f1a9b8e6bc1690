"""Confidence intervals of means over videos."""

import numpy as np

RESAMPLES = 2000


def interval(values: np.ndarray, videos: np.ndarray, *, seed: int = 0) -> tuple[float, float] | None:
    """95 % percentile interval of the mean of `values`, by a bootstrap over videos.

    Samples of one video resemble each other, so whole videos are drawn, with all their samples.

    Args:
        values: (n,) one number a sample.
        videos: (n,) which video each sample is from, as integers.
        seed: of the draws; the same seed gives the same interval.

    Returns:
        (low, high), or None without samples.
    """
    if len(values) == 0:
        return None
    _, video = np.unique(videos, return_inverse=True)
    sums = np.bincount(video, weights=np.asarray(values, np.float64))  # (videos,)
    counts = np.bincount(video)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)  # (resamples, videos)
    low, high = np.percentile((drawn @ sums) / (drawn @ counts), [2.5, 97.5])
    return float(low), float(high)
