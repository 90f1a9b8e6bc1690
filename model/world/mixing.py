"""The sound of a scene: the mixed track, and the segments in which each object is heard."""

import numpy as np
from scipy.signal import resample

from model.world.classes import sing
from model.world.scenes import Interval, Scene, Voicing
from model.world.synthesis import SAMPLE_RATE, background_noise

STEP = 480  # samples between values of an envelope: 10 ms
FLOOR_DB = -40.0  # an object sounds where its own envelope is above this, relative to its peak
CLOSED_GAP = 0.5  # s: shorter gaps in an object's sound belong to its segment
FADE = 0.02  # s, at both ends of every stretch


def mix(rng: np.random.Generator, scene: Scene, seconds: float) -> tuple[np.ndarray, list[list[Interval]]]:
    """The mixed track, (samples,) float32 in -1..1 at 48 kHz, and each object's segments in half-open seconds."""
    samples = round(seconds * SAMPLE_RATE)
    tracks = [track(voice, samples) for voice in scene.voices]
    nowhere = [track(voice, samples) for voice in scene.off_screen]
    total = sum([*tracks, *nowhere], np.zeros(samples))
    snr = rng.uniform(5, 25)
    noise = background_noise(rng, samples) * _loudness(total) * 10 ** (-snr / 20)
    level = 10 ** (rng.uniform(-30, -19) / 20)  # full scale
    mixed = np.tanh((total + noise) * level).astype(np.float32)
    return mixed, [segments(own) for own in tracks]


def track(voice: Voicing, samples: int) -> np.ndarray:
    """One voice alone, (samples,), silent outside its times; each stretch starts the individual's pattern afresh."""
    own = np.zeros(samples)
    fade = int(FADE * SAMPLE_RATE)
    for start, end in voice.times:
        first, last = round(start * SAMPLE_RATE), min(round(end * SAMPLE_RATE), samples)
        if last - first <= 2 * fade:
            continue
        stretch = sing(voice.name, voice.seed, round((last - first) * voice.speed))
        if voice.speed != 1:
            stretch = resample(stretch, last - first)
        stretch[:fade] *= np.linspace(0, 1, fade)
        stretch[-fade:] *= np.linspace(1, 0, fade)
        own[first:last] = stretch * 10 ** (voice.gain / 20)
    return own


def segments(own: np.ndarray) -> list[Interval]:
    """Half-open seconds in which a track is above -40 dB of its own peak (RMS over 10 ms), gaps < .5 s closed."""
    loud = envelope(own)
    if loud.max(initial=0.0) <= 0:
        return []
    above = np.flatnonzero(loud > loud.max() * 10 ** (FLOOR_DB / 20))
    found: list[Interval] = []
    step = STEP / SAMPLE_RATE
    for index in above:
        start, end = round(index * step, 3), round((index + 1) * step, 3)
        if found and start - found[-1][1] < CLOSED_GAP:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def envelope(own: np.ndarray) -> np.ndarray:
    """RMS of a track (samples,) over each 10 ms, (samples / 480,)."""
    steps = own[: len(own) // STEP * STEP].reshape(-1, STEP)
    return np.sqrt(np.mean(steps**2, axis=1))


def _loudness(total: np.ndarray) -> float:
    """RMS while anything is heard; 1 in a silent video."""
    loud = envelope(total)
    heard = loud[loud > loud.max(initial=0.0) * 10 ** (FLOOR_DB / 20)]
    return float(np.sqrt(np.mean(heard**2))) if len(heard) else 1.0
