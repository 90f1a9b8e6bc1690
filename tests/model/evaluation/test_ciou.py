"""The protocol of VGG-SS, against values computed by hand."""

from itertools import pairwise

import numpy as np
import pytest

from model.evaluation import ciou
from model.evaluation.ciou import SIZE, area, best_overlap, hit, label_map, overlap, overlaps, upper_half
from model.evaluation.pointing import Target

LEFT_QUARTER, LEFT_HALF, RIGHT_HALF = (0.0, 0.0, 0.25, 1.0), (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


def falling_to_the_right(grid: int = 14) -> np.ndarray:
    return -np.tile(np.arange(grid, dtype=np.float32), (grid, 1))


def columns(start: int, end: int) -> np.ndarray:
    taken = np.zeros((SIZE, SIZE), bool)
    taken[:, start:end] = True
    return taken


def test_half_of_the_map_is_taken_and_it_is_the_higher_half():
    # Column 111 has the upper median, and only what is above it is taken.
    assert np.array_equal(upper_half(falling_to_the_right()), columns(0, 111))


def test_scaling_and_shifting_a_map_takes_the_same_points():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(14, 14)).astype(np.float32)
    assert np.array_equal(upper_half(logits), upper_half(4 * logits - 8))
    assert upper_half(logits).mean() == pytest.approx(0.5, abs=1e-3)


def test_a_flat_map_takes_everything():
    assert upper_half(np.full((14, 14), -3.0)).all()


def test_what_more_than_half_of_a_map_shares_is_not_above_its_median():
    spot = np.zeros((14, 14), np.float32)
    spot[6, 3] = 5.0
    taken = upper_half(spot)
    assert 0 < taken.mean() < 3 * 3 / 14**2
    hole = -spot  # all but a spot has the highest value
    assert np.array_equal(upper_half(hole), ~taken)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (columns(0, 112), 0.25 / 0.5),  # all of the quarter and as much beside it: .25 / (.25 + .25)
        (columns(0, 56), 1.0),
        (columns(28, 84), 0.125 / 0.375),  # half of it, and as much beside it: .125 / (.25 + .125)
        (columns(0, 28), 0.125 / 0.25),
        (columns(112, 224), 0.0),
        (columns(0, 0), 0.0),
    ],
)
def test_overlap_of_columns_with_a_quarter(taken, expected):
    assert overlap(taken, label_map([LEFT_QUARTER])) == pytest.approx(expected)


def test_several_boxes_are_one_label_and_overlaps_count_once():
    label = label_map([LEFT_HALF, (0.25, 0.0, 0.75, 1.0)])
    assert label.max() == 1
    assert label.mean() == pytest.approx(0.75)


def test_the_consensus_of_annotators_halves_what_one_alone_drew():
    # Three boxes: columns 0..112 by one, 56..168 by another, 56..112 by the third.
    label = label_map([LEFT_HALF, (0.25, 0.0, 0.75, 1.0), (0.25, 0.0, 0.5, 1.0)], votes=2)
    assert label[0, [0, 55, 56, 111, 112, 167, 168]].tolist() == [0.5, 0.5, 1, 1, 0.5, 0.5, 0]
    # sum(g) is .25 x .5 + .25 + .25 x .5 = .5; of it columns 112..224 hold .125, and beside it lies a quarter.
    assert overlap(columns(112, 224), label) == pytest.approx(0.125 / (0.5 + 0.25))


def test_corners_are_cut_to_whole_pixels():
    label = label_map([(0.1, 0.2, 0.3, 0.4)])  # 22.4, 44.8, 67.2, 89.6
    rows, columns = np.nonzero(label)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (22, 66, 44, 88)


def test_a_box_of_no_pixel_is_no_overlap():
    assert overlap(columns(0, 0), label_map([(0.1, 0.1, 0.1001, 0.1001)])) == 0.0


def test_ciou_counts_from_half_on_and_its_area_is_by_trapezoids():
    ious = np.array([0.5, 0.52, 0.49, 0.0, 1.0])
    assert hit(ious).tolist() == [True, True, False, False, True]
    # .52 reaches thresholds 0 .. .5: eleven of them, the first at half weight; 1 reaches all, both ends at half.
    assert area(ious) == pytest.approx([0.525, 0.525, 0.475, 0.025, 1.0])
    # The mean over samples is the area under the published curve of shares.
    thresholds = [0.05 * k for k in range(21)]
    shares = [np.mean(ious >= threshold) for threshold in thresholds]
    assert area(ious).mean() == pytest.approx(sum((a + b) / 2 * 0.05 for a, b in pairwise(shares)))


def test_the_best_map_gets_twice_a_small_objects_area():
    assert best_overlap(label_map([LEFT_QUARTER])) == pytest.approx(0.5)
    assert best_overlap(label_map([LEFT_HALF])) == pytest.approx(1.0)
    assert best_overlap(label_map([(0.0, 0.0, 0.75, 1.0)])) == pytest.approx(0.5 / 0.75)
    assert best_overlap(label_map([LEFT_QUARTER], votes=2)) == pytest.approx(0.125 / (0.125 + 0.25))


def test_rows_hold_each_map_and_what_needs_none():
    done: list[tuple[int, int]] = []
    maps = np.stack([falling_to_the_right(), falling_to_the_right()])
    found = overlaps([Target([LEFT_HALF]), Target([RIGHT_HALF])], {"model": maps}, lambda *at: done.append(at))
    assert found["model"] == pytest.approx([111 / 112, 0.0])
    assert found["uniform"] == pytest.approx([0.5, 0.5])
    assert found["ceiling"] == pytest.approx([1.0, 1.0])
    # A disc of half the area, half of it on either side: .25 / (.5 + .25).
    assert found["centre"] == pytest.approx([1 / 3, 1 / 3], abs=0.002)
    assert done == [(1, 2), (2, 2)]


def test_thresholds_are_the_published_ones():
    assert ciou.THRESHOLDS.tolist() == [0.05 * k for k in range(21)]
