"""CCA on data whose correlations are known."""

import numpy as np
import pytest

from model.evaluation.retrieval.cca import fit


def shared(count: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two mixed views of two common signals, each with a third of its own; the second signal bears noise."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((count, 2))
    left = np.column_stack([common, rng.standard_normal(count)])
    right = np.column_stack(
        [common[:, 0], common[:, 1] + noise * rng.standard_normal(count), rng.standard_normal(count)]
    )
    return left @ rng.standard_normal((3, 3)) + 5, 100 * right @ rng.standard_normal((3, 3))


def test_correlations_are_those_the_data_were_made_with() -> None:
    left, right = shared(20_000, noise=1.0)
    found = fit(left, right, components=3, regulariser=0.0)
    assert found.correlations == pytest.approx([1.0, np.sqrt(0.5), 0.0], abs=0.02)
    for k in range(3):  # the projections correlate as promised, have unit variance, and mean 0
        one, other = found.left(left)[:, k], found.right(right)[:, k]
        assert one @ other / len(one) == pytest.approx(found.correlations[k], abs=1e-6)
        assert (one.mean(), one.std(), other.std()) == pytest.approx((0, 1, 1), abs=1e-6)


def test_pairs_not_seen_before_come_together() -> None:
    left, right = shared(4000, noise=0.1)
    found = fit(left[:2000], right[:2000], components=2, regulariser=1e-6)
    one, other = found.left(left[2000:]), found.right(right[2000:])
    apart = np.linalg.norm(one - other, axis=1).mean()
    assert apart < 0.15 < np.linalg.norm(one - np.roll(other, 1, 0), axis=1).mean()


def test_a_regulariser_holds_noise_down_where_features_outnumber_pairs() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((30, 200)), rng.standard_normal((30, 100))
    free = fit(left, right, components=128, regulariser=0.0)
    held = fit(left, right, components=128, regulariser=10.0)
    assert len(free.correlations) == 29  # thirty rows less their mean
    assert free.correlations.min() > 0.999  # nothing in common, and yet
    assert held.correlations.max() < 0.5
    assert free.left(left).shape == (30, 29)


def test_the_regulariser_is_relative_to_the_features_scale() -> None:
    left, right = shared(500, noise=1.0)
    plain = fit(left, right, components=3, regulariser=0.1)
    scaled = fit(left * 1000, right / 1000, components=3, regulariser=0.1)
    assert scaled.correlations == pytest.approx(plain.correlations)


@pytest.mark.parametrize(
    ("left", "right"), [(np.eye(1), np.eye(1)), (np.ones((5, 2)), np.eye(5)), (np.eye(5), np.eye(4))]
)
def test_what_cannot_be_fitted_is_said(left: np.ndarray, right: np.ndarray) -> None:
    with pytest.raises(ValueError, match="CCA needs"):
        fit(left, right, components=2, regulariser=0.1)
