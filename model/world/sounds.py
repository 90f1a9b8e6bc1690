"""The synthesised voice of every class.

A voice is `voice(rng, samples) -> (samples,) float64` at 48 kHz: the generator draws the instance (its pitch, its
rhythm, its timbre), so the same seed gives the same individual again whatever the length. Fundamental frequencies
overlap strongly between classes on purpose: what tells classes apart is texture and rhythm, not pitch or loudness.
"""

from math import pi

import numpy as np

from model.world.synthesis import (
    SAMPLE_RATE,
    Generator,
    Voice,
    band_noise,
    beats,
    formants,
    harmonics,
    log_uniform,
    seconds,
    strike,
)


def drum(rng: Generator, samples: int) -> np.ndarray:
    """Strokes: a low tone gliding down under a burst of noise, in a pattern of accents."""
    pitch, rate = log_uniform(rng, 110, 330), rng.uniform(3.2, 6.5)
    accents = rng.uniform(0.45, 1.0, size=int(rng.integers(3, 6)))
    accents[0] = 1.0
    t = seconds(0.3)
    body = harmonics(pitch * (1 + 1.1 * np.exp(-t / 0.025)), np.array([1.0, 0.35])) * np.exp(
        -t / rng.uniform(0.06, 0.11)
    )
    snare = band_noise(rng, len(t), 900, 9000) * np.exp(-t / rng.uniform(0.02, 0.05))
    grain = body + rng.uniform(0.25, 0.5) * snare
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate)):
        strike(track, position, grain, accents[number % len(accents)])
    return track


def bell(rng: Generator, samples: int) -> np.ndarray:
    """Strokes of inharmonic partials that ring on."""
    pitch, rate = log_uniform(rng, 260, 900), rng.uniform(1.1, 2.4)
    t = seconds(1.6)
    grain = np.zeros(len(t))
    for ratio, level, decay in (
        (0.5, 0.5, 0.9), (1.0, 1.0, 0.7), (1.19, 0.7, 0.55), (1.51, 0.45, 0.45), (2.0, 0.8, 0.4), (2.74, 0.55, 0.3),
        (3.76, 0.45, 0.22), (5.1, 0.35, 0.15), (6.8, 0.25, 0.1),
    ):  # fmt: skip
        detuned = pitch * ratio * rng.uniform(0.99, 1.01)
        grain += level * np.exp(-t / (decay * 0.6)) * np.sin(2 * pi * detuned * t + rng.uniform(0, 2 * pi))
    track = np.zeros(samples)
    for position in beats(rng, samples, rate, 0.03):
        strike(track, position, grain, rng.uniform(0.7, 1.0))
    return track


def bird(rng: Generator, samples: int) -> np.ndarray:
    """A song of short whistled sweeps, up and down."""
    pitch, rate = log_uniform(rng, 600, 2000), rng.uniform(5.0, 9.0)
    syllables = []
    for _ in range(3):
        t = seconds(rng.uniform(0.06, 0.12))
        span = log_uniform(rng, 1.6, 2.6) ** (1 if rng.random() < 0.6 else -1)
        start = pitch * rng.uniform(0.8, 1.3)
        sweep = start * span ** (t / t[-1])
        swell = np.sin(pi * t / t[-1]).clip(0)  # at its end, where it may round to just below 0, it has no power
        syllables.append(harmonics(sweep, np.array([1.0, 0.18])) * swell**0.7)
    order = rng.integers(3, size=int(rng.integers(4, 8)))
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.1)):
        strike(track, position, syllables[order[number % len(order)]], rng.uniform(0.6, 1.0))
    return track


def frog(rng: Generator, samples: int) -> np.ndarray:
    """Croaks: a rattle of damped resonances, rising a little within each croak."""
    resonance, rattle = log_uniform(rng, 450, 1300), rng.uniform(24, 42)
    length, pause = rng.uniform(0.28, 0.5), rng.uniform(0.08, 0.2)
    t = seconds(0.05)
    knock = np.sin(2 * pi * resonance * t) + 0.6 * np.sin(2 * pi * 2.3 * resonance * t)
    knock *= np.exp(-t / 0.006)
    croak = np.zeros(int((length + 0.05) * SAMPLE_RATE))
    count = int(length * rattle)
    for number in range(count):
        swell = np.sin(pi * (number + 1) / (count + 1)) ** 0.5
        strike(croak, int(number / rattle * SAMPLE_RATE), knock, swell)
    track = np.zeros(samples)
    for position in beats(rng, samples, 1 / (length + pause), 0.04):
        strike(track, position, croak, rng.uniform(0.75, 1.0))
    return track


def train(rng: Generator, samples: int) -> np.ndarray:
    """The chuffing of a steam engine: soft broad bursts of noise, every fourth the loudest."""
    centre, rate = log_uniform(rng, 500, 1600), rng.uniform(3.6, 7.5)
    t = seconds(0.9 / rate)
    noise = band_noise(rng, SAMPLE_RATE, centre / 2.2, centre * 3.5)
    rise = np.minimum(1.0, t / 0.025) * np.exp(-t / rng.uniform(0.07, 0.12))
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.02)):
        start = int(rng.integers(SAMPLE_RATE - len(t)))
        strike(track, position, noise[start : start + len(t)] * rise, 1.0 if number % 4 == 0 else 0.6)
    rumble = np.resize(band_noise(rng, SAMPLE_RATE, 60, 260), samples)
    return track + 0.06 * rumble


def guitar(rng: Generator, samples: int) -> np.ndarray:
    """Plucked strings: an arpeggio of decaying harmonic notes, upper harmonics dying first."""
    pitch, rate = log_uniform(rng, 150, 480), rng.uniform(3.0, 6.0)
    t = seconds(0.9)
    number = np.arange(1, 15)
    pluck = np.abs(np.sin(pi * number * rng.uniform(0.13, 0.3))) / number
    strings = []
    for step in (0, 4, 7, 12):
        grain = np.zeros(len(t))
        for k in range(14):
            frequency = pitch * 2 ** (step / 12) * (k + 1)
            grain += pluck[k] * np.exp(-t * (2.2 + 1.1 * k)) * np.sin(2 * pi * frequency * t)
        strings.append(grain * np.minimum(1.0, t / 0.002))
    order = rng.integers(4, size=int(rng.integers(4, 9)))
    track = np.zeros(samples)
    for count, position in enumerate(beats(rng, samples, rate, 0.03)):
        strike(track, position, strings[order[count % len(order)]], rng.uniform(0.7, 1.0))
    return track


def kettle(rng: Generator, samples: int) -> np.ndarray:
    """A trembling whistle in a hiss of steam, without a break."""
    pitch, tremble = log_uniform(rng, 650, 2100), rng.uniform(7, 12)
    t = np.arange(samples) / SAMPLE_RATE
    rise = 1 + rng.uniform(0.02, 0.12) * np.sin(2 * pi * rng.uniform(0.1, 0.25) * t)
    wave = rise * (1 + 0.012 * np.sin(2 * pi * tremble * t))
    whistle = harmonics(pitch * wave, np.array([1.0, 0.5, 0.12])) * (1 + 0.4 * np.sin(2 * pi * tremble * 1.31 * t))
    steam = np.resize(band_noise(rng, SAMPLE_RATE, 2500, 14_000), samples)
    return whistle + rng.uniform(0.35, 0.6) * steam


def clock(rng: Generator, samples: int) -> np.ndarray:
    """Tick and tock: two dry wooden clicks in turn."""
    pitch, rate = log_uniform(rng, 500, 1900), rng.uniform(4.0, 7.0)
    t = seconds(0.08)
    snap = band_noise(rng, len(t), 2500, 15_000) * np.exp(-t / 0.0025)
    clicks = []
    for factor in (1.0, rng.uniform(0.66, 0.8)):
        tone = np.sin(2 * pi * pitch * factor * t) + 0.7 * np.sin(2 * pi * 2.76 * pitch * factor * t)
        clicks.append(tone * np.exp(-t / rng.uniform(0.006, 0.012)) + 0.7 * snap)
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.01)):
        strike(track, position, clicks[number % 2], rng.uniform(0.85, 1.0))
    return track


def dog(rng: Generator, samples: int) -> np.ndarray:
    """Barks: harmonic, the pitch jumping up and falling, with a rough breath in them."""
    pitch, rate = log_uniform(rng, 220, 620), rng.uniform(2.2, 3.6)
    t = seconds(rng.uniform(0.15, 0.23))
    part = t / t[-1]
    glide = pitch * (0.75 + 0.65 * np.sin(pi * part**0.6))
    voice = harmonics(glide, formants(24, pitch, [(900, 350), (2000, 600), (3300, 500)], 0.3))
    breath = band_noise(rng, len(t), 700, 5000)
    envelope = np.minimum(1.0, t / 0.012) * (1 - part) ** 0.6
    grain = (voice / voice.std() + rng.uniform(0.25, 0.5) * breath) * envelope
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.1)):
        strike(track, position, grain, 1.0 if number % 2 == 0 else rng.uniform(0.6, 0.9))
    return track


def cow(rng: Generator, samples: int) -> np.ndarray:
    """Long moos: a rich low voice that opens, swells and sinks."""
    pitch, length = log_uniform(rng, 130, 400), rng.uniform(1.0, 1.7)
    t = seconds(length)
    part = t / t[-1]
    glide = pitch * (0.85 + 0.3 * np.sin(pi * part**0.7) - 0.12 * part)
    glide *= 1 + 0.015 * np.sin(2 * pi * rng.uniform(5, 8) * t)
    closed = harmonics(glide, formants(24, pitch, [(300, 160), (900, 200)], 0.8))
    opened = harmonics(glide, formants(24, pitch, [(650, 220), (1200, 260), (2500, 400)], 0.3))
    mouth = np.sin(pi * np.clip(part * 1.25, 0, 1)) ** 1.5
    moo = (closed / closed.std() * (1 - mouth) + opened / opened.std() * mouth) * np.sin(pi * part) ** 0.35
    track = np.zeros(samples)
    for position in beats(rng, samples, 1 / (length + rng.uniform(0.08, 0.25)), 0.02):
        strike(track, position, moo)
    return track


def trumpet(rng: Generator, samples: int) -> np.ndarray:
    """A fanfare of steady brass notes, bright once blown."""
    pitch, rate = log_uniform(rng, 220, 640), rng.uniform(2.2, 4.5)
    t = seconds(0.93 / rate)
    blown = np.minimum(1.0, t / 0.05) * np.minimum(1.0, (t[-1] - t) / 0.03)
    notes = []
    for step in (0, 4, 7):
        frequency = pitch * 2 ** (step / 12) * (1 + 0.006 * np.sin(2 * pi * 5.5 * t))
        dark = harmonics(frequency, 1.0 / np.arange(1, 6) ** 1.4)
        bright = harmonics(frequency, formants(30, pitch, [(1300, 700), (3500, 1800)], 0.15))
        notes.append(blown * (dark / dark.std() + 1.2 * blown**2 * bright / bright.std()))
    order = rng.integers(3, size=int(rng.integers(3, 7)))
    track = np.zeros(samples)
    for count, position in enumerate(beats(rng, samples, rate, 0.0)):
        strike(track, position, notes[order[count % len(order)]])
    return track


def bee(rng: Generator, samples: int) -> np.ndarray:
    """A buzz without a break: a saw whose pitch wanders and flutters."""
    pitch = log_uniform(rng, 150, 420)
    t = np.arange(samples) / SAMPLE_RATE
    wander = 1 + 0.16 * np.sin(2 * pi * rng.uniform(0.5, 1.1) * t + rng.uniform(0, 6))
    wander += 0.06 * np.sin(2 * pi * rng.uniform(2.5, 4.5) * t)
    buzz = harmonics(pitch * wander, 1.0 / np.arange(1, 31) ** 0.55)
    return buzz * (1 + 0.45 * np.sin(2 * pi * rng.uniform(14, 24) * t))


def robot(rng: Generator, samples: int) -> np.ndarray:
    """Bleeps: square waves leaping from pitch to pitch, with hard edges."""
    pitch, rate = log_uniform(rng, 320, 1000), rng.uniform(7.0, 12.0)
    t = seconds(0.75 / rate)
    edge = np.minimum(1.0, np.minimum(t, t[-1] - t) / 0.002)
    odd = np.zeros(15)
    odd[::2] = 1.0 / np.arange(1, 16, 2) ** 0.8
    bleeps = [harmonics(np.full(len(t), pitch * factor), odd) * edge for factor in (1.0, 1.5, 2.2, 0.7, 2.9)]
    order = rng.integers(5, size=int(rng.integers(5, 11)))
    track = np.zeros(samples)
    for count, position in enumerate(beats(rng, samples, rate, 0.0)):
        strike(track, position, bleeps[order[count % len(order)]])
    return track


def car(rng: Generator, samples: int) -> np.ndarray:
    """A siren wailing up and down between two pitches."""
    pitch, rate = log_uniform(rng, 380, 1000), rng.uniform(0.7, 1.5)
    t = np.arange(samples) / SAMPLE_RATE
    wail = 0.5 - 0.5 * np.cos(2 * pi * rate * t)
    siren = harmonics(pitch * 2.1**wail, np.array([1.0, 0.15, 0.4, 0.1, 0.2]))
    return siren * (0.8 + 0.2 * wail)


VOICES: dict[str, Voice] = {
    "drum": drum, "bell": bell, "bird": bird, "frog": frog, "train": train, "guitar": guitar, "kettle": kettle,
    "clock": clock, "dog": dog, "cow": cow, "trumpet": trumpet, "bee": bee, "robot": robot, "car": car,
}  # fmt: skip
