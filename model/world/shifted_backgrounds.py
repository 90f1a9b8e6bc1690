"""Other places than those of `backgrounds`: none of their motifs, and darker or plainer on the whole."""

import numpy as np

from model.world.backgrounds import Generator, Place
from model.world.canvas import HEIGHT, WIDTH, Canvas
from model.world.drawing import darker, hue, lighter, mix, ring, smooth


def reef(rng: Generator) -> Canvas:
    """Under water: shafts of light, weeds, corals and bubbles."""
    water = hue(rng.uniform(170, 235), rng.uniform(0.55, 0.8), rng.uniform(0.45, 0.65))
    canvas = Canvas(water)
    canvas.gradient(0, HEIGHT, lighter(water, 0.35), darker(water, 0.55))
    for _ in range(5):
        x, wide, lean = rng.uniform(-20, WIDTH), rng.uniform(10, 34), rng.uniform(-90, 90)
        shaft = mix(water, lighter(water, 0.6), rng.uniform(0.2, 0.5))
        canvas.shape([(x, 0), (x + wide, 0), (x + 2 * wide + lean, 190), (x + lean, 190)], shaft)
    for _ in range(16):
        x, high, sway = rng.uniform(0, WIDTH), rng.uniform(50, 150), rng.uniform(6, 16)
        weed = hue(rng.uniform(90, 170), 0.55, rng.uniform(0.3, 0.6))
        stem = [(x + sway * (k % 2 * 2 - 1), HEIGHT - high * k / 5) for k in range(6)]
        canvas.line(smooth(stem, closed=False), weed, rng.uniform(3, 7))
    for _ in range(9):
        x, y, size = rng.uniform(0, WIDTH), rng.uniform(240, HEIGHT), rng.uniform(12, 30)
        coral = hue(rng.uniform(-40, 40), rng.uniform(0.4, 0.7), rng.uniform(0.6, 0.9))
        for bend in (-1.0, -0.5, 0.0, 0.5, 1.0):
            canvas.line([(x, y), (x + bend * size, y - size * (1.6 - abs(bend)))], coral, 4)
    for _ in range(60):
        x, y, r = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(1, 4)
        canvas.oval(x, y, r, r, lighter(water, 0.7))
        canvas.oval(x, y, r * 0.6, r * 0.6, water)
    return canvas


def night_sky(rng: Generator) -> Canvas:
    """Stars, ringed planets and nebulae."""
    tone = rng.uniform(200, 330)
    dark = hue(tone, rng.uniform(0.5, 0.8), rng.uniform(0.1, 0.25))
    canvas = Canvas(dark)
    for _ in range(30):
        x, y, size = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(20, 70)
        canvas.oval(
            x, y, size, size * 0.5, mix(dark, hue(tone + rng.uniform(-60, 60), 0.7, 0.7), rng.uniform(0.1, 0.3))
        )
    for _ in range(260):
        x, y, r = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0.5, 1.8)
        canvas.oval(x, y, r, r, hue(rng.uniform(0, 360), 0.15, 1.0))
    for _ in range(int(rng.integers(2, 5))):
        x, y, size = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(14, 40)
        globe = hue(rng.uniform(0, 360), 0.5, rng.uniform(0.5, 0.85))
        canvas.oval(x, y, size, size, globe)
        for band in (-0.5, 0.0, 0.5):
            half = size * (1 - band * band) ** 0.5
            canvas.line([(x - half, y + band * size), (x + half, y + band * size)], darker(globe, 0.3), size * 0.12)
        canvas.line(ring(x, y, size * 1.6, size * 0.4), lighter(globe, 0.4), 2)
    return canvas


def kitchen(rng: Generator) -> Canvas:
    """Tiles, hanging ladles and a worktop."""
    tone = rng.uniform(0, 360)
    tile = hue(tone, rng.uniform(0.05, 0.3), rng.uniform(0.55, 0.8))
    canvas = Canvas(darker(tile, 0.4))
    side = rng.uniform(24, 40)
    for row in range(int(HEIGHT / side) + 1):
        for column in range(int(WIDTH / side) + 1):
            shade = mix(tile, hue(tone + 150, 0.4, 0.6), float(rng.choice([0.0, 0.0, 0.1, 0.6])))
            canvas.box(column * side, row * side, column * side + side - 2.5, row * side + side - 2.5, shade)
    steel = hue(210, 0.1, rng.uniform(0.35, 0.6))
    canvas.box(0, 40, WIDTH, 45, darker(steel))
    for k in range(7):
        x, long = 30 + 55 * k + rng.uniform(-12, 12), rng.uniform(45, 85)
        canvas.line([(x, 45), (x, 45 + long)], steel, 4)
        canvas.oval(x, 45 + long, rng.uniform(7, 15), rng.uniform(7, 15), steel)
    wood = hue(rng.uniform(15, 40), 0.5, rng.uniform(0.35, 0.55))
    canvas.box(0, 236, WIDTH, HEIGHT, wood)
    for k in range(14):
        y = 238 + 4.5 * k
        grain = [(x, y + rng.uniform(-1.5, 1.5)) for x in range(0, WIDTH + 41, 40)]
        canvas.line(smooth(grain, closed=False), darker(wood, 0.25), 1.2)
    return canvas


def circuit(rng: Generator) -> Canvas:
    """A circuit board: tracks that turn at right angles, pads and chips."""
    board = hue(rng.choice([130.0, 215.0, 350.0]) + rng.uniform(-12, 12), 0.6, rng.uniform(0.25, 0.42))
    track = lighter(board, 0.3)
    canvas = Canvas(board)
    for _ in range(70):
        x, y = 10.0 * int(rng.integers(WIDTH // 10)), 10.0 * int(rng.integers(HEIGHT // 10))
        path = [(x, y)]
        for turn in range(int(rng.integers(2, 5))):
            length = 10.0 * int(rng.integers(-6, 7))
            x, y = (x + length, y) if turn % 2 else (x, y + length)
            path.append((x, y))
        canvas.line(path, track, 2)
        for end in (path[0], path[-1]):
            canvas.oval(*end, 3.2, 3.2, hue(45, 0.5, 0.8))
    for _ in range(int(rng.integers(5, 9))):
        x, y, wide, high = rng.uniform(0, 350), rng.uniform(0, 260), rng.uniform(24, 60), rng.uniform(18, 40)
        for pin in np.arange(x + 4, x + wide - 2, 7).tolist():
            canvas.box(pin, y - 5, pin + 3, y + high + 5, hue(210, 0.05, 0.75))
        canvas.box(x, y, x + wide, y + high, (36, 36, 42))
        canvas.oval(x + 6, y + 6, 2.2, 2.2, (90, 90, 98))
    return canvas


PLACES: tuple[Place, ...] = (reef, night_sky, kitchen, circuit)
