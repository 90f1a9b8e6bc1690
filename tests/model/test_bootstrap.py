import numpy as np
import pytest

from model.bootstrap import interval


def test_interval_of_independent_samples_is_the_textbook_one():
    values = np.arange(400) < 320  # a share of .8 among 400 videos: .8 +- 1.96 sqrt(.8 x .2 / 400)
    low, high = interval(values, np.arange(400))
    assert (low, high) == pytest.approx((0.7608, 0.8392), abs=0.006)


def test_samples_of_one_video_count_as_one_observation():
    values = np.repeat(np.arange(40) < 32, 10)
    together = interval(values, np.repeat(np.arange(40), 10))
    apart = interval(values, np.arange(400))
    assert together[1] - together[0] > 2.5 * (apart[1] - apart[0])  # sqrt(10) times as wide


def test_videos_with_more_samples_weigh_more():
    values, videos = np.array([1.0] * 9 + [0.0]), np.array([5] * 9 + [2])
    low, high = interval(values, videos)
    assert low == 0.0
    assert high == 1.0
    assert interval(np.ones(10), videos) == (1.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    values, videos = np.random.default_rng(0).random(50), np.arange(50) // 5
    assert interval(values, videos, seed=1) == interval(values, videos, seed=1)
    assert interval(values, videos, seed=1) != interval(values, videos, seed=2)


def test_nothing_has_no_interval():
    assert interval(np.zeros(0), np.zeros(0, int)) is None
