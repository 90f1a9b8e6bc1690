import math

import pytest

from label_config import Timeline


@pytest.mark.parametrize("rate", [12.5, 24, 25, 29.97, 30, 60])
def test_the_time_a_frame_comes_on_screen_gives_that_frame(rate: float) -> None:
    timeline = Timeline(rate, 3600.0)
    for frame in range(1, timeline.frames + 1, 7):
        assert timeline.frame((frame - 1) / rate) == frame
        # An object gone from then on is last seen on the frame before.
        assert timeline.last_frame_before((frame - 1) / rate) == max(frame - 1, 1)


def test_times_between_frames() -> None:
    timeline = Timeline(25, 6.0)
    assert timeline.frame(0.0) == timeline.frame(0.039) == 1
    assert timeline.frame(0.041) == 2
    assert timeline.last_frame_before(0.041) == 2
    assert timeline.frame(0.28) == 8  # .28 x 25 is 7.000000000000001
    assert timeline.last_frame_before(0.28) == 7


def test_times_outside_give_the_ends() -> None:
    timeline = Timeline(25, 6.0)
    assert timeline.frame(-1.0) == timeline.last_frame_before(-1.0) == 1
    assert timeline.frame(6.0) == timeline.frame(99.0) == timeline.last_frame_before(99.0) == 150


def test_frames_are_counted_as_the_player_does() -> None:
    assert Timeline(25, 2.98).frames == 75  # 74.5 rounds up there
    assert Timeline(25, 2.97).frames == 74
    assert Timeline(25, 0.0).frames == 1


@pytest.mark.parametrize(("rate", "duration"), [(0, 1), (-1, 1), (math.nan, 1), (25, math.inf), (25, -1)])
def test_a_timeline_without_sense_is_refused(rate: float, duration: float) -> None:
    with pytest.raises(ValueError, match="must be a"):
        Timeline(rate, duration)
