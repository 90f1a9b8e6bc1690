"""The log-spectrogram's shape, and where a tone shows in it."""

import pytest
import torch

from model.spectrogram import SAMPLE_RATE, log_spectrogram


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
