"""Videos whose pictures carry their own numbers: whoever sees one knows which it is, and which way is up."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 10
BLOCK = 16  # pixels a side of one bit
WIDTH, HEIGHT = BITS * BLOCK, 6 * BLOCK
TIME_BASE = Fraction(1, 90_000)
_MATRIX = {  # of a track header: clockwise turns of the stored picture, 16.16 and 2.30 fixed point
    90: (0, 1 << 16, 0, -1 << 16, 0, 0, HEIGHT << 16, 0, 1 << 30),
    180: (-1 << 16, 0, 0, 0, -1 << 16, 0, WIDTH << 16, HEIGHT << 16, 1 << 30),
    270: (0, -1 << 16, 0, 1 << 16, 0, 0, 0, WIDTH << 16, 1 << 30),
}


def steady(frame_rate: float, seconds: float, start: float = 0.0) -> list[float]:
    """Presentation times of a constant rate, in seconds."""
    return [start + number / frame_rate for number in range(round(seconds * frame_rate))]


def uneven(seconds: float, seed: int) -> list[float]:
    """Presentation times a variable number of milliseconds apart, as telephones record."""
    gaps = np.random.default_rng(seed).integers(12, 120, size=1000) / 1000
    times = np.concatenate([[0.0], np.cumsum(gaps)])
    return [float(time) for time in times[times < seconds]]


def picture(number: int) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: the number's bits across the upper half, the highest left; grey below."""
    image = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    for bit in range(BITS):
        level = 235 if number >> (BITS - 1 - bit) & 1 else 16
        image[: HEIGHT // 2, bit * BLOCK : (bit + 1) * BLOCK] = level
    return image


def number_in(image: np.ndarray) -> int | None:
    """The number a picture carries, whatever its size; None where it stands any other way up."""
    height, width = image.shape[:2]
    if height >= width or abs(float(image[height * 3 // 4 :].mean()) - 96) > 16:
        return None
    row = image[height // 8 : height * 3 // 8].mean((0, 2))  # (width,)
    centres = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    return sum(1 << (BITS - 1 - bit) for bit, at in enumerate(centres) if row[at] > 128)


def write(
    path: Path,
    times: Sequence[float],
    *,
    rotation: int = 0,
    codec: str = "libx264",
    b_frames: int = 0,
    sound: tuple[float, float] | None = (0.0, 2.0),
) -> Path:
    """A video with a numbered picture at each of these presentation times.

    Args:
        path: its suffix names the container.
        times: seconds, increasing.
        rotation: degrees clockwise by which players are to turn the stored picture, so that it stands upright then.
        codec: of the picture.
        b_frames: at most so many frames between two that are not predicted from later ones.
        sound: first and last second of a tone; None for none.
    """
    turns = rotation // 90
    options = {"crf": "12", "bf": str(b_frames), "g": "12"} if codec == "libx264" else {"crf": "12", "b": "0"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options=options)
        stream.width, stream.height = (HEIGHT, WIDTH) if turns % 2 else (WIDTH, HEIGHT)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = stream.time_base = TIME_BASE
        tone = container.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48_000) if sound else None
        if tone is not None and sound is not None:
            tone.layout = "mono"
            samples = 0.2 * np.sin(np.arange(round((sound[1] - sound[0]) * 48_000)) / 20).astype(np.float32)
            wave = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            wave.sample_rate, wave.pts, wave.time_base = 48_000, round(sound[0] * 48_000), Fraction(1, 48_000)
            resampler = av.AudioResampler(format=tone.format.name, layout="mono", rate=48_000)
            for part in resampler.resample(wave):
                container.mux(tone.encode(part))
        for number, time in enumerate(times):
            upright = picture(number)
            # Stored turned back: a turn counter-clockwise is undone by the player's clockwise one.
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(upright, turns)), format="rgb24")
            frame.pts, frame.time_base = round(time / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            container.mux(tone.encode(None))
    if turns:
        _turn(path, rotation)
    return path


def _turn(path: Path, rotation: int) -> None:
    """Write the rotation into the header of an mp4's first track, the picture's."""
    content = bytearray(path.read_bytes())
    header = content.index(b"tkhd") + 4
    assert content[header] == 0, "a header of version 0"
    struct.pack_into(">9i", content, header + 40, *_MATRIX[rotation])
    path.write_bytes(content)
