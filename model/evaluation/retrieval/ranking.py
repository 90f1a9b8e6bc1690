"""Rankings: what a space of pictures and sounds answers to every one of them, judged by their labels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from model.evaluation.retrieval.encoders import DIRECTIONS, Space
from model.evaluation.retrieval.moments import Moment
from model.evaluation.retrieval.ndcg import ndcg
from model.evaluation.retrieval.relevance import Labels, Relevance

_QUERIES = 64  # ranked at once


@dataclass(frozen=True)
class MomentLabels:
    """What the labels say of N moments, without their frames and sounds.

    Attributes:
        videos: (N,) which video each is from.
        images: (N,) classes of the frames.
        sounds: (N,) classes of the seconds.
    """

    videos: list[int] = field(default_factory=list)
    images: list[Labels] = field(default_factory=list)
    sounds: list[Labels] = field(default_factory=list)

    def note(self, moments: Iterable[tuple[int, Moment]]) -> Iterator[Moment]:
        """Hand moments on and keep their labels."""
        for video, moment in moments:
            self.videos.append(video)
            self.images.append(moment.visible)
            self.sounds.append(moment.sounding)
            yield moment

    def where(self, chosen: np.ndarray) -> "MomentLabels":
        """Those of some moments, (N,) bool."""
        kept = np.flatnonzero(chosen)
        return MomentLabels(*([values[i] for i in kept] for values in (self.videos, self.images, self.sounds)))


def ndcg_of_queries(
    spaces: Sequence[Space], labels: MomentLabels, relevance: Relevance, direction: str, *, seed: int
) -> np.ndarray | None:
    """nDCG@30 of every moment as a query, the mean over several spaces.

    The query is left out where it would be found by itself, im-im and aud-aud. Across modalities every item is kept,
    the query's own frame or second too.

    Args:
        spaces: of the same N moments.
        labels: of these.
        relevance: of their classes.
        direction: one of `encoders.DIRECTIONS`.
        seed: of the order of items at equal distance.

    Returns:
        (N,), NaN for a query to which nothing is relevant; None where the direction makes no sense.
    """
    modality = {"im": labels.images, "aud": labels.sounds}
    asked, items = (modality[name] for name in direction.split("-"))
    rng = np.random.default_rng([seed, DIRECTIONS.index(direction)])
    values = np.zeros(len(asked))
    for start in range(0, len(asked), _QUERIES):
        rows = slice(start, min(start + _QUERIES, len(asked)))
        relevant = relevance.between(asked[rows], items)
        own = np.arange(rows.start, rows.stop) if direction in ("im-im", "aud-aud") else None
        for space in spaces:
            distances = space.distances(direction, rows)
            if distances is None:
                return None
            values[rows] += ndcg(relevant, distances, rng, own=own) / len(spaces)
    return values
