"""OpenL3's spectrograms, against kapre 0.1.4's formulas written out in numpy."""

import numpy as np
import pytest
import torch

from model import frontends
from model.frontends.openl3 import linear_spectrogram


def noise() -> np.ndarray:
    """A second of noise with a tone that fades."""
    time = np.arange(48_000) / 48_000
    return 0.1 * np.random.default_rng(0).standard_normal(48_000) + (1 - time) * np.sin(2 * np.pi * 1000 * time)


def amplitudes(samples: np.ndarray, size: int) -> np.ndarray:
    """A window every 242 samples, through the transform as a matrix: (size/2 + 1, windows)."""
    steps = np.arange(size)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * steps / size)
    kernels = np.exp(-2j * np.pi * np.arange(size // 2 + 1)[:, None] * steps / size) * hann
    starts = range(0, len(samples) - size + 1, 242)
    return np.abs(np.stack([kernels @ samples[start : start + size] for start in starts], 1))


def decibels(amplitude: np.ndarray) -> np.ndarray:
    levels = 10 * np.log10(np.maximum(amplitude, 1e-10))
    return np.maximum(levels - levels.max(), -80)


def mel_weights(bands: int) -> np.ndarray:
    """Triangles over HTK's mel scale, 2595 log10(1 + f/700), of area 1 in Hz: (bands, 1025)."""
    top = 2595 * np.log10(1 + 24_000 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, bands + 2) / 2595) - 1)
    frequencies = np.arange(1025) * 48_000 / 2048
    rows = []
    for low, middle, high in zip(edges, edges[1:], edges[2:], strict=False):
        triangle = np.minimum((frequencies - low) / (middle - low), (high - frequencies) / (high - middle))
        rows.append(np.maximum(0, triangle) * 2 / (high - low))
    return np.stack(rows)


def test_linear() -> None:
    expected = decibels(amplitudes(noise(), 512))
    assert expected.shape == (257, 197)
    got = linear_spectrogram(torch.from_numpy(noise())[None])
    np.testing.assert_allclose(got[0, 0].numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("bands", [128, 256])
def test_mel(bands: int) -> None:
    # 199 windows every 242 samples span 49964: the second lies in their middle.
    power = amplitudes(np.pad(noise(), (982, 982)), 2048) ** 2
    expected = decibels(np.sqrt(mel_weights(bands) @ power))
    assert expected.shape == (bands, 199)
    got = frontends.spectrogram(torch.from_numpy(noise())[None], f"openl3-mel{bands}")
    np.testing.assert_allclose(got[0, 0].numpy(), expected, atol=1e-4)


def test_each_second_is_relative_to_its_own_loudest() -> None:
    loud = torch.from_numpy(noise())
    both = linear_spectrogram(torch.stack([loud, loud / 100]))
    torch.testing.assert_close(both[0], both[1], atol=1e-4, rtol=0)
    assert both.amax() == 0


def test_silence_is_finite() -> None:
    assert linear_spectrogram(torch.zeros(1, 48_000)).unique().tolist() == [0.0]


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="48000"):
        linear_spectrogram(torch.zeros(1, 16_000))
