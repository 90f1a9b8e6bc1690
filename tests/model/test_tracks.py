import pytest

from model.tracks import Keyframe, Track, box_at


def test_box_at_is_linear_between_keyframes():
    track = Track((Keyframe(1.0, (0.0, 0.0, 0.2, 0.2)), Keyframe(3.0, (0.4, 0.2, 0.6, 0.4), visible=False)), 0.9, "")
    assert box_at(track, 0.9) is None
    assert box_at(track, 1.0) == (0.0, 0.0, 0.2, 0.2)
    assert box_at(track, 2.0) == pytest.approx((0.2, 0.1, 0.4, 0.3))
    assert box_at(track, 3.0) is None
