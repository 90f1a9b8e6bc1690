from pathlib import Path

import numpy as np
import pytest

from model.video import decode
from model.world.encoding import encode

SAMPLE_RATE = 48_000


def write(path: Path) -> np.ndarray:
    """Two seconds: grey to white, and a tone from .5 to 1.5 s."""
    times = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = np.where((times >= 0.5) & (times < 1.5), 0.5 * np.sin(2 * np.pi * 440 * times), 0).astype(np.float32)
    frames = (np.full((120, 160, 3), 40 + 4 * number, np.uint8) for number in range(50))
    encode(path, frames, tone, size=(120, 160), frame_rate=25, sample_rate=SAMPLE_RATE)
    return tone


def test_what_is_written_is_decoded_in_step(tmp_path: Path) -> None:
    tone = write(tmp_path / "a.mp4")
    video = decode(tmp_path / "a.mp4", rate=25, size=None)
    assert video.info.duration == pytest.approx(2.0, abs=0.03)
    assert video.frames.shape == (50, 120, 160, 3)
    assert video.frames.mean(axis=(1, 2, 3)) == pytest.approx(40 + 4 * np.arange(50), abs=4)
    onset = np.flatnonzero(np.abs(video.audio) > 0.05)
    assert onset[0] / SAMPLE_RATE == pytest.approx(0.5, abs=0.01)
    assert onset[-1] / SAMPLE_RATE == pytest.approx(1.5, abs=0.01)
    steady = slice(int(0.6 * SAMPLE_RATE), int(1.4 * SAMPLE_RATE))
    assert video.audio[steady] == pytest.approx(tone[steady], abs=0.05)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4")
    write(tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
