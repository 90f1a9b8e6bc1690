"""What voices are built of: harmonics, bands of noise, rhythms, resonances; all at 48 kHz."""

from collections.abc import Callable
from math import pi

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

SAMPLE_RATE = 48_000
TOP_FREQUENCY = 18_000.0

Generator = np.random.Generator
Voice = Callable[[Generator, int], np.ndarray]  # (of the individual, samples) -> (samples,) at 48 kHz


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """A number in [low, high), uniform in its logarithm, as pitch is heard."""
    return float(low * (high / low) ** rng.random())


def seconds(length: float) -> np.ndarray:
    """The times, in seconds, of the samples of `length` seconds."""
    return np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE


def harmonics(frequency: np.ndarray, amplitudes: np.ndarray) -> np.ndarray:
    """Sum of the harmonics 1, 2, .. of a moving fundamental, those above 18 kHz left out.

    Chebyshev's recurrence sin(k x) = 2 cos x sin((k-1) x) - sin((k-2) x) needs one sine and one cosine for any number.
    """
    phase = 2 * pi * np.cumsum(frequency) / SAMPLE_RATE
    keep = max(1, min(len(amplitudes), int(TOP_FREQUENCY / max(float(frequency.max()), 1.0))))
    before, current, double = np.zeros_like(phase), np.sin(phase), 2 * np.cos(phase)
    total = amplitudes[0] * current
    for amplitude in amplitudes[1:keep]:
        before, current = current, double * current - before
        total += amplitude * current
    return total


def band_noise(rng: Generator, samples: int, low: float, high: float) -> np.ndarray:
    """White noise between two frequencies (Hz), unit standard deviation."""
    noise = rng.standard_normal(samples)
    sections = butter(2, [low, min(high, 20_000.0)], btype="bandpass", fs=SAMPLE_RATE, output="sos")
    band = sosfilt(sections, noise)
    return band / (band.std() + 1e-9)


def beats(rng: Generator, samples: int, rate: float, jitter: float = 0.06) -> list[int]:
    """Sample positions of a rhythm of `rate` a second, each beat off by at most `jitter` of a period."""
    period = SAMPLE_RATE / rate
    count = int(np.ceil(samples / period))
    return [max(0, int((beat + jitter * rng.uniform(-1, 1)) * period)) for beat in range(count)]


def strike(track: np.ndarray, position: int, grain: np.ndarray, gain: float = 1.0) -> None:
    """Add a grain of sound to the track at a position, in place; what runs past the end is cut."""
    end = min(len(track), position + len(grain))
    if end > position:
        track[position:end] += gain * grain[: end - position]


def formants(count: int, pitch: float, peaks: list[tuple[float, float]], tilt: float) -> np.ndarray:
    """Amplitudes (count,) of the harmonics of `pitch` under resonances (centre, width) in Hz and a 1/k**tilt slope."""
    frequency = pitch * np.arange(1, count + 1)
    gain = sum(np.exp(-0.5 * ((frequency - centre) / width) ** 2) for centre, width in peaks)
    return (gain + 0.03) / np.arange(1, count + 1) ** tilt


def background_noise(rng: Generator, samples: int) -> np.ndarray:
    """Wind, room or hiss: noise of a random colour swelling slowly, (samples,) at 48 kHz, unit RMS."""
    pole = rng.uniform(0.0, 0.97)  # 0: white; towards 1: the deep rush of wind
    noise = lfilter([1.0], [1.0, -pole], rng.standard_normal(samples))
    t = np.arange(samples) / SAMPLE_RATE
    noise *= 1 + rng.uniform(0, 0.35) * np.sin(2 * pi * rng.uniform(0.15, 0.6) * t + rng.uniform(0, 6))
    return noise / np.sqrt(np.mean(noise**2))
