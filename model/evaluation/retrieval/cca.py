"""Canonical correlation analysis: linear maps of two sets of features to where they agree most."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CCA:
    """Maps of left and right features to k components.

    Attributes:
        correlations: (k,) of each component on the data fitted, regularised, falling.
        left_mean: (p,) subtracted from left features.
        right_mean: (q,) likewise.
        left_map: (p, k) that multiplies them then.
        right_map: (q, k) likewise.
    """

    correlations: np.ndarray
    left_mean: np.ndarray
    right_mean: np.ndarray
    left_map: np.ndarray
    right_map: np.ndarray

    def left(self, features: np.ndarray) -> np.ndarray:
        """(n, p) -> (n, k)."""
        return (features - self.left_mean) @ self.left_map

    def right(self, features: np.ndarray) -> np.ndarray:
        """(n, q) -> (n, k)."""
        return (features - self.right_mean) @ self.right_map


def fit(left: np.ndarray, right: np.ndarray, *, components: int, regulariser: float) -> CCA:
    """Regularised linear CCA (Vinod, "Canonical ridge and econometrics of joint production", 1976).

    Each covariance C gets r tr(C) / p on its diagonal, p its size. Computed through the singular values of the
    features, so that there may be more features than samples.

    Args:
        left: (n, p).
        right: (n, q), row by row paired with `left`.
        components: at most so many; features and samples may allow fewer.
        regulariser: r, relative to the mean variance of a feature.

    Raises:
        ValueError: fewer than two pairs, or a side that does not vary.
    """
    if len(left) != len(right) or len(left) < 2:
        raise ValueError(f"CCA needs two or more pairs of rows, got {left.shape = }, {right.shape = }")
    left_mean, left_scores, left_white = _whitened(left, regulariser)
    right_mean, right_scores, right_white = _whitened(right, regulariser)
    u, correlations, vt = np.linalg.svd(left_scores.T @ right_scores, full_matrices=False)
    k = min(components, len(correlations))
    return CCA(correlations[:k], left_mean, right_mean, left_white @ u[:, :k], right_white @ vt[:k].T)


def _whitened(features: np.ndarray, regulariser: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean (p,); the whitened rows / sqrt(n) (n, r), r the rank; the map (p, r) that whitens."""
    features = np.asarray(features, np.float64)
    mean = features.mean(0)
    u, s, vt = np.linalg.svd((features - mean) / np.sqrt(len(features)), full_matrices=False)
    kept = s > max(features.shape) * np.finfo(np.float64).eps * s[0]
    if not s[0] > 0 or not kept.any():
        raise ValueError("CCA needs features that vary; on one side all rows are the same")
    u, s, vt = u[:, kept], s[kept], vt[kept]
    scale = np.sqrt(s**2 + regulariser * (s**2).sum() / features.shape[1])
    return mean, u * (s / scale), vt.T / scale
