"""Suggestions: what people called the regions, and the clips, that are most like a new one.

A region is what AVOL-Net sees under its box and what AVE-Net hears while it sounds. Raw cosines of these say little:
in every project most regions share a direction, another in each. Regions are therefore compared by what sets them
apart from the other regions of their project, labelled or not: their vectors are centred and whitened first.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from model.neighbours import Neighbour

NEIGHBOURS = 5  # labelled regions that vote
# Similarity, after whitening, under which regions are no evidence of one label. Chosen on generated videos that are
# not those the published figures are measured on (`acceptance/suggested_labels.py`).
FLOOR = 0.8
# Share of the greatest variance that is added to each before dividing by it: directions in which regions hardly
# differ are noise, and must not count as much as the others.
SOFTNESS = 0.1
# Similarity under which two clips are no evidence of one choice. Chosen likewise.
CLIP_FLOOR = 0.8
PRIOR = 10.0  # regions: as many that lie at the origin are imagined, so that two regions are not each other's opposite


class Suggested(NamedTuple):
    """A label offered for a region, or a choice for a clip, and how like it is to those that carry it, 0..1."""

    label: str
    similarity: float


class RegionSpace:
    """Where the regions of one project are compared."""

    def __init__(self, regions: np.ndarray) -> None:
        """Measure what regions have in common.

        Args:
            regions: (n, 2, 128), `local` and `sound` of every region of the project; n may be 0.
        """
        self._parts = [_Whitening(regions[:, part]) for part in range(2)]

    def place(self, regions: np.ndarray) -> np.ndarray:
        """(n, 2, 128) -> (n, 256) float32 whose scalar products are similarities, -1..1."""
        placed = [part(regions[:, index]) for index, part in enumerate(self._parts)]
        return np.concatenate(placed, axis=1) / np.float32(np.sqrt(2))


def suggest_labels(
    regions: np.ndarray, labelled: np.ndarray, labels: Sequence[str], *, floor: float = FLOOR
) -> list[Suggested | None]:
    """The label of each region by a vote of the labelled regions nearest to it; None where none is near enough.

    Each of the NEIGHBOURS nearest votes for its label with what it is more similar than `floor`. The label's own
    similarity is that of its nearest voter, so that labelling more regions of a class never takes it away.

    Args:
        regions: (n, 256) of `RegionSpace.place`.
        labelled: (m, 256) likewise.
        labels: m, of the labelled regions.
        floor: below it regions are no evidence.
    """
    if not labels:
        return [None] * len(regions)
    similarities = regions @ labelled.T  # (n, m)
    nearest = np.argsort(-similarities, axis=1, kind="stable")[:, :NEIGHBOURS]
    return [_vote(row[near], [labels[i] for i in near], floor) for row, near in zip(similarities, nearest, strict=True)]


def suggest_choice(
    neighbours: Sequence[Neighbour], choices: Mapping[int, str], *, floor: float = CLIP_FLOOR
) -> Suggested | None:
    """The choice of the nearest labelled clip, scored by its similarity.

    Args:
        neighbours: clips near the one asked about, best first.
        choices: the choice a person made, by task.
        floor: below it clips are no evidence.

    Returns:
        None where no labelled clip is near enough.
    """
    for neighbour in neighbours:
        if neighbour.task in choices and neighbour.similarity >= floor:
            return Suggested(choices[neighbour.task], neighbour.similarity)
    return None


def _vote(similarities: np.ndarray, labels: Sequence[str], floor: float) -> Suggested | None:
    """The outcome among neighbours, nearest first."""
    nearest: dict[str, float] = {}
    weight: dict[str, float] = {}
    for label, similarity in zip(labels, similarities.tolist(), strict=True):
        if similarity >= floor:
            nearest.setdefault(label, similarity)
            weight[label] = weight.get(label, 0.0) + similarity - floor
    if not weight:
        return None
    label = max(weight, key=lambda name: weight[name])
    return Suggested(label, min(nearest[label], 1.0))


class _Whitening:
    """Centres vectors, evens out their spread, and makes them of unit length."""

    def __init__(self, vectors: np.ndarray) -> None:
        count = len(vectors)
        self._mean = vectors.sum(0) / (count + PRIOR)
        around = vectors - self._mean
        covariance = (around.T @ around + PRIOR * np.outer(self._mean, self._mean)) / (count + PRIOR)
        variances, self._axes = np.linalg.eigh(covariance.astype(np.float64))
        variances = np.maximum(variances, 0)
        softened = variances + SOFTNESS * max(float(variances.max(initial=0)), 1e-9)
        self._scales = 1 / np.sqrt(softened)

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        placed = (vectors - self._mean) @ self._axes * self._scales
        return (placed / np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1e-9)).astype(np.float32)
