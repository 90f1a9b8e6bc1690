import numpy as np
import pytest

from model.boxes import area, as_box, centre, contains, covered, iou, union_area


def test_iou_of_equal_apart_and_half_covering_boxes():
    left, right, whole = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)
    assert iou(whole, whole) == 1.0
    assert iou(left, right) == 0.0
    assert iou(left, whole) == pytest.approx(0.5)
    assert iou((0.2, 0.2, 0.2, 0.2), whole) == 0.0  # an empty box overlaps nothing, and divides by nothing


def test_measures_of_one_box():
    box = (0.2, 0.1, 0.6, 0.3)
    assert area(box) == pytest.approx(0.08)
    assert centre(box) == pytest.approx((0.4, 0.2))
    assert contains(box, (0.2, 0.3))
    assert not contains(box, (0.7, 0.2))


def test_a_box_beyond_the_frame_is_cut_to_it():
    assert as_box(np.array([-0.2, 0.1, 0.5, 1.7])) == (0.0, 0.1, 0.5, 1.0)


def test_boxes_that_overlap_cover_their_shared_part_once():
    left, right = (0.0, 0.0, 0.6, 0.5), (0.4, 0.0, 1.0, 0.5)
    assert union_area([left, right]) == pytest.approx(0.5)
    assert union_area([left, left]) == pytest.approx(0.3)
    assert union_area([(0.0, 0.0, 0.1, 0.1), (0.5, 0.5, 1.0, 1.0)]) == pytest.approx(0.26)
    assert union_area([]) == 0


def test_what_two_boxes_agree_on_is_what_both_cover():
    left, right, far = (0.0, 0.0, 0.5, 1.0), (0.25, 0.0, 0.75, 0.5), (0.9, 0.9, 1.0, 1.0)
    assert union_area([left, right, far], times=2) == pytest.approx(0.25 * 0.5)
    assert union_area([left, right, far], times=3) == 0
    assert covered([left, right], (0.3, 0.2), times=2)
    assert not covered([left, right], (0.3, 0.8), times=2)
    assert covered([left, right], (0.3, 0.8))
