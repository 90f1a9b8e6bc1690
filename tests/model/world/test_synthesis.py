import numpy as np
import pytest

from model.world.synthesis import SAMPLE_RATE, background_noise


def test_background_noise_is_finite_and_of_unit_loudness() -> None:
    for seed in range(20):
        noise = background_noise(np.random.default_rng(seed), SAMPLE_RATE)
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(1)
