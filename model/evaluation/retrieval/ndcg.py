"""Normalised discounted cumulative gain, the measure of a ranked list."""

import numpy as np

DEPTH = 30  # the paper's nDCG@30


def ndcg(
    relevance: np.ndarray, distances: np.ndarray, rng: np.random.Generator, *, own: np.ndarray | None = None
) -> np.ndarray:
    """nDCG@30 of lists ranked by distance.

    DCG = sum over ranks r = 1..30 of (2^relevance - 1) / log2(1 + r), divided by that of the best order: gain and
    discount of Burges et al., "Learning to rank using gradient descent" (ICML 2005). "Objects that Sound" names the
    measure only; a public reproduction takes the same gain, and gains linear in 20 - tree distance would put a random
    order far above the .407 of the paper. Items at equal distance come in random order, so that
    a network that tells nothing apart gets what chance gets.

    Args:
        relevance: (Q, N), 0 or more.
        distances: (Q, N), small is near.
        rng: orders the ties.
        own: (Q,) column of each query itself, which is left out of its list; None keeps every item.

    Returns:
        (Q,) in 0..1, NaN where no item is relevant to the query, so that no order is better than another.
    """
    if own is not None:
        others = np.ones(relevance.shape, bool)
        others[np.arange(len(own)), own] = False
        relevance, distances = (values[others].reshape(len(own), -1) for values in (relevance, distances))
    depth = min(DEPTH, relevance.shape[1])
    if not depth:
        return np.full(len(relevance), np.nan)
    shuffle = rng.permuted(np.tile(np.arange(relevance.shape[1]), (len(relevance), 1)), axis=1)
    distances = np.take_along_axis(distances, shuffle, 1)
    nearest = np.argpartition(distances, depth - 1, axis=1)[:, :depth]
    order = np.argsort(np.take_along_axis(distances, nearest, 1), axis=1, kind="stable")
    listed = np.take_along_axis(shuffle, np.take_along_axis(nearest, order, 1), 1)
    best = -np.sort(np.partition(-relevance, depth - 1, axis=1)[:, :depth], axis=1)
    discount = 1 / np.log2(np.arange(depth) + 2)
    ideal = (np.exp2(best) - 1) @ discount
    gained = (np.exp2(np.take_along_axis(relevance, listed, 1)) - 1) @ discount
    return np.divide(gained, ideal, out=np.full(len(ideal), np.nan), where=ideal > 0)
