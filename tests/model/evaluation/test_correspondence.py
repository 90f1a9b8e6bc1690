import numpy as np
import pytest

from model.evaluation import correspondence
from model.evaluation.correspondence import correspondence_pairs, oracle_answers, ranking_area
from model.samples import Sample

BOX = (0.0, 0.0, 0.5, 0.5)


def sample(video: int, classes: str, sounding: set[int], visible: set[int] | None = None) -> Sample:
    shown = set(range(len(classes))) if visible is None else visible
    return Sample(video, 0, 1.0, tuple(classes), dict.fromkeys(shown, BOX), frozenset(sounding), steady=True)


def test_pairs_are_balanced_and_a_negative_comes_from_another_video():
    samples = [sample(video, "a", {0}) for video in range(5) for _ in range(7)]
    pairs, together = correspondence_pairs(samples)
    assert len(pairs) == 70
    assert together.sum() == 35
    video = np.array([s.video for s in samples])[pairs]
    assert (pairs[together, 0] == pairs[together, 1]).all()
    assert (video[~together, 0] != video[~together, 1]).all()
    assert sorted(pairs[together, 0]) == sorted(pairs[~together, 0])  # the very same frames


def test_frames_and_seconds_come_only_from_what_sounds_in_view():
    samples = [sample(0, "ab", {0}), sample(0, "ab", {1}, visible={0}), sample(1, "a", {0}), sample(1, "a", {0}, set())]
    pairs, _ = correspondence_pairs(samples)
    assert set(pairs.ravel()) == {0, 2}


def test_no_more_pairs_than_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(correspondence, "MOST_PAIRS", 20)
    samples = [sample(video, "a", {0}) for video in range(30)]
    pairs, together = correspondence_pairs(samples, seed=3)
    assert len(pairs) == 20
    assert len(np.unique(pairs[together, 0])) == 10
    assert (correspondence_pairs(samples, seed=3)[0] == pairs).all()
    assert (correspondence_pairs(samples, seed=4)[0] != pairs).any()


def test_one_video_has_no_negatives_and_so_no_pairs():
    pairs, together = correspondence_pairs([sample(4, "a", {0}), sample(4, "a", {0})])
    assert pairs.shape == (0, 2)
    assert len(together) == 0


def test_the_oracle_errs_only_where_a_negative_happens_to_match():
    samples = [
        sample(0, "ab", {0}),  # a sounds, b is silent beside it
        sample(1, "b", {0}),  # b sounds: seen in the first video too
        sample(2, "c", {0}),
        sample(3, "ca", {0, 1}, visible={0}),  # a sounds out of view
    ]
    pairs = np.array([[0, 0], [2, 2], [0, 1], [1, 0], [0, 2], [2, 3], [0, 3], [1, 3]])
    assert oracle_answers(samples, pairs).tolist() == [True, True, True, False, False, True, True, False]


def test_the_ceiling_of_twelve_equally_likely_classes_is_one_less_half_their_chance():
    rng = np.random.default_rng(0)
    samples = [sample(video, str(rng.choice(list("abcdefghijkl"))), {0}) for video in range(3000)]
    pairs, together = correspondence_pairs(samples)
    assert (oracle_answers(samples, pairs) == together).mean() == pytest.approx(1 - 1 / 24, abs=0.01)


def test_where_nothing_is_labelled_every_second_is_paired():
    samples = [Sample(video, 0, 1.0, (), {}, frozenset(), steady=True) for video in (0, 0, 1, 2)]
    pairs, together = correspondence_pairs(samples)
    assert sorted(pairs[together, 0]) == [0, 1, 2, 3]
    assert len(pairs) == 8


def test_what_sounds_out_of_view_is_not_taken_for_unlabelled():
    samples = [sample(video, "a", {0}, visible=set()) for video in (0, 1, 2)]
    assert len(correspondence_pairs(samples)[0]) == 0


def test_ranking_area_counts_pairs_put_right_and_ties_by_half():
    logits = np.array([3.0, 1.0, 1.0, 0.0, 2.0])
    together = np.array([True, True, False, False, False])
    # Of six couples of a match and a mismatch: 3 is above 1, 0, 2; 1 ties with 1, is above 0 and below 2.
    assert ranking_area(logits, together, np.ones((1, 5))) == pytest.approx([4.5 / 6])


def test_ranking_area_of_weights_is_that_of_repeated_pairs():
    rng = np.random.default_rng(1)
    logits, together = rng.integers(0, 6, 30).astype(float), rng.random(30) < 0.5
    weights = rng.integers(0, 3, (2, 30))
    for row, area in zip(weights, ranking_area(logits, together, weights), strict=True):
        repeated, of = np.repeat(logits, row), np.repeat(together, row)
        couples = np.subtract.outer(repeated[of], repeated[~of])
        assert area == pytest.approx(((couples > 0) + 0.5 * (couples == 0)).mean())


def test_one_kind_alone_has_no_ranking_area():
    assert np.isnan(ranking_area(np.array([1.0, 2.0]), np.array([True, True]), np.ones((1, 2)))).all()
