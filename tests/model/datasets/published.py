"""Media as published datasets have them, made for these tests."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import wavfile

from model.world.encoding import encode

RATE = 16_000  # Hz
FPS = 10


def write_frame(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> None:
    """A picture of one colour, width x height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def write_sound(path: Path, levels: list[float]) -> None:
    """A wav of seconds of square waves, each of its own level."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, RATE, (np.concatenate([_second(level) for level in levels]) * 32767).astype(np.int16))


def write_clip(path: Path, greys: list[int]) -> None:
    """A clip of one second a grey: the picture has it, and the sound the level grey / 500."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = [np.full((48, 64, 3), grey, np.uint8) for grey in greys for _ in range(FPS)]
    audio = np.concatenate([_second(grey / 500) for grey in greys]).astype(np.float32)
    encode(path, pictures, audio, size=(48, 64), frame_rate=FPS, sample_rate=RATE)


def level(second: np.ndarray) -> float:
    """The level of a square wave, away from its ends."""
    return float(np.median(np.abs(second)))


def _second(level: float) -> np.ndarray:
    return level * np.where(np.arange(RATE) // 40 % 2, 1.0, -1.0)  # 200 Hz
