"""nDCG against numbers worked out by hand."""

from math import log2

import numpy as np
import pytest

from model.evaluation.retrieval.ndcg import ndcg


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_by_hand() -> None:
    # Ranked by distance the relevances are 3, 2, 3, 0, 1, 2: gains 7, 3, 7, 0, 1, 3.
    relevance = np.array([[2.0, 3.0, 0.0, 3.0, 2.0, 1.0]])
    distances = np.array([[0.2, 0.1, 0.4, 0.3, 0.6, 0.5]])
    gained = 7 / log2(2) + 3 / log2(3) + 7 / log2(4) + 0 + 1 / log2(6) + 3 / log2(7)
    ideal = 7 / log2(2) + 7 / log2(3) + 3 / log2(4) + 3 / log2(5) + 1 / log2(6)
    assert gained == pytest.approx(13.84826) and ideal == pytest.approx(14.59539)
    assert ndcg(relevance, distances, rng()) == pytest.approx([0.948811], abs=1e-6)


def test_only_the_first_thirty_count() -> None:
    relevance = np.zeros((2, 40))
    relevance[0, 29], relevance[1, 30] = 1, 1
    distances = np.tile(np.arange(40.0), (2, 1))
    assert ndcg(relevance, distances, rng()) == pytest.approx([1 / log2(31), 0])


def test_the_best_order_is_that_of_the_whole_collection() -> None:
    relevance = np.ones((1, 40))
    relevance[0, :30] = 0  # thirty relevant items would fit and ten are there
    assert ndcg(relevance, np.tile(-np.arange(40.0), (1, 1)), rng()) == pytest.approx([1.0])
    assert ndcg(relevance, np.tile(np.arange(40.0), (1, 1)), rng()) == pytest.approx([0.0])


def test_the_query_itself_is_left_out() -> None:
    relevance = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    distances = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 2.0]])
    found = ndcg(relevance, distances, rng(), own=np.array([0, 1]))
    assert found[0] == pytest.approx(1 / log2(3))  # the other relevant item comes second of two
    assert np.isnan(found[1])  # nothing but itself is relevant to it


def test_equal_distances_are_worth_what_chance_is() -> None:
    """Even where the relevant items come first in the collection."""
    relevance = np.zeros((4000, 40))
    relevance[:, :10] = 1
    flat = ndcg(relevance, np.zeros((4000, 40)), rng())
    noise = ndcg(relevance, rng(1).random((4000, 40)), rng())
    expected = 0.25 * sum(1 / log2(r + 1) for r in range(1, 31)) / sum(1 / log2(r + 1) for r in range(1, 11))
    assert flat.mean() == pytest.approx(expected, abs=0.01)
    assert noise.mean() == pytest.approx(expected, abs=0.01)


def test_high_relevances_are_not_rounded_away() -> None:
    relevance = np.array([[20.0, 19.0, 1.0]])
    found = ndcg(relevance, np.array([[2.0, 1.0, 3.0]]), rng())
    gained, ideal = (2**19 - 1) + (2**20 - 1) / log2(3) + 0.5, (2**20 - 1) + (2**19 - 1) / log2(3) + 0.5
    assert found == pytest.approx([gained / ideal], rel=1e-12)


def test_a_query_with_nothing_else_in_the_collection_does_not_count() -> None:
    assert np.isnan(ndcg(np.ones((1, 1)), np.zeros((1, 1)), rng(), own=np.array([0]))).all()
