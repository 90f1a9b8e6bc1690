"""Paired differences by video: what passes, what fails, and what cannot be told."""

import numpy as np
import pytest

from training_jobs.checks.paired import FEWEST, Paired


def normal(n: int, mean: float, spread: float, seed: int = 0) -> np.ndarray:
    """(n,) of exactly this mean and standard deviation."""
    values = np.random.default_rng(seed).normal(size=n)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


def test_clearly_better_passes_with_few_videos_and_equally_good_with_many() -> None:
    assert Paired.of(normal(12, 0.10, 0.1), 0.02, 0.02).passed
    few = Paired.of(normal(12, 0.0, 0.1), 0.02, 0.02)
    assert not few.passed and not few.failed
    assert Paired.of(normal(12, 0.0, 0.01), 0.02, 0.02).passed
    assert Paired.of(normal(few.needed, 0.0, 0.1), 0.02, 0.02).passed


def test_worse_fails_by_more_than_chance_or_by_the_margin() -> None:
    assert Paired.of(normal(12, -0.015, 0.01), 0.02, 0.02).failed  # within the margin, and no chance
    assert Paired.of(normal(4, -0.03, 0.2), 0.02, 0.02).failed  # by the margin, however few
    assert not Paired.of(normal(12, -0.01, 0.05), 0.02, 0.02).failed


def test_the_same_network_passes() -> None:
    assert Paired.of(np.zeros(6), 0.02, 0.02).passed


def test_few_videos_show_nothing_however_alike_they_are() -> None:
    """Of four videos the spread is guesswork: it may seem small by chance."""
    few = Paired.of(normal(FEWEST - 1, 0.1, 0.001), 0.02, 0.02)
    assert not few.passed and not few.failed and few.needed >= FEWEST
    assert Paired.of(normal(FEWEST, 0.1, 0.001), 0.02, 0.02).passed


def test_what_seems_much_lower_fails_although_the_margin_is_wide() -> None:
    assert Paired.of(normal(12, -0.03, 0.1), 0.10, 0.02).failed
    assert Paired.of(normal(12, -0.015, 0.1), 0.10, 0.02).passed


def test_its_power_is_what_it_says() -> None:
    """Of candidates as good as the current one POWER pass with so many videos; of those worse by the margin, LEVEL."""
    rng = np.random.default_rng(1)
    needed = Paired.of(normal(12, 0.0, 0.05), 0.02, 0.02).needed
    assert 35 < needed < 45
    as_good = [Paired.of(rng.normal(0.0, 0.05, needed), 0.02, 0.02).passed for _ in range(400)]
    worse = [Paired.of(rng.normal(-0.02, 0.05, needed), 0.02, 0.02).passed for _ in range(400)]
    assert np.mean(as_good) == pytest.approx(0.8, abs=0.06)
    assert np.mean(worse) < 0.08
