import numpy as np
import pytest

from model.bootstrap import RESAMPLES, Bootstrap, interval


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


def test_nothing_and_a_single_video_have_no_interval():
    assert interval(np.zeros(0), np.zeros(0, int)) is None
    assert interval(np.ones(9), np.zeros(9, int)) is None  # drawn again and again it would pass for certainty


def test_the_interval_of_a_measure_is_that_of_the_mean_where_it_is_one():
    values, videos = np.random.default_rng(0).random(60), np.arange(60) // 3
    bootstrap = Bootstrap(videos, seed=4)
    assert bootstrap.of(lambda weights: weights @ values / weights.sum(1)) == pytest.approx(bootstrap.of_mean(values))


def test_resamples_without_a_value_are_left_out():
    bootstrap, seen = Bootstrap(np.arange(3)), []

    def measure(weights: np.ndarray) -> np.ndarray:
        seen.append(len(weights))
        return np.where(weights[:, 0] > 0, 2.0, np.nan)

    assert bootstrap.of(measure) == (2.0, 2.0)
    assert sum(seen) == RESAMPLES
    assert bootstrap.of(lambda weights: np.full(len(weights), np.nan)) is None
    assert Bootstrap(np.zeros(0, int)).of(measure) is None
