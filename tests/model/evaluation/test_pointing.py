import numpy as np
import pytest

from model.evaluation.pointing import Target, box_overlaps, centre_hits, centre_overlaps, hits, preferences, shares

LEFT, RIGHT, MIDDLE = (0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0), (0.3, 0.3, 0.7, 0.7)


def spot(column: int) -> np.ndarray:
    logits = np.full((14, 14), -4.0)
    logits[5:9, column : column + 3] = 4.0
    return logits


def test_a_peak_in_any_box_is_a_hit():
    maps = np.stack([spot(1), spot(1), spot(11)])
    assert hits([Target([LEFT]), Target([RIGHT]), Target([LEFT, RIGHT])], maps).tolist() == [True, False, True]
    assert centre_hits([Target([LEFT]), Target([LEFT, MIDDLE])]).tolist() == [False, True]
    assert shares([Target([LEFT]), Target([LEFT, (0.2, 0.0, 0.6, 1.0)])]) == pytest.approx([0.4, 0.6])


def test_with_two_votes_two_boxes_must_hold_the_peak():
    drawn = Target([(0.0, 0.0, 0.5, 1.0), (0.0, 0.0, 0.3, 1.0), (0.8, 0.0, 1.0, 1.0)], votes=2)
    maps = np.stack([spot(1), spot(4), spot(11)])  # held by both, by one, by the third alone
    assert hits([drawn] * 3, maps).tolist() == [True, False, False]
    assert shares([drawn]) == pytest.approx([0.3])


def test_a_map_prefers_what_it_is_higher_on() -> None:
    maps = np.stack([spot(1), spot(11), np.zeros((14, 14))])
    assert preferences([[LEFT]] * 3, [[RIGHT]] * 3, maps).tolist() == [1.0, 0.0, 0.5]
    assert preferences([[RIGHT, LEFT]], [[MIDDLE]], spot(11)[None]).tolist() == [1.0]


def test_boxes_are_compared_with_the_best_of_the_targets():
    frame = np.full((112, 112, 3), 90, np.uint8)
    frame[40:72, 8:32] = (220, 30, 30)
    square = (8 / 112, 40 / 112, 32 / 112, 72 / 112)
    (found,) = box_overlaps([Target([RIGHT, square])], spot(1)[None], [frame])
    assert found > 0.7
    assert box_overlaps([Target([RIGHT])], spot(1)[None], [frame]) == [0.0]


def test_the_middle_box_has_the_mean_size():
    # Mean .4 x .7 around the middle, .3..0.7 and .15..0.85: it holds MIDDLE (.16 of its .28) and does not touch LEFT's
    # outer part: .1 x .7 shared with it.
    overlaps = centre_overlaps([Target([LEFT]), Target([MIDDLE])])
    assert overlaps == pytest.approx([0.07 / (0.4 + 0.28 - 0.07), 0.16 / 0.28])
