"""One second of sound as a grey picture: the log-spectrogram both networks listen to."""

import torch
import torchaudio.functional as audio_functional
from torch import Tensor

SAMPLE_RATE = 48_000  # Hz
WINDOW = 480  # samples: .01 s, with half overlap
HOP = 240
N_FFT = 512
SHAPE = (257, 200)  # frequency bins, time steps

# Keeps the logarithm finite and hides differences between near-silences: the power that white noise of
# 60 dB below full scale leaves in one bin.
_FLOOR = 1e-4


def log_spectrogram(waveform: Tensor) -> Tensor:
    """Log-power spectrogram of one-second waveforms ("Objects that Sound", section 3.1).

    Window .01 s with half overlap, 512-point transform: 257 x 200. The logarithm (base 10, in units of two
    decades) lies roughly between -2 and 2.

    Args:
        waveform: (B, 48000), mono at 48 kHz, full scale at 1.

    Returns:
        (B, 1, 257, 200), float32.

    Raises:
        ValueError: the waveform is not (B, 48000).
    """
    if waveform.ndim != 2 or waveform.shape[1] != SAMPLE_RATE:
        raise ValueError(f"log_spectrogram takes one second at 48 kHz, (B, 48000); got {waveform.shape = }")
    power = audio_functional.spectrogram(
        waveform.float(),
        pad=0,
        window=torch.hann_window(WINDOW, device=waveform.device),
        n_fft=N_FFT,
        hop_length=HOP,
        win_length=WINDOW,
        power=2.0,
        normalized=False,
    )  # (B, 257, 201): the last column is centred on the second's end and dropped
    return torch.log10(power[:, None, :, : SHAPE[1]] + _FLOOR) / 2
