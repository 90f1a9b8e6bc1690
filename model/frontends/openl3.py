"""The spectrograms behind OpenL3's weights: amplitudes in decibels below the loudest, linear or in mel bands.

As kapre 0.1.4, with which the weights were trained (marl/l3embedding, `l3embedding/audio_model.py`): `Spectrogram` and
`Melspectrogram` with n_hop 242 and power 1, and `amplitude_to_decibel`. OpenL3's later versions compute mel bands
otherwise (Slaney's scale, no padding before the second), which the weights never heard.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from model.frontends.log_power import SAMPLE_RATE

HOP = 242  # samples
_LINEAR_FFT, _MEL_FFT = 512, 2048
_LEAST = 1e-10  # amplitude
_RANGE = 80.0  # dB


def linear_spectrogram(waveform: Tensor) -> Tensor:
    """Decibels of 257 linear frequencies, in windows wholly within the second: (B, 48000) -> (B, 1, 257, 197).

    Raises:
        ValueError: the waveform is not (B, 48000).
    """
    return _decibels(_power(waveform, _LINEAR_FFT, padded=False).sqrt())


def mel_spectrogram(waveform: Tensor, *, bands: int) -> Tensor:
    """Decibels of HTK's mel bands, each of the same area: (B, 48000) -> (B, 1, bands, 199).

    Raises:
        ValueError: the waveform is not (B, 48000).
    """
    power = _power(waveform, _MEL_FFT, padded=True)  # (B, 1025, 199)
    return _decibels((_bands(bands).to(waveform.device) @ power).sqrt())


def _power(waveform: Tensor, size: int, *, padded: bool) -> Tensor:
    """(B, 48000) -> (B, size/2 + 1, windows); padded as TensorFlow's "same" or not at all, its "valid"."""
    if waveform.ndim != 2 or waveform.shape[1] != SAMPLE_RATE:
        raise ValueError(f"OpenL3's spectrograms take one second at 48 kHz, (B, 48000); got {waveform.shape = }")
    # In double precision: the floor lies eight powers of ten below the loudest amplitude, beyond single precision.
    samples = waveform.double()
    if padded:
        total = (SAMPLE_RATE - 1) // HOP * HOP + size - SAMPLE_RATE  # so that every 242nd sample begins a window
        samples = F.pad(samples, (total // 2, total - total // 2))
    window = torch.hann_window(size, dtype=torch.float64, device=waveform.device)
    return torch.fft.rfft(samples.unfold(1, size, HOP) * window).abs().square().transpose(1, 2)


def _decibels(amplitude: Tensor) -> Tensor:
    """(B, f, t) -> (B, 1, f, t): 10 log10, 0 at each second's loudest, -80 at the least."""
    levels = 10 * torch.log10(amplitude.clamp(min=_LEAST))
    return (levels - levels.amax((1, 2), keepdim=True)).clamp(min=-_RANGE)[:, None].float()


@lru_cache
def _bands(bands: int) -> Tensor:
    """Triangles of area 1 over the mel scale 2595 log10(1 + f / 700): (bands, 1025).

    In double precision, which tells where a frequency just enters a triangle. The lowest of 256 bands are narrower than
    a frequency's distance from the next, so some hear nothing.
    """
    highest = 2595 * math.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (torch.linspace(0, highest, bands + 2, dtype=torch.float64) / 2595) - 1)  # Hz
    frequencies = torch.linspace(0, SAMPLE_RATE / 2, _MEL_FFT // 2 + 1, dtype=torch.float64)
    low, middle, high = (edges[k : k + bands, None] for k in range(3))
    triangles = torch.minimum((frequencies - low) / (middle - low), (high - frequencies) / (high - middle))
    return triangles.clamp(min=0) * 2 / (high - low)
