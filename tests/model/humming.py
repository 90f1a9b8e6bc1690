"""Labelled videos made for these tests: plain squares that hum, so that right answers are known beforehand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model import truth
from model.boxes import Box
from model.truth import Segment, Truth
from model.world.encoding import encode

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 220)}
TONES = {"red": 600.0, "green": 2500.0, "blue": 7000.0}  # Hz
LEFT, RIGHT = (0.06, 0.2, 0.36, 0.7), (0.6, 0.3, 0.9, 0.8)
SECONDS = 4.0


def hum(
    folder: Path,
    name: str,
    objects: Sequence[tuple[str, Box]],
    segments: Sequence[Segment],
    *,
    size: tuple[int, int] = (120, 160),
    frame_rate: int = 25,
    rate: int = 44_100,
) -> Truth:
    """Write a video of coloured squares at rest, each humming its own tone in its segments; answer its labels."""
    height, width = size
    picture = np.full((height, width, 3), 90, np.uint8)
    for colour, (x1, y1, x2, y2) in objects:
        rows, columns = slice(round(y1 * height), round(y2 * height)), slice(round(x1 * width), round(x2 * width))
        picture[rows, columns] = COLOURS[colour]
    times = np.arange(round(SECONDS * rate)) / rate
    audio = np.zeros(len(times), np.float32)
    for segment in segments:
        on = (times >= segment.start) & (times < segment.end)
        audio[on] += 0.2 * np.sin(2 * np.pi * TONES[objects[segment.object][0]] * times[on]).astype(np.float32)
    frames = round(SECONDS * frame_rate)
    encode(folder / name, [picture] * frames, audio, size=size, frame_rate=frame_rate, sample_rate=rate)
    boxes: dict[int, list[Box | None]] = {index: [box] * frames for index, (_, box) in enumerate(objects)}
    return Truth(name, [colour for colour, _ in objects], list(segments), boxes)


def write_humming(folder: Path) -> None:
    """Fill a folder with six labelled videos: three of two squares taking turns, three of one that hums throughout."""
    turns = [Segment(0.0, 2.0, 0), Segment(2.0, 4.0, 1)]
    truths = [
        hum(folder, "a.mp4", [("red", LEFT), ("green", RIGHT)], turns),
        hum(folder, "b.mp4", [("green", LEFT), ("blue", RIGHT)], turns, size=(96, 96), frame_rate=10),
        hum(folder, "c.mp4", [("blue", LEFT), ("red", RIGHT)], turns, rate=16_000),
        hum(folder, "d.mp4", [("red", LEFT), ("blue", RIGHT)], [Segment(0.0, 4.0, 0)], frame_rate=30),
        hum(folder, "e.mp4", [("green", RIGHT)], [Segment(0.0, 4.0, 0)]),
        hum(folder, "f.mp4", [("blue", RIGHT)], [Segment(0.0, 4.0, 0)]),
    ]
    truth.write(folder, truths)
