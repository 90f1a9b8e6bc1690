"""The spectrogram behind kyuyeonpooh's released weights: power spectral density in decibels, as scipy computes it."""

from functools import lru_cache

import torch
from scipy.signal import get_window
from torch import Tensor

from model.frontends.log_power import HOP, N_FFT, SAMPLE_RATE, WINDOW

_FLOOR = 1e-7


def psd_spectrogram(waveform: Tensor, *, divisor: float) -> Tensor:
    """10 log10(S + 1e-7) / divisor, where S is `scipy.signal.spectrogram` of the second as 16-bit samples.

    Its defaults: a periodic Tukey window of shape .25, the mean of each window removed, one-sided density per Hz. The
    release's code (github.com/kyuyeonpooh/objects-that-sound, `utils/extractor.py`) reads 16-bit WAV files and does not
    scale them, so full scale is 32768 here.

    Args:
        waveform: (B, 48000), mono at 48 kHz, full scale at 1.
        divisor: of the decibels.

    Returns:
        (B, 1, 257, 199), float32.

    Raises:
        ValueError: the waveform is not (B, 48000).
    """
    if waveform.ndim != 2 or waveform.shape[1] != SAMPLE_RATE:
        raise ValueError(f"psd_spectrogram takes one second at 48 kHz, (B, 48000); got {waveform.shape = }")
    # In double precision: beside a loud tone, single precision's rounding shows in the faintest frequencies.
    samples = (waveform.double() * 32768).round().clamp(-32768, 32767)
    segments = samples.unfold(1, WINDOW, HOP)  # (B, 199, 480)
    window = _window().to(waveform.device)
    transform = torch.fft.rfft((segments - segments.mean(2, keepdim=True)) * window, n=N_FFT)  # (B, 199, 257)
    density = transform.abs().square() / (SAMPLE_RATE * window.square().sum())
    density[..., 1:-1] *= 2  # one-sided: all but 0 Hz and the highest stand for two frequencies
    return (torch.log10(density + _FLOOR) * (10 / divisor)).float().transpose(1, 2)[:, None]


@lru_cache
def _window() -> Tensor:
    return torch.from_numpy(get_window(("tukey", 0.25), WINDOW))
