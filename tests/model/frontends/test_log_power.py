"""The log-spectrogram's shape, where a tone shows in it, and its values by scipy."""

import numpy as np
import pytest
import torch
from scipy import signal

from model.frontends.log_power import SAMPLE_RATE, log_spectrogram


def test_a_tone_lights_its_own_frequency() -> None:
    time = torch.arange(SAMPLE_RATE) / SAMPLE_RATE
    picture = log_spectrogram(torch.sin(2 * torch.pi * 3000 * time)[None])
    assert picture.shape == (1, 1, 257, 200)
    # Bins are 48000 / 512 = 93.75 Hz apart.
    assert picture[0, 0, :, 100].argmax().item() == 32


def test_a_click_lights_its_own_time() -> None:
    wave = torch.zeros(1, SAMPLE_RATE)
    wave[0, SAMPLE_RATE // 4] = 1
    loudest = log_spectrogram(wave)[0, 0].sum(0).argmax().item()
    assert loudest == 50  # 200 steps a second


def test_silence_is_finite() -> None:
    assert torch.isfinite(log_spectrogram(torch.zeros(1, SAMPLE_RATE))).all()


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="48000"):
        log_spectrogram(torch.zeros(1, 16_000))


def test_its_values_are_scipys() -> None:
    samples = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE)
    # A Hann window of 480 in the middle of 512 samples; the second mirrored by 256 at either end.
    window = np.pad(signal.get_window("hann", 480), 16)
    spectrum = signal.spectrogram(
        np.pad(samples, 256, mode="reflect"),
        window=window,
        noverlap=512 - 240,
        detrend=False,
        scaling="spectrum",
        mode="complex",
    )[2]
    power = np.abs(spectrum * window.sum()) ** 2
    got = log_spectrogram(torch.from_numpy(samples)[None])[0, 0]
    np.testing.assert_allclose(got.numpy(), np.log10(power[:, :200] + 1e-4) / 2, atol=1e-4)
