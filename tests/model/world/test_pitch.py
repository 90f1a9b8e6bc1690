import numpy as np
import pytest

from model.world.pitch import loudness, median_pitch

TIMES = np.arange(48_000) / 48_000


@pytest.mark.parametrize("frequency", [90, 220, 441, 1000, 2500])
def test_the_pitch_of_a_rich_tone_is_its_fundamental(frequency: float) -> None:
    tone = sum(np.sin(2 * np.pi * k * frequency * TIMES + k) / k for k in range(1, 6))
    assert median_pitch(tone.astype(np.float32)) == pytest.approx(frequency, rel=0.03)


def test_silence_around_a_tone_has_no_say() -> None:
    tone = np.where((TIMES > 0.6) & (TIMES < 0.8), np.sin(2 * np.pi * 300 * TIMES), 0)
    assert median_pitch(tone) == pytest.approx(300, rel=0.03)


def test_silence_has_no_pitch_and_noise_has_some_number() -> None:
    assert median_pitch(np.zeros(48_000, np.float32)) == 0.0
    assert 80 <= median_pitch(np.random.default_rng(0).normal(size=48_000)) <= 3100


def test_loudness_is_rms_in_decibels() -> None:
    assert loudness(np.full(48_000, 0.1, np.float32)) == pytest.approx(-20, abs=1e-4)
    assert loudness(np.zeros(48_000, np.float32)) == -120
