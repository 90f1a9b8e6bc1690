"""Front-ends: what a network is shown of a second of sound and of a frame; weights mean nothing behind another."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from model.frontends.log_power import log_spectrogram
from model.frontends.openl3 import linear_spectrogram, mel_spectrogram
from model.frontends.psd import psd_spectrogram

# By name: (B, 48000) at 48 kHz, full scale at 1 -> (B, 1, frequencies, time steps).
SOUNDS: dict[str, Callable[[Tensor], Tensor]] = {
    "log-power": log_spectrogram,
    # Two versions of the authors' code divide differently: 26.68 the one that augments, 12 the other.
    "psd-26.68": partial(psd_spectrogram, divisor=26.68),
    "psd-12.0": partial(psd_spectrogram, divisor=12.0),
    "openl3-linear": linear_spectrogram,
    "openl3-mel128": partial(mel_spectrogram, bands=128),
    "openl3-mel256": partial(mel_spectrogram, bands=256),
}

# By name: mean and deviation, a channel each, of RGB in 0..1.
PICTURES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "centred": ((0.45, 0.45, 0.45), (0.25, 0.25, 0.25)),
    "signed": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),  # -1..1
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


def spectrogram(waveforms: Tensor, name: str) -> Tensor:
    """(B, 48000) -> (B, 1, frequencies, time steps), by the front-end of that name."""
    return SOUNDS[name](waveforms)


def pixels(images: Tensor, name: str) -> Tensor:
    """RGB (B, 3, h, w) in 0..1, scaled as the front-end of that name does."""
    mean, deviation = (torch.tensor(values, device=images.device)[:, None, None] for values in PICTURES[name])
    return (images - mean) / deviation
