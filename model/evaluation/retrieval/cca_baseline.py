"""The baselines that map one network's pictures and another's sounds into one space afterwards, by CCA."""

from dataclasses import dataclass

import numpy as np

from model.evaluation.retrieval import cca
from model.evaluation.retrieval.cca import CCA
from model.evaluation.retrieval.encoders import Space, Vectors
from model.evaluation.retrieval.ranking import MomentLabels, ndcg_of_queries
from model.evaluation.retrieval.relevance import Relevance

COMPONENTS = 128  # as in the paper
REGULARISERS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


@dataclass(frozen=True)
class Mapping:
    """Fitted maps.

    Attributes:
        maps: of pictures (left) and sounds (right).
        regulariser: the one chosen.
    """

    maps: CCA
    regulariser: float

    def space(self, images: np.ndarray, sounds: np.ndarray) -> Space:
        """Features (N, p) and (N, q) in the common space."""
        return Vectors(self.maps.left(images), self.maps.right(sounds))


def fit(images: np.ndarray, sounds: np.ndarray, labels: MomentLabels, relevance: Relevance, *, seed: int) -> Mapping:
    """Fit CCA with the regulariser that retrieves best across modalities.

    Each regulariser is fitted to a random half of the videos and judged on the other, by the mean nDCG@30 of im-aud
    and aud-im; the best is fitted to all.

    Args:
        images: (n, p) features of the frames of n moments, of videos that nothing is evaluated on.
        sounds: (n, q) features of their seconds.
        labels: of the moments.
        relevance: of their classes.
        seed: of the halves.

    Raises:
        ValueError: fewer than four videos, or features that do not vary.
    """
    videos = np.unique(labels.videos)
    if len(videos) < 4:
        raise ValueError(f"CCA needs at least four videos, got {len(videos)}")
    half = np.random.default_rng([seed, len(videos)]).permutation(videos)[: len(videos) // 2]
    judged = np.isin(labels.videos, half)

    def fitted(chosen: np.ndarray, regulariser: float) -> Mapping:
        maps = cca.fit(images[chosen], sounds[chosen], components=COMPONENTS, regulariser=regulariser)
        return Mapping(maps, regulariser)

    def score(regulariser: float) -> float:
        space = fitted(~judged, regulariser).space(images[judged], sounds[judged])
        ways = (
            ndcg_of_queries([space], labels.where(judged), relevance, way, seed=seed) for way in ("im-aud", "aud-im")
        )
        return float(np.nan_to_num([values for values in ways if values is not None]).mean())

    return fitted(np.ones(len(judged), bool), max(REGULARISERS, key=score))
