"""Optical flow of patterns whose movement is known."""

import numpy as np
from scipy import ndimage

from model.optical_flow import BOUND, stack, tv_l1


def sliding(right: float, down: float, *, count: int = 3, size: int = 128) -> np.ndarray:
    """A smooth random pattern that moves by so many pixels a frame: (count, size, size, 3) uint8."""
    pattern = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((size, size)), 3, mode="wrap")
    pattern = 128 + 40 * pattern / pattern.std()
    moved = [ndimage.shift(pattern, (k * down, k * right), order=3, mode="grid-wrap") for k in range(count)]
    return np.repeat(np.clip(moved, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)


def test_flow_has_the_sign_and_size_of_the_movement() -> None:
    flow = tv_l1(sliding(2, -1), 64)
    assert flow.shape == (2, 64, 64, 2)
    inside = flow[:, 8:-8, 8:-8]
    np.testing.assert_allclose(inside.mean((0, 1, 2)), [2 / 128, -1 / 128], rtol=0.05)
    # A tenth of a pixel of 64 is what the method is good for.
    assert np.abs(inside - np.float32([2 / 128, -1 / 128])).mean() < 0.1 / 64


def test_flow_is_coded_in_units_of_the_bound() -> None:
    codes = stack(sliding(2, -1), 64)
    assert codes.shape == (64, 64, 4) and codes.dtype == np.uint8
    # 2 pixels of 128 are a fifth of the bound of 20 of 256: 127 / 5 codes above 128; 1 pixel is a tenth, here below.
    np.testing.assert_allclose(codes[8:-8, 8:-8].mean((0, 1)), [153.4, 115.3, 153.4, 115.3], atol=1.5)


def test_without_movement_every_code_is_128() -> None:
    assert (stack(sliding(0, 0), 32) == 128).all()
    assert (stack(np.zeros((3, 40, 60, 3), np.uint8), 32) == 128).all()


def test_movement_beyond_the_bound_is_clipped(monkeypatch) -> None:
    flow = np.zeros((1, 1, 2, 2), np.float32)
    flow[..., 0], flow[..., 1] = 3 * BOUND, -3 * BOUND
    monkeypatch.setattr("model.optical_flow.tv_l1", lambda frames, size: flow)
    assert stack(np.zeros((2, 2, 2, 3), np.uint8), 2).ravel()[:2].tolist() == [255, 1]


def test_the_flow_of_a_mirrored_video_is_the_mirrored_flow() -> None:
    frames = sliding(2, -1)
    straight, mirrored = stack(frames, 64).astype(int) - 128, stack(frames[:, :, ::-1], 64).astype(int) - 128
    difference = np.abs(mirrored[:, ::-1] * [-1, 1, -1, 1] - straight)
    assert np.mean(difference) < 1 and np.abs(straight).mean() > 15
