import numpy as np
import pytest

from model.world.classes import VOICES, sing
from model.world.synthesis import SAMPLE_RATE


@pytest.mark.parametrize("name", VOICES)
def test_every_individual_is_finite_and_audible(name: str) -> None:
    for seed in range(30):
        voice = sing(name, seed, SAMPLE_RATE)
        assert voice.shape == (SAMPLE_RATE,)
        assert np.isfinite(voice).all(), seed
        # Unit RMS, unless clicks had to be held down to a peak of 12.
        assert np.sqrt(np.mean(voice**2)) == pytest.approx(1) or np.abs(voice).max() == pytest.approx(12)


@pytest.mark.parametrize("name", VOICES)
def test_an_individual_is_its_seed(name: str) -> None:
    again, other = sing(name, 3, SAMPLE_RATE), sing(name, 4, SAMPLE_RATE)
    assert np.array_equal(sing(name, 3, SAMPLE_RATE), again)
    assert not np.allclose(again, other, atol=0.1)
