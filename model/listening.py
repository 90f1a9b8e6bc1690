"""Which seconds of a recording are listened to."""

from pathlib import Path

import numpy as np

from model.activity import sounding_intervals
from model.linking import samples_in
from model.recording import SAMPLE_RATE, Recording, audio_second
from model.video import MediaError, read_sound

_MOST_SECONDS = 16  # taken of one sound: more say no more


def centres(times: np.ndarray, sounding: list[tuple[float, float]], *, everything: bool) -> dict[int, float]:
    """The middle of each sample's second of sound, by sample: of those in which anything is heard, or of all."""
    found = {index: float(time) for index, time in enumerate(times)} if everything else {}
    for start, end in sounding:
        # The second is kept inside the sound where it fits: beyond its edges there is only background.
        low, high = min(start + 0.5, (start + end) / 2), max(end - 0.5, (start + end) / 2)
        for index in samples_in(times, start, end):
            found[index] = min(max(float(times[index]), low), high)
    return found


def audible(path: str | Path) -> np.ndarray:
    """The seconds of a file's sound in which anything is heard, (n, 48000).

    Raises:
        MediaError: it cannot be opened, or nothing is heard in it.
    """
    recording = read_sound(path)
    seconds = seconds_in(recording, sounding_intervals(recording))
    if not len(seconds):
        raise MediaError(f"{Path(path).name}: nothing is heard in it, so there is nothing to look for in the picture.")
    return seconds


def seconds_in(recording: Recording, spans: list[tuple[float, float]]) -> np.ndarray:
    """Seconds of sound within spans, side by side, evenly chosen where there are many: (n, 48000) float32."""
    middles: list[float] = []
    for start, end in spans:
        count = max(1, int(end - start))
        margin = min(0.5, (end - start) / 2)
        middles += np.linspace(start + margin, end - margin, count).tolist()
    chosen = middles[:: max(1, -(-len(middles) // _MOST_SECONDS))]
    seconds = [audio_second(recording, centre) for centre in chosen]
    return np.stack(seconds) if seconds else np.zeros((0, SAMPLE_RATE), np.float32)
