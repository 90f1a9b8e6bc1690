"""The plan of one standard video: which things are in it, how they move, and who sounds when."""

from dataclasses import dataclass, field
from math import pi, sin

import numpy as np
from PIL import Image

from model.world import classes, distractors
from model.world.backgrounds import PLACES, Place
from model.world.drawing import Painter, Pen, sprite

WIDTH, HEIGHT = 320, 240  # px of the picture
# What never sounds is drawn with a little more contrast than what sounds: looking for contrast alone finds neither.
PALE, VIVID = 0.86, 1.2
OBJECT_SIZES = 70.0, 112.0  # px, as `drawing.sprite` takes them; the shorter side of the picture is 240
DISTRACTOR_SIZES = 58.0, 108.0
Generator = np.random.Generator
Interval = tuple[float, float]  # half-open seconds


@dataclass(frozen=True)
class Motion:
    """How a thing moves about its place; nothing here knows whether it sounds."""

    x: float  # px, the middle of its way
    y: float
    sway: tuple[float, float]  # px, half the width and height of its way
    tempo: tuple[float, float]  # Hz of the two
    phase: tuple[float, float]
    tilt: float  # degrees of wobble to either side
    wobble: float  # Hz of tilt
    swell: float  # share by which it grows and shrinks
    pulse: float  # Hz of swell
    hop: float  # px it hops up
    hops: float  # hops a second
    enters: float = -1.0  # s at which it is fully in view; negative: from the start
    leaves: float = float("inf")  # s at which it begins to go
    side: int = 1  # -1: comes and goes at the left; 1: at the right

    def at(self, t: float) -> tuple[float, float, float, float]:
        """Centre (px), angle (degrees) and scale at time `t` in seconds."""
        x = self.x + self.sway[0] * sin(2 * pi * self.tempo[0] * t + self.phase[0])
        y = self.y + self.sway[1] * sin(2 * pi * self.tempo[1] * t + self.phase[1])
        y -= self.hop * abs(sin(pi * self.hops * t + self.phase[1]))
        away = max(self.enters - t, t - self.leaves, 0.0) / 0.9  # 1: wholly out, after nine tenths of a second
        x += self.side * min(away, 1.5) ** 2 * WIDTH
        angle = self.tilt * sin(2 * pi * self.wobble * t + self.phase[0])
        return x, y, angle, 1 + self.swell * sin(2 * pi * self.pulse * t + self.phase[1])


@dataclass(frozen=True)
class Thing:
    """Something drawn: an object of a class, or a distractor."""

    name: str
    image: Image.Image  # premultiplied "RGBa"
    motion: Motion


@dataclass(frozen=True)
class Voicing:
    """One individual's voice and when it is heard."""

    name: str
    seed: int
    gain: float  # dB relative to the loudest voice of the video
    times: list[Interval]
    speed: float = 1.0  # times as fast, and as high, as the class's voice is


@dataclass(frozen=True)
class Scene:
    """The whole plan; `voices[i]` belongs to `objects[i]`.

    `depths` numbers objects, then distractors, from the farthest to the nearest. Without it every object stands before
    half of the distractors and behind the rest. It all happens in one of `places`.
    """

    objects: list[Thing]
    voices: list[Voicing]
    distractors: list[Thing]
    off_screen: list[Voicing] = field(default_factory=list)
    depths: list[int] | None = None
    places: tuple[Place, ...] = PLACES


def plan(
    rng: Generator,
    seconds: float,
    *,
    object_sizes: tuple[float, float] = OBJECT_SIZES,
    distractor_sizes: tuple[float, float] = DISTRACTOR_SIZES,
) -> Scene:
    """Draw up one standard video of the given length in seconds, its things of a size (px) between the two given."""
    count = 2 if rng.random() < 0.54 else 1
    names = [str(name) for name in rng.choice(classes.STANDARD, size=count, replace=False)]
    times = timetable(rng, count, seconds)
    silent = (
        int(rng.choice([1, 2, 3], p=[0.2, 0.5, 0.3])) if count == 1 else int(rng.choice([0, 1, 2], p=[0.1, 0.55, 0.35]))
    )
    others = [str(name) for name in rng.choice(list(distractors.PAINTERS), size=silent, replace=False)]
    images = [portrait(rng, classes.PAINTERS[name], rng.uniform(*object_sizes), PALE) for name in names]
    images += [portrait(rng, distractors.PAINTERS[name], rng.uniform(*distractor_sizes), VIVID) for name in others]
    motions = _arrange(rng, images)
    things = [Thing(name, image, motion) for name, image, motion in zip(names + others, images, motions, strict=True)]
    for index in range(count):
        things[index] = come_and_go(rng, things[index], times[index], seconds)
    voices = [
        Voicing(name, int(rng.integers(2**31)), rng.uniform(-6, 0), at) for name, at in zip(names, times, strict=True)
    ]
    absent = [name for name in classes.STANDARD if name not in names]
    return Scene(things[:count], voices, things[count:], from_nowhere(rng, absent, times, seconds))


def timetable(rng: Generator, count: int, seconds: float) -> list[list[Interval]]:
    """When each of one or two objects sounds: with pauses, in turns, together, or one of them never."""
    if count == 1:
        return [stretches(rng, seconds, steady=rng.random() < 0.5)]
    pattern = rng.choice(["turns", "together", "one silent"], p=[0.52, 0.2, 0.28])
    if pattern == "turns":
        return _turns(rng, seconds)
    first = stretches(rng, seconds, steady=True)
    if pattern == "one silent":
        return [first, []] if rng.random() < 0.5 else [[], first]
    return [first, stretches(rng, seconds, steady=rng.random() < 0.6)]


def stretches(rng: Generator, seconds: float, steady: bool) -> list[Interval]:
    """Long stretches with a pause of about a second between; steady: a single one."""
    start = rng.uniform(0.0, 0.25) if steady or rng.random() < 0.6 else rng.uniform(0.7, 1.6)
    if steady:
        return [(start, seconds - rng.uniform(0.0, 0.25))]
    times = []
    while start < seconds - 1.0:
        end = start + rng.uniform(1.8, 3.4)
        if end > seconds - 1.2:
            end = seconds - (0.0 if rng.random() < 0.6 else rng.uniform(0.2, 1.0))
        times.append((start, end))
        start = end + rng.uniform(0.8, 1.6)
    return times


def _turns(rng: Generator, seconds: float) -> list[list[Interval]]:
    """Two objects in turn, nearly without a gap, now and then with a pause."""
    times: list[list[Interval]] = [[], []]
    whose, start = int(rng.integers(2)), rng.uniform(0.0, 0.25)
    while start < seconds - 0.9:
        end = start + rng.uniform(1.5, 3.0)
        if end > seconds - 1.0:
            end = seconds
        times[whose].append((start, end))
        start = end + (rng.uniform(0.02, 0.35) if rng.random() < 0.75 else rng.uniform(0.7, 1.3))
        whose = 1 - whose
    return times


def from_nowhere(rng: Generator, absent: list[str], times: list[list[Interval]], seconds: float) -> list[Voicing]:
    """Voices of absent classes, which are not in the picture, in some of the pauses of a second or more."""
    busy = sorted(interval for at in times for interval in at)
    gaps, reached = [], 0.0
    for start, end in [*busy, (seconds, seconds)]:
        if start - reached >= 0.7 and rng.random() < 0.6:
            gaps.append((reached + 0.05, start - 0.05))
        reached = max(reached, end)
    return [Voicing(str(rng.choice(absent)), int(rng.integers(2**31)), rng.uniform(-6, 0), [gap]) for gap in gaps]


def portrait(rng: Generator, painter: Painter, size: float, contrast: float) -> Image.Image:
    """An individual, slightly turned and stretched, `size` px large: a premultiplied "RGBa" image."""
    pen = Pen()
    painter(pen, rng)
    stretch = float(np.exp(rng.uniform(-0.13, 0.13)))
    return sprite(pen, size, float(np.clip(rng.normal(0, 7), -16, 16)), bool(rng.random() < 0.5), stretch, contrast)


def _arrange(rng: Generator, images: list[Image.Image]) -> list[Motion]:
    """A place for each thing: in view on its whole way, apart from the others as far as there is room.

    Of 60 random places the one overlapping least is taken; the middle of the picture is avoided half of the time, or
    pointing at it would be right too often.
    """
    motions: list[Motion] = []
    taken: list[tuple[float, float, float, float]] = []
    for image in images:
        sway = (rng.uniform(2, 16), rng.uniform(1, 9))
        half_w, half_h = image.width / 2 + sway[0] * 0.7, image.height / 2 + sway[1] * 0.7
        shy = rng.random() < 0.5
        best, chosen = float("inf"), (WIDTH / 2, HEIGHT / 2)
        for _ in range(60):
            x = rng.uniform(min(half_w, 160) - 4, max(WIDTH - half_w, 160) + 4)
            y = rng.uniform(min(half_h, 120) - 2, max(HEIGHT - half_h, 120) + 4)
            own = (x - half_w, y - half_h, x + half_w, y + half_h)
            cost = sum(overlap(own, other) for other in taken)
            if shy and own[0] < WIDTH / 2 < own[2] and own[1] < HEIGHT / 2 < own[3]:
                cost += 0.25
            if cost < best:
                best, chosen = cost, (x, y)
        x, y = chosen
        taken.append((x - half_w, y - half_h, x + half_w, y + half_h))
        motions.append(sway_about(rng, x, y, sway))
    return motions


def sway_about(rng: Generator, x: float, y: float, sway: tuple[float, float]) -> Motion:
    """A way about (x, y) px, half as wide and high as `sway`; now and then with hops."""
    hop = rng.uniform(3, 9) if rng.random() < 0.3 else 0.0
    return Motion(
        x,
        y,
        sway,
        (rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5)),
        (rng.uniform(0, 6.3), rng.uniform(0, 6.3)),
        rng.uniform(1, 9),
        rng.uniform(0.2, 1.1),
        rng.uniform(0, 0.05),
        rng.uniform(0.3, 1.6),
        hop,
        rng.uniform(0.6, 1.8),
    )


def overlap(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> float:
    """The area two boxes share, as a part of the smaller."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    if wide <= 0 or high <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return wide * high / smaller


def come_and_go(rng: Generator, thing: Thing, times: list[Interval], seconds: float) -> Thing:
    """Now and then an object is not yet there, or already gone, while it is silent for long enough."""
    if rng.random() > 0.3:
        return thing
    first = min((start for start, _ in times), default=seconds)
    last = max((end for _, end in times), default=0.0)
    side = -1 if thing.motion.x < WIDTH / 2 else 1
    changes: dict[str, float] = {}
    if first > 1.2 and rng.random() < 0.5:
        changes["enters"] = rng.uniform(0.9, min(first, 3.0))
    elif seconds - last > 1.2:
        changes["leaves"] = rng.uniform(max(last, seconds - 3.0), seconds - 0.9)
    if not changes:
        return thing
    motion = Motion(**{**thing.motion.__dict__, **changes, "side": side})
    return Thing(thing.name, thing.image, motion)
