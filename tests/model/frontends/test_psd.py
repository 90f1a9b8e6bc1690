"""The released weights' spectrogram, against scipy's own computation."""

import numpy as np
import pytest
import torch
from scipy import signal

from model import frontends
from model.frontends.psd import psd_spectrogram


def seconds() -> np.ndarray:
    """Two int16 seconds: loud noise with a tone, and a tone that clicks on among silence."""
    rng = np.random.default_rng(0)
    time = np.arange(48_000) / 48_000
    noisy = 0.2 * rng.standard_normal(48_000) + 0.3 * np.sin(2 * np.pi * 3000 * time)
    sparse = np.where(time > 0.5, 0.01 * np.sin(2 * np.pi * 500 * time), 0)
    return np.clip(np.stack([noisy, sparse]) * 32767, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize(("name", "divisor"), [("psd-26.68", 26.68), ("psd-12.0", 12.0)])
def test_it_is_scipys_spectrogram_of_16_bit_samples(name: str, divisor: float) -> None:
    samples = seconds()
    density = signal.spectrogram(samples.astype(np.float64), fs=48_000, nperseg=480, noverlap=240, nfft=512)[2]
    assert density.shape == (2, 257, 199)
    got = frontends.spectrogram(torch.from_numpy(samples.astype(np.float32) / 32768), name)
    np.testing.assert_allclose(got[:, 0].numpy(), 10 * np.log10(density + 1e-7) / divisor, atol=1e-4)


def test_silence_is_at_70_decibels_below_1() -> None:
    assert psd_spectrogram(torch.zeros(1, 48_000), divisor=10.0).unique().tolist() == pytest.approx([-7.0])


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="48000"):
        psd_spectrogram(torch.zeros(1, 44_100), divisor=12.0)
