"""The sounds of the unfamiliar world: ten families, each with individuals, mono at 44.1 kHz.

A family is `family(rng, samples) -> (samples,)`; the generator is the individual, so that it sounds alike each time it
begins. None pauses for as long as half a second.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, chirp, lfilter, sawtooth, sosfilt

SAMPLE_RATE = 44_100

Family = Callable[[np.random.Generator, int], np.ndarray]


def _times(samples: int) -> np.ndarray:
    return np.arange(samples) / SAMPLE_RATE


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform in octaves."""
    return float(np.exp2(rng.uniform(np.log2(low), np.log2(high))))


def _place(samples: int, onsets: np.ndarray, grains: list[np.ndarray]) -> np.ndarray:
    """Add the grains, in rotation, at the onsets (s)."""
    track = np.zeros(samples + max(len(grain) for grain in grains))
    for number, onset in enumerate(onsets):
        at, grain = int(onset * SAMPLE_RATE), grains[number % len(grains)]
        if at < samples:
            track[at : at + len(grain)] += grain
    return track[:samples]


def _regular(rate: float, samples: int) -> np.ndarray:
    return np.arange(0, samples / SAMPLE_RATE, 1 / rate)


def modulated(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Frequency modulation with an index that opens and closes: a metallic drone (Chowning, 1973)."""
    carrier, ratio, pace = _between(rng, 120, 420), rng.uniform(1.3, 1.8), rng.uniform(0.8, 2.0)
    t = _times(samples)
    index = 4 + 3.5 * np.sin(2 * np.pi * pace * t)
    return np.sin(2 * np.pi * carrier * t + index * np.sin(2 * np.pi * carrier * ratio * t))


def plucked(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Strings after Karplus and Strong (1983): a delay line, filled with noise, that averages itself."""
    base, rate = _between(rng, 180, 520), rng.uniform(4, 8)
    notes = []
    for step in rng.choice([0, 3, 5, 8, 10, 12], size=4, replace=False):
        period = int(SAMPLE_RATE / (base * 2 ** (step / 12)))
        feedback = np.zeros(period + 2)
        feedback[0], feedback[period], feedback[period + 1] = 1.0, -0.4975, -0.4975
        burst = np.zeros(int(0.45 * SAMPLE_RATE))
        burst[:period] = rng.uniform(-1, 1, period)
        notes.append(lfilter([1.0], feedback, burst))
    return _place(samples, _regular(rate, samples), notes)


def hisses(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Short gusts of noise through a narrow band that rises from one to the next."""
    centre, rate = _between(rng, 700, 3500), rng.uniform(5, 9)
    length = int(0.75 / rate * SAMPLE_RATE)
    grains = []
    for factor in (0.6, 0.85, 1.2, 1.7):
        edges = [centre * factor * 0.85, centre * factor * 1.18]
        noise = sosfilt(butter(3, edges, btype="bandpass", fs=SAMPLE_RATE, output="sos"), rng.standard_normal(length))
        grains.append(noise / noise.std() * np.hanning(length))
    return _place(samples, _regular(rate, samples), grains)


def chirps(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Straight sweeps, all upwards, as a radar's."""
    low, rate = _between(rng, 300, 1200), rng.uniform(3, 6)
    length = int(0.9 / rate * SAMPLE_RATE)
    t = _times(length)
    sweep = chirp(t, low, t[-1], low * rng.uniform(2.5, 5)) * np.minimum(1, np.minimum(t, t[-1] - t) / 0.01)
    return _place(samples, _regular(rate, samples), [sweep])


def crackle(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Clicks at random, as of a counter near something radioactive."""
    ring, rate = _between(rng, 1500, 6000), rng.uniform(25, 60)
    t = _times(int(0.012 * SAMPLE_RATE))
    click = np.sin(2 * np.pi * ring * t) * np.exp(-t / 0.0015)
    onsets = np.concatenate([[0.0], np.cumsum(rng.exponential(1 / rate, int(samples / SAMPLE_RATE * rate * 2) + 10))])
    return _place(samples, onsets, [click, 0.5 * click, 0.8 * click])


def beating(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A pure tone whose loudness comes and goes many times a second."""
    pitch, pace = _between(rng, 300, 1500), rng.uniform(12, 26)
    t = _times(samples)
    return np.sin(2 * np.pi * pitch * t) * (0.5 - 0.5 * np.cos(2 * np.pi * pace * t)) ** 2


def growl(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A low sawtooth through a resonance that opens and closes slowly."""
    pitch, pace = _between(rng, 60, 130), rng.uniform(1.0, 2.5)
    t = _times(samples)
    saw = sawtooth(2 * np.pi * pitch * t)
    opening = 0.5 - 0.5 * np.cos(2 * np.pi * pace * t)
    bands = [sosfilt(butter(2, [f * 0.8, f * 1.25], btype="bandpass", fs=SAMPLE_RATE, output="sos"), saw)
             for f in (350, 900, 2200)]  # fmt: skip
    weights = np.stack([(1 - opening) ** 2, 2 * opening * (1 - opening), opening**2])
    return (np.stack(bands) / np.std(bands, axis=1, keepdims=True) * weights).sum(axis=0)


def drips(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Drops into water, each a tone that bends up as its bubble closes, with two echoes."""
    pitch, rate = _between(rng, 500, 1600), rng.uniform(3.5, 6)
    t = _times(int(0.35 * SAMPLE_RATE))
    grains = []
    for factor in rng.uniform(0.75, 1.35, 5):
        drop = np.sin(2 * np.pi * np.cumsum(pitch * factor * (1 + 6 * t)) / SAMPLE_RATE) * np.exp(-t / 0.025)
        for echo, gain in ((0.07, 0.4), (0.13, 0.2)):
            drop = drop + gain * np.concatenate([np.zeros(int(echo * SAMPLE_RATE)), drop])[: len(drop)]
        grains.append(drop)
    return _place(samples, _regular(rate, samples), grains)


def glitter(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A cloud of very short, very high tones."""
    centre, rate = _between(rng, 2500, 5500), rng.uniform(35, 60)
    t = _times(int(0.05 * SAMPLE_RATE))
    grains = [np.sin(2 * np.pi * centre * 2 ** rng.uniform(-0.7, 0.7) * t) * np.hanning(len(t)) for _ in range(17)]
    onsets = _regular(rate, samples)
    return _place(samples, np.maximum(0, onsets + rng.uniform(-0.01, 0.01, len(onsets))), grains)


def scrape(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A stick drawn over a comb, to and fro: noise pulses that hurry and slow down."""
    slow, pace = rng.uniform(18, 30), rng.uniform(0.9, 1.8)
    t = _times(samples)
    teeth = np.cumsum(slow * (1.6 - np.cos(2 * np.pi * pace * t))) / SAMPLE_RATE
    band = _between(rng, 900, 2600)
    noise = sosfilt(butter(2, [band, band * 3], btype="bandpass", fs=SAMPLE_RATE, output="sos"),
                    rng.standard_normal(samples))  # fmt: skip
    return noise * np.exp(-8 * (teeth % 1))


FAMILIES: tuple[Family, ...] = (
    modulated, plucked, hisses, chirps, crackle, beating, growl, drips, glitter, scrape,
)  # fmt: skip


def sound(family: Family, seed: int, samples: int) -> np.ndarray:
    """An individual of a family, (samples,), of unit RMS, its peaks softened at 5; both ends faded over 15 ms."""
    track = family(np.random.default_rng(seed), samples)
    track = 5 * np.tanh(track / (np.sqrt(np.mean(track**2)) + 1e-9) / 5)
    fade = np.minimum(1, np.arange(samples) / (0.015 * SAMPLE_RATE))
    return track * fade * fade[::-1]


def noise(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Background noise of unit RMS whose spectrum falls by 0 to 6 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum *= np.maximum(np.arange(len(spectrum)), 20.0) ** -rng.uniform(0, 1)
    track = np.fft.irfft(spectrum, samples)
    return track / np.sqrt(np.mean(track**2))
