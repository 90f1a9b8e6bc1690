"""Learning rates over a training."""

import pytest

from model.training.schedule import cosine, paper


def test_both_warm_up_over_a_hundred_steps() -> None:
    assert cosine(0, 10_000) == pytest.approx(0.01)
    assert cosine(99, 10_000) == pytest.approx(1.0, abs=0.001)
    assert paper(49, 10.0) == pytest.approx(0.5)


def test_the_cosine_is_half_way_down_in_the_middle_and_ends_at_nothing() -> None:
    assert cosine(500, 1000) == pytest.approx(0.5)
    assert cosine(1000, 1000) == pytest.approx(0.0)
    assert cosine(5000, 0) == 1.0  # nothing planned yet


def test_the_papers_rate_falls_every_sixteen_passes() -> None:
    assert paper(1599, 100.0) == 1.0
    assert paper(1600, 100.0) == pytest.approx(0.94)
    assert paper(4800, 100.0) == pytest.approx(0.94**3)
