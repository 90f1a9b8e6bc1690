"""CCA as a baseline: where to stop believing the correlations is chosen on held-out videos."""

import numpy as np
import pytest

from model.evaluation.retrieval import cca_baseline
from model.evaluation.retrieval.cca_baseline import REGULARISERS
from model.evaluation.retrieval.ranking import MomentLabels, ndcg_of_queries
from model.evaluation.retrieval.relevance import Relevance

CLASSES = [frozenset({f"class {number}"}) for number in range(6)]
RELEVANCE = Relevance(frozenset().union(*CLASSES))


def made(videos: int, dimensions: int, seed: int) -> tuple[np.ndarray, np.ndarray, MomentLabels]:
    """Two moments a video; both modalities tell the class in six of their dimensions, differently, amid noise."""
    rng = np.random.default_rng(seed)
    number = np.repeat(rng.integers(0, 6, videos), 2)
    images, sounds = rng.standard_normal((2, 2 * videos, dimensions))
    images[:, :6] += 6 * np.eye(6)[number]
    sounds[:, -6:] += 6 * np.eye(6)[(number + 2) % 6]
    sets = [CLASSES[n] for n in number]
    return images, sounds, MomentLabels(list(np.repeat(np.arange(videos), 2)), sets, sets)


def score(mapping: cca_baseline.Mapping, images: np.ndarray, sounds: np.ndarray, labels: MomentLabels) -> float:
    space = mapping.space(images, sounds)
    return float(np.nanmean(ndcg_of_queries([space], labels, RELEVANCE, "im-aud", seed=0)))


def test_unlike_features_find_each_other_once_mapped() -> None:
    mapping = cca_baseline.fit(*made(80, 12, seed=0), RELEVANCE, seed=0)
    assert score(mapping, *made(80, 12, seed=1)) > 0.8
    assert mapping.regulariser in REGULARISERS


def test_with_more_features_than_moments_a_strong_regulariser_is_chosen() -> None:
    fitted, unseen = made(40, 150, seed=0), made(80, 150, seed=1)
    mapping = cca_baseline.fit(*fitted, RELEVANCE, seed=0)
    weak = cca_baseline.Mapping(
        cca_baseline.cca.fit(*fitted[:2], components=128, regulariser=REGULARISERS[0]), REGULARISERS[0]
    )
    assert mapping.regulariser >= 0.1
    assert score(mapping, *unseen) > score(weak, *unseen) + 0.1


def test_too_few_videos_are_refused() -> None:
    with pytest.raises(ValueError, match="at least four videos, got 3"):
        cca_baseline.fit(*made(3, 12, seed=0), RELEVANCE, seed=0)
