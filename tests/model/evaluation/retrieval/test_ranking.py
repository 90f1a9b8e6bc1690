"""Queries of the four directions, judged by labels."""

from math import log2

import numpy as np
import pytest

from model.evaluation.retrieval.encoders import Vectors
from model.evaluation.retrieval.moments import Moment
from model.evaluation.retrieval.ranking import MomentLabels, ndcg_of_queries
from model.evaluation.retrieval.relevance import Relevance

DOG, BELL = frozenset({"dog"}), frozenset({"bell"})
RELEVANCE = Relevance({"dog", "bell"})
# Pictures at angles 0, 10, 90 degrees and sounds at 80, 5, 95.
SEEN, HEARD = (np.column_stack([np.cos(a), np.sin(a)]) for a in np.deg2rad([[0, 10, 90], [80, 5, 95]]))
# The third video shows a bell and a dog sounds; the first shows both.
LABELS = MomentLabels([0, 1, 2], [DOG | BELL, DOG, BELL], [BELL, DOG, DOG])


def values(direction: str) -> np.ndarray | None:
    return ndcg_of_queries([Vectors(SEEN, HEARD)], LABELS, RELEVANCE, direction, seed=0)


def test_frames_are_judged_by_what_is_visible_and_sounds_by_what_sounds() -> None:
    second = 1 / log2(3)
    # A frame asks for sounds, its own too: the first (dog, bell) for all three; the second (dog) finds sounds 2, 1, 3
    # by angle, of which 2 and 3 are dogs; the third (bell) finds 3, 1, 2, and only 1 is a bell.
    assert values("im-aud") == pytest.approx([1, (1 + 0.5) / (1 + second), second])
    # The sounds: a bell at 80 finds frames 3, 2, 1 (bell: 3 and 1); a dog at 5 finds 1 and 2 first, in either order,
    # and both show one; a dog at 95 finds 3, 2, 1.
    assert values("aud-im") == pytest.approx([(1 + 0.5) / (1 + second), 1, (second + 0.5) / (1 + second)])


def test_within_a_modality_the_query_is_left_out() -> None:
    # Frame 1 shares with both others; frame 2 asks for a dog among 1 and 3 and has 1 nearest; frame 3 asks for a bell
    # among 2 and 1, 2 nearer.
    assert values("im-im") == pytest.approx([1, 1, 1 / log2(3)])
    found = values("aud-aud")
    assert np.isnan(found[0])  # no other bell sounds
    assert found[1:] == pytest.approx([1 / log2(3), 1 / log2(3)])


def test_several_spaces_are_averaged_and_missing_ones_make_no_row() -> None:
    reverse = Vectors(-SEEN, HEARD)
    both = ndcg_of_queries([Vectors(SEEN, HEARD), reverse], LABELS, RELEVANCE, "im-aud", seed=0)
    alone = ndcg_of_queries([reverse], LABELS, RELEVANCE, "im-aud", seed=0)
    assert both == pytest.approx((values("im-aud") + alone) / 2)
    assert ndcg_of_queries([Vectors(SEEN, None)], LABELS, RELEVANCE, "im-aud", seed=0) is None


def test_many_queries_are_the_same_as_few() -> None:
    rng = np.random.default_rng(0)
    space = Vectors(rng.standard_normal((150, 4)), rng.standard_normal((150, 4)))
    sets = [[DOG, BELL][i] for i in rng.integers(0, 2, 150)]
    labels = MomentLabels(list(range(150)), sets, sets)
    found = ndcg_of_queries([space], labels, RELEVANCE, "im-im", seed=0)
    distances = space.distances("im-im", slice(None))
    for query in (0, 64, 100, 149):
        order = [i for i in np.argsort(distances[query]) if i != query][:30]
        gained = sum((sets[i] == sets[query]) / log2(rank + 2) for rank, i in enumerate(order))
        assert found[query] == pytest.approx(gained / sum(1 / log2(rank + 2) for rank in range(30)))


def test_labels_are_noted_as_moments_pass_and_can_be_chosen_from() -> None:
    one = Moment(np.zeros((1, 1, 3), np.uint8), np.zeros(1, np.float32), DOG, BELL)
    labels = MomentLabels()
    assert list(labels.note([(4, one), (7, one)])) == [one, one]
    assert labels == MomentLabels([4, 7], [DOG, DOG], [BELL, BELL])
    assert labels.where(np.array([False, True])) == MomentLabels([7], [DOG], [BELL])
