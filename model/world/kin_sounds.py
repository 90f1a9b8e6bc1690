"""The voices of the hard world's further classes, each close to one or two of the others in `sounds`.

Kin share the range of pitch, the loudness and most of the texture; a single trait tells them apart, named in each
docstring, and a person hears it within a second.
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


def bicycle(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the bell: as inharmonic, but each stroke a short trill of a clapper against the shell."""
    pitch, rate = log_uniform(rng, 260, 900), rng.uniform(1.4, 2.6)
    t = seconds(0.8)
    ding = np.zeros(len(t))
    for ratio, level, decay in ((1.0, 1.0, 0.5), (1.21, 0.6, 0.4), (2.0, 0.6, 0.3), (2.9, 0.7, 0.2), (4.3, 0.5, 0.12)):
        ding += level * np.exp(-t / (decay * 0.5)) * np.sin(2 * pi * pitch * ratio * t + rng.uniform(0, 2 * pi))
    trill, clapper = int(rng.integers(5, 9)), rng.uniform(18, 28)
    stroke = np.zeros(len(t) + int(trill / clapper * SAMPLE_RATE))
    for number in range(trill):
        strike(stroke, int(number / clapper * SAMPLE_RATE), ding, 1.0 if number % 2 == 0 else 0.7)
    track = np.zeros(samples)
    for position in beats(rng, samples, rate, 0.03):
        strike(track, position, stroke, rng.uniform(0.7, 1.0))
    return track


def parrot(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the bird: as quick, sweeping over as much, but every squawk rough with a flutter."""
    pitch, rate = log_uniform(rng, 600, 2000), rng.uniform(4.0, 7.0)
    squawks = []
    for _ in range(3):
        t = seconds(rng.uniform(0.09, 0.16))
        part = t / t[-1]
        sweep = pitch * rng.uniform(0.8, 1.3) * log_uniform(rng, 1.3, 2.2) ** np.sin(pi * part)
        flutter = 1 + 0.9 * np.sin(2 * pi * rng.uniform(70, 130) * t)
        swell = np.sin(pi * part).clip(0) ** 0.7
        squawks.append(harmonics(sweep, np.array([1.0, 0.5, 0.35, 0.2])) * flutter * swell)
    order = rng.integers(3, size=int(rng.integers(3, 7)))
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.1)):
        strike(track, position, squawks[order[number % len(order)]], rng.uniform(0.6, 1.0))
    return track


def owl(rng: Generator, samples: int) -> np.ndarray:
    """Kin of bird and flute: whistled too, but level round hoots, one long after two short."""
    pitch, rate = log_uniform(rng, 350, 1000), rng.uniform(3.0, 4.5)
    hoots = []
    for length in (0.6 / rate, 0.6 / rate, 1.6 / rate):
        t = seconds(length)
        part = t / t[-1]
        bend = pitch * (1 + 0.07 * np.sin(pi * part))
        hoots.append(harmonics(bend, np.array([1.0, 0.25, 0.06])) * np.sin(pi * part).clip(0) ** 0.6)
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.04)):
        if number % 5 in (0, 1, 2):
            strike(track, position, hoots[number % 5])
    return track


def flute(rng: Generator, samples: int) -> np.ndarray:
    """Kin of kettle and owl: a whistle with breath in it, but in slurred notes that step up and down a scale."""
    pitch, rate = log_uniform(rng, 450, 1300), rng.uniform(2.8, 5.0)
    steps = rng.permutation([0, 2, 4, 7, 9])[: int(rng.integers(3, 6))]
    t = np.arange(samples) / SAMPLE_RATE
    note = steps[(t * rate).astype(int) % len(steps)]
    vibrato = 1 + 0.008 * np.sin(2 * pi * rng.uniform(5, 6.5) * t)
    tongue = np.minimum(1.0, np.minimum(t * rate % 1, 1 - t * rate % 1) / 0.12)  # soft at both ends of a note
    tone = harmonics(pitch * 2 ** (note / 12) * vibrato, np.array([1.0, 0.45, 0.15, 0.05]))
    breath = np.resize(band_noise(rng, SAMPLE_RATE, 1500, 9000), samples)
    return (tone + rng.uniform(0.12, 0.25) * breath) * tongue


def motorbike(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the tractor: as many strokes a second and as deep, but an even rattle that revs up and down."""
    knock = _knock(rng)
    idle, throttle = rng.uniform(22, 30), rng.uniform(0.5, 0.9)
    track = np.zeros(samples)
    at, phase = 0.0, rng.uniform(0, 2 * pi)
    while at * SAMPLE_RATE < samples:
        rev = 0.5 - 0.5 * np.cos(2 * pi * throttle * at + phase)
        strike(track, int(at * SAMPLE_RATE), knock, 0.6 + 0.4 * rev)
        at += 1 / (idle * (1 + 1.2 * rev))
    return track


def tractor(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the motorbike and the train: a steady engine that limps, every fourth stroke the loudest."""
    knock, rate = _knock(rng), rng.uniform(20, 36)
    weights = np.array([1.0, 0.35, 0.6, 0.35])
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.04)):
        strike(track, position, knock, weights[number % 4])
    return track


def _knock(rng: Generator) -> np.ndarray:
    """One stroke of an engine: a dull thump and the exhaust's noise."""
    pitch = log_uniform(rng, 110, 330)
    t = seconds(0.07)
    thump = (np.sin(2 * pi * pitch * t) + 0.6 * np.sin(2 * pi * 2.6 * pitch * t)) * np.exp(-t / 0.012)
    return thump + 0.4 * band_noise(rng, len(t), 400, 5000) * np.exp(-t / 0.008)


def violin(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the trumpet: as bright and as high, but bowed, each note swelling under a wide vibrato."""
    pitch, rate = log_uniform(rng, 220, 640), rng.uniform(1.6, 3.2)
    t = seconds(0.98 / rate)
    part = t / t[-1]
    bow = np.minimum(1.0, part / 0.25) * np.minimum(1.0, (1 - part) / 0.12)
    wood = formants(26, pitch, [(500, 220), (1400, 500), (2900, 900)], 0.55)
    rosin = 0.05 * band_noise(rng, len(t), 2500, 9000)
    notes = []
    for step in (0, 2, 5, 7):
        frequency = pitch * 2 ** (step / 12) * (1 + 0.018 * np.sin(2 * pi * rng.uniform(5.5, 7.0) * t))
        tone = harmonics(frequency, wood)
        notes.append((tone / tone.std() + rosin) * bow)
    order = rng.integers(4, size=int(rng.integers(3, 7)))
    track = np.zeros(samples)
    for count, position in enumerate(beats(rng, samples, rate, 0.0)):
        strike(track, position, notes[order[count % len(order)]])
    return track


def sheep(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the cow: a voice through the same mouth, but bleating, broken up by a fast tremble."""
    pitch, length = log_uniform(rng, 180, 520), rng.uniform(0.6, 1.0)
    t = seconds(length)
    part = t / t[-1]
    tremble = np.sin(2 * pi * rng.uniform(8, 13) * t)
    voice = harmonics(
        pitch * (1.05 - 0.15 * part) * (1 + 0.05 * tremble),
        formants(24, pitch, [(700, 240), (1300, 300), (2600, 450)], 0.35),
    )
    bleat = voice * (1 + 0.75 * tremble) * np.sin(pi * part).clip(0) ** 0.35
    track = np.zeros(samples)
    for position in beats(rng, samples, 1 / (length + rng.uniform(0.1, 0.3)), 0.04):
        strike(track, position, bleat, rng.uniform(0.8, 1.0))
    return track


def cat(rng: Generator, samples: int) -> np.ndarray:
    """Kin of cow and dog: a mouth that opens and closes again, but the pitch arches high and falls: mee-ow."""
    pitch, length = log_uniform(rng, 250, 700), rng.uniform(0.5, 0.8)
    t = seconds(length)
    part = t / t[-1]
    glide = pitch * (0.8 + 0.75 * np.sin(pi * part**0.75) - 0.15 * part)
    closed = harmonics(glide, formants(24, pitch, [(450, 200), (2600, 500)], 0.7))
    opened = harmonics(glide, formants(24, pitch, [(1000, 350), (1900, 400), (3600, 600)], 0.25))
    mouth = np.sin(pi * np.clip(part * 1.15, 0, 1)) ** 2
    mew = (closed / closed.std() * (1 - mouth) + opened / opened.std() * mouth) * np.sin(pi * part).clip(0) ** 0.45
    track = np.zeros(samples)
    for position in beats(rng, samples, 1 / (length + rng.uniform(0.15, 0.4)), 0.05):
        strike(track, position, mew, rng.uniform(0.75, 1.0))
    return track


def typewriter(rng: Generator, samples: int) -> np.ndarray:
    """Kin of the clock: dry clicks of the same pitches, but in hasty runs of unequal strokes."""
    pitch, rate = log_uniform(rng, 500, 1900), rng.uniform(9.0, 14.0)
    t = seconds(0.07)
    keys = []
    for _ in range(4):
        tone = np.sin(2 * pi * pitch * rng.uniform(0.8, 1.25) * t) * np.exp(-t / rng.uniform(0.004, 0.008))
        keys.append(tone + 1.2 * band_noise(rng, len(t), 1800, 12_000) * np.exp(-t / 0.004))
    track = np.zeros(samples)
    for number, position in enumerate(beats(rng, samples, rate, 0.3)):
        key, force, pressed = keys[int(rng.integers(4))], rng.uniform(0.5, 1.0), rng.random() < 0.75
        if pressed or number == 0:  # the first always: nobody waits for a sound that has begun
            strike(track, position, key, force)
    return track


VOICES: dict[str, Voice] = {
    "bicycle": bicycle, "parrot": parrot, "owl": owl, "flute": flute, "motorbike": motorbike, "tractor": tractor,
    "violin": violin, "sheep": sheep, "cat": cat, "typewriter": typewriter,
}  # fmt: skip
