"""The plan of one hard video: a crowd of things before and behind each other, up to three of which can sound.

Harder than a standard video in what tells things apart: more classes, kin side by side, several voices at once, sizes
that differ fourfold, twice the clutter, roaming things, and one that passes before all others. Still fair: things cover
each other in part, except for the moment in which one passes, and what sounds is in view.
"""

from dataclasses import replace

from PIL import Image

from model.world import classes, distractors
from model.world.scenes import (
    HEIGHT,
    PALE,
    VIVID,
    WIDTH,
    Generator,
    Interval,
    Motion,
    Scene,
    Thing,
    Voicing,
    come_and_go,
    from_nowhere,
    overlap,
    portrait,
    stretches,
    sway_about,
)
from model.world.synthesis import log_uniform

COUNTS = (0.25, 0.45, 0.3)  # shares of videos with one, two and three class objects
KIN = 0.4  # how often another object is kin of the first
OBJECT_SIZES = 38.0, 150.0  # px, as `drawing.sprite` takes them; the shorter side of the picture is 240
DISTRACTOR_SIZES = 38.0, 105.0
COVERED = 0.4  # share of a thing's box that it at most shares with another's, where there is room
PASSING = 0.5  # how often something passes
PLACES = 60  # tried for each thing


def plan(rng: Generator, seconds: float) -> Scene:
    """Draw up one hard video of the given length in seconds."""
    count = 1 + int(rng.choice(3, p=COUNTS))
    names = _cast(rng, count)
    times = timetable(rng, count, seconds)
    passing = rng.random() < PASSING
    silent = int(rng.integers(3, 6)) if count == 1 else int(rng.integers(2, 5))
    others = [str(name) for name in rng.choice(list(distractors.PAINTERS), size=silent + passing, replace=False)]
    images = [portrait(rng, classes.PAINTERS[name], log_uniform(rng, *OBJECT_SIZES), PALE) for name in names]
    images += [portrait(rng, distractors.PAINTERS[name], log_uniform(rng, *DISTRACTOR_SIZES), VIVID) for name in others]
    motions = _arrange(rng, images[: count + silent])
    motions += [_pass(rng, image) for image in images[count + silent :]]
    things = [Thing(name, image, motion) for name, image, motion in zip(names + others, images, motions, strict=True)]
    for index in range(count):
        things[index] = come_and_go(rng, things[index], times[index], seconds)
    voices = [
        Voicing(name, int(rng.integers(2**31)), rng.uniform(-9, 0), at) for name, at in zip(names, times, strict=True)
    ]
    absent = [name for name in classes.HARD if name not in names]
    off_screen = from_nowhere(rng, absent, times, seconds)
    if rng.random() < 0.15:  # something faint in the distance, whatever else sounds
        start = rng.uniform(0, seconds - 2)
        off_screen.append(
            Voicing(str(rng.choice(absent)), int(rng.integers(2**31)), rng.uniform(-18, -12), [(start, start + 2)])
        )
    nearer = [int(index) for index in rng.permutation(count + silent)]
    return Scene(things[:count], voices, things[count:], off_screen, [*nearer, *range(count + silent, len(things))])


def _cast(rng: Generator, count: int) -> list[str]:
    """Names of different classes; the second and third now and then kin of the first."""
    names = [str(rng.choice(classes.HARD))]
    while len(names) < count:
        relatives = [name for name in classes.kin(names[0]) if name not in names]
        strangers = [name for name in classes.HARD if name not in names]
        names.append(str(rng.choice(relatives if relatives and rng.random() < KIN else strangers)))
    return names


def timetable(rng: Generator, count: int, seconds: float) -> list[list[Interval]]:
    """When each of one to three objects sounds: in turns, several at once, or one alone beside silent ones."""
    if count == 1:
        return [stretches(rng, seconds, steady=rng.random() < 0.5)]
    pattern = rng.choice(["turns", "together", "alone"], p=[0.4, 0.35, 0.25])
    if pattern == "turns":
        return _turns(rng, count, seconds)
    sounding = 1 if pattern == "alone" else int(rng.integers(2, count + 1))
    chosen = rng.permutation(count)[:sounding]
    return [
        stretches(rng, seconds, steady=pattern == "alone" or rng.random() < 0.6) if index in chosen else []
        for index in range(count)
    ]


def _turns(rng: Generator, count: int, seconds: float) -> list[list[Interval]]:
    """One object after the other, none twice in a row, nearly without a gap, now and then with a pause."""
    times: list[list[Interval]] = [[] for _ in range(count)]
    whose, start = int(rng.integers(count)), rng.uniform(0.0, 0.25)
    while start < seconds - 0.9:
        end = start + rng.uniform(1.5, 2.6)
        if end > seconds - 1.0:
            end = seconds
        times[whose].append((start, end))
        start = end + (rng.uniform(0.02, 0.35) if rng.random() < 0.75 else rng.uniform(0.7, 1.3))
        whose = (whose + int(rng.integers(1, count))) % count
    return times


def _arrange(rng: Generator, images: list[Image.Image]) -> list[Motion]:
    """A place for each thing, wholly in view; four in ten are wanted partly before or behind another.

    Of all places tried the one is taken whose overlap with the other things is nearest to what is wanted.
    """
    motions: list[Motion] = []
    taken: list[tuple[float, float, float, float]] = []
    for image in images:
        roams = rng.random() < 0.25
        sway = (rng.uniform(30, 70), rng.uniform(3, 25)) if roams else (rng.uniform(2, 16), rng.uniform(1, 9))
        half_w, half_h = image.width / 2 + sway[0] * 0.7, image.height / 2 + sway[1] * 0.7
        wanted = rng.uniform(0.15, COVERED) if rng.random() < 0.4 else 0.0
        shy = rng.random() < 0.5  # of the middle, or pointing at it would be right too often
        best, chosen = float("inf"), (WIDTH / 2, HEIGHT / 2)
        for _ in range(PLACES):
            x = rng.uniform(min(half_w, WIDTH / 2) - 4, max(WIDTH - half_w, WIDTH / 2) + 4)
            y = rng.uniform(min(half_h, HEIGHT / 2) - 2, max(HEIGHT - half_h, HEIGHT / 2) + 4)
            own = (x - half_w, y - half_h, x + half_w, y + half_h)
            shares = [overlap(own, other) for other in taken]
            cost = abs(max(shares, default=wanted) - wanted) + max(0.0, sum(shares) - COVERED)
            if shy and own[0] < WIDTH / 2 < own[2] and own[1] < HEIGHT / 2 < own[3]:
                cost += 0.25
            if cost < best:
                best, chosen = cost, (x, y)
        x, y = chosen
        taken.append((x - half_w, y - half_h, x + half_w, y + half_h))
        motion = sway_about(rng, x, y, sway)
        slow = (rng.uniform(0.06, 0.14), rng.uniform(0.06, 0.2))
        motions.append(replace(motion, tempo=slow) if roams else motion)
    return motions


def _pass(rng: Generator, image: Image.Image) -> Motion:
    """From beyond one side of the picture to beyond the other, and perhaps back."""
    beyond = WIDTH / 2 + image.width / 2 + 10
    motion = sway_about(rng, WIDTH / 2, rng.uniform(0.2, 0.8) * HEIGHT, (beyond, rng.uniform(0, 12)))
    return replace(motion, tempo=(rng.uniform(0.08, 0.13), motion.tempo[1]))
