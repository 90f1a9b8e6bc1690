import numpy as np
import pytest

from model.world import shifted_backgrounds
from model.world.backgrounds import HEIGHT, PLACES, WIDTH, background, drift


@pytest.mark.parametrize("place", PLACES + shifted_backgrounds.PLACES)
def test_places_are_busy_and_differ_by_seed(place) -> None:
    first, again, other = (np.asarray(place(np.random.default_rng(seed)).image) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    # Nowhere a large plain stretch from side to side: edges in nearly every band of rows.
    bands = np.abs(np.diff(first.astype(int), axis=1)).max(axis=2).reshape(12, -1)
    assert ((bands > 24).mean(axis=1) > 0.001).sum() >= 8


def test_a_background_is_larger_than_the_picture() -> None:
    assert background(np.random.default_rng(0)).size == (WIDTH, HEIGHT)


def test_the_camera_moves_slowly_and_stays_inside() -> None:
    for seed in range(50):
        view = drift(np.random.default_rng(seed), 6.0, 150)
        left, top, zoom = view.T
        assert view.shape == (150, 3)
        assert (left >= 0).all()
        assert (top >= 0).all()
        assert (left + 320 * zoom <= WIDTH + 1e-9).all()
        assert (top + 240 * zoom <= HEIGHT + 1e-9).all()
        assert np.abs(np.diff(view[:, :2], axis=0)).max() < 2  # px a frame
