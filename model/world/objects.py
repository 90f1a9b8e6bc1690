"""What the classes look like: one painter each, drawing an individual of its own colours and proportions."""

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np

from model.world.drawing import INK, Pen, darker, hue, lighter, mix, ring, smooth

Painter = Callable[[Pen, np.random.Generator], None]
WHITE = (250, 246, 236)
GOLD = (240, 190, 60)


def drum(pen: Pen, rng: np.random.Generator) -> None:
    """A marching drum: zigzag ropes round a bright body, and two sticks."""
    body = hue(rng.choice([2.0, 222.0]) + rng.uniform(-14, 14), 0.78, 0.82)
    top, bottom, half = 0.38, rng.uniform(0.78, 0.9), rng.uniform(0.38, 0.43)
    side = [(0.5 - half, top), *ring(0.5, bottom, half, 0.1, 180, 0), (0.5 + half, top)]
    pen.shape(side, body)
    count = int(rng.integers(4, 7))
    zigzag = []
    for k in range(2 * count + 1):
        x = -1 + k / count
        sag = 0.1 * (1 - x * x) ** 0.5 if abs(x) < 1 else 0
        zigzag.append((0.5 + half * x, (top + 0.05 if k % 2 else bottom - 0.05) + sag))
    pen.inside(side, lambda layer: layer.line(zigzag, WHITE, 0.022))
    for level, thick in ((bottom, 0.05), (top, 0.05)):
        band = [*ring(0.5, level, half, 0.1, 180, 0), *ring(0.5, level - thick, half, 0.1, 0, 180)]
        pen.shape(band, GOLD)
    pen.oval(0.5, top - 0.05, half, 0.1, WHITE)
    for x1, x2 in ((0.18, 0.48), (0.84, 0.6)):
        pen.line([(x1, 0.08), (x2, 0.32)], INK, 0.05)
        pen.line([(x1, 0.08), (x2, 0.32)], (214, 160, 96), 0.026)
        pen.oval(x2, 0.325, 0.032, 0.026, (236, 190, 130))


def bell(pen: Pen, rng: np.random.Generator) -> None:
    """A copper hand bell under a striped ribbon."""
    copper = hue(rng.uniform(14, 30), rng.uniform(0.68, 0.85), rng.uniform(0.78, 0.92))
    ribbon = hue(rng.uniform(265, 320), 0.55, 0.75)
    flare = rng.uniform(0.36, 0.43)
    pen.oval(0.5, 0.88, 0.075, 0.075, darker(copper, 0.45))
    body = smooth(
        [(0.5, 0.2), (0.66, 0.26), (0.71, 0.48), (0.76, 0.66), (0.5 + flare, 0.84), (0.5, 0.87), (0.5 - flare, 0.84),
         (0.24, 0.66), (0.29, 0.48), (0.34, 0.26)]
    )  # fmt: skip
    pen.shape(body, copper)

    def shine(layer: Pen) -> None:
        layer.blob([(0.3, 0.75), (0.36, 0.4), (0.46, 0.25), (0.44, 0.5), (0.4, 0.78)], lighter(copper, 0.5), None)
        layer.blob([(0.66, 0.8), (0.7, 0.4), (0.9, 0.7), (0.95, 0.85)], darker(copper, 0.25), None)
        layer.line([(0.0, 0.735), (1.0, 0.735)], darker(copper, 0.5), 0.03)

    pen.inside(body, shine)
    pen.line([*body, body[0]])
    for side in (-1, 1):
        pen.blob([(0.5, 0.2), (0.5 + side * 0.14, 0.06), (0.5 + side * 0.27, 0.13), (0.5 + side * 0.2, 0.26)], ribbon)
        pen.curve([(0.5 + side * 0.06, 0.19), (0.5 + side * 0.18, 0.16)], lighter(ribbon, 0.6), 0.022)
    pen.oval(0.5, 0.19, 0.065, 0.06, lighter(ribbon, 0.2))


def bird(pen: Pen, rng: np.random.Generator) -> None:
    """A round blue songbird with a pale belly and an orange beak."""
    feather = hue(rng.uniform(190, 224), rng.uniform(0.6, 0.8), rng.uniform(0.8, 0.95))
    plump = rng.uniform(-0.03, 0.04)
    pen.blob([(0.3, 0.55), (0.04, 0.38 + plump), (0.02, 0.5), (0.1, 0.62), (0.3, 0.72)], darker(feather))
    for x in (0.46, 0.58):
        pen.line([(x, 0.84), (x, 0.96), (x + 0.06, 0.96)], (214, 120, 40), 0.024)
    body = smooth(
        [(0.62, 0.12), (0.82, 0.2), (0.87, 0.42), (0.8, 0.68 + plump), (0.55, 0.87 + plump), (0.28, 0.78 + plump),
         (0.18, 0.58), (0.32, 0.42), (0.46, 0.2)]
    )  # fmt: skip
    pen.shape([(0.84, 0.27), (0.99, 0.35), (0.84, 0.42)], (244, 150, 40))
    pen.shape(body, feather)
    pen.inside(body, lambda layer: layer.oval(0.72, 0.72, 0.25, 0.25, (252, 226, 190), None))
    pen.line([*body, body[0]])
    wing = smooth([(0.26, 0.5), (0.5, 0.44), (0.6, 0.58), (0.5, 0.74), (0.3, 0.7)])
    pen.shape(wing, darker(feather, 0.22))
    for k in range(3):
        pen.curve([(0.34 + 0.07 * k, 0.72), (0.42 + 0.06 * k, 0.66)], lighter(feather), 0.016)
    pen.curve([(0.6, 0.12), (0.55, 0.03), (0.48, 0.04)], darker(feather), 0.03)
    pen.eye(0.7, 0.3, 0.06)


def frog(pen: Pen, rng: np.random.Generator) -> None:
    """A green frog with spots and a wide smile."""
    skin = hue(rng.uniform(88, 132), rng.uniform(0.6, 0.8), rng.uniform(0.62, 0.82))
    wide = rng.uniform(0.36, 0.41)
    for side in (-1, 1):
        pen.blob(
            [(0.5 + side * 0.22, 0.62), (0.5 + side * 0.46, 0.58), (0.5 + side * 0.47, 0.84), (0.5 + side * 0.2, 0.92)],
            skin,
        )
        pen.oval(0.5 + side * 0.3, 0.93, 0.14, 0.045, darker(skin, 0.15))
    body = smooth(
        [(0.5, 0.28), (0.5 + wide, 0.4), (0.5 + wide, 0.7), (0.5, 0.94), (0.5 - wide, 0.7), (0.5 - wide, 0.4)]
    )
    pen.shape(body, skin)
    spots = [(rng.uniform(0.15, 0.85), rng.uniform(0.3, 0.9), rng.uniform(0.025, 0.05)) for _ in range(9)]

    def marks(layer: Pen) -> None:
        layer.oval(0.5, 0.86, 0.26, 0.18, mix(skin, (250, 246, 190), 0.7), None)
        for x, y, radius in spots:
            layer.oval(x, y, radius, radius, darker(skin, 0.4), None)

    pen.inside(body, marks)
    pen.line([*body, body[0]])
    for side in (-1, 1):
        pen.oval(0.5 + side * 0.22, 0.24, 0.135, 0.135, skin)
        pen.eye(0.5 + side * 0.22, 0.23, 0.09, (-side * 0.2, 0.15))
    pen.curve([(0.25, 0.52), (0.37, 0.61), (0.5, 0.635), (0.63, 0.61), (0.75, 0.52)], INK, 0.024)


def train(pen: Pen, rng: np.random.Generator) -> None:
    """A dark red steam engine with yellow trim and spoked wheels."""
    paint = hue(rng.uniform(340, 366), rng.uniform(0.65, 0.8), rng.uniform(0.5, 0.68))
    steel = (82, 84, 100)
    pen.shape([(0.7, 0.42), (0.66, 0.16), (0.88, 0.16), (0.84, 0.42)], steel)
    pen.box(0.64, 0.1, 0.9, 0.18, GOLD, 0.02)
    pen.box(0.42, 0.3, 0.56, 0.45, GOLD, 0.05)
    pen.box(0.34, 0.4, 0.92, 0.72, paint, 0.06)
    for x in (0.48, 0.62, 0.76):
        pen.line([(x, 0.42), (x, 0.7)], GOLD, 0.022)
    pen.oval(0.92, 0.56, 0.035, 0.15, darker(paint))
    pen.box(0.06, 0.18, 0.4, 0.74, lighter(paint, 0.12), 0.02)
    pen.box(0.12, 0.28, 0.33, 0.48, (178, 226, 240), 0.02)
    pen.shape([(0.01, 0.2), (0.08, 0.1), (0.4, 0.1), (0.46, 0.2)], steel)
    pen.shape([(0.86, 0.74), (0.99, 0.9), (0.8, 0.9)], GOLD)
    pen.box(0.05, 0.72, 0.9, 0.8, steel, 0.02)
    for x, radius in ((0.22, 0.15), (0.52, 0.12), (0.76, 0.12)):
        pen.oval(x, 0.96 - radius, radius, radius, steel)
        pen.oval(x, 0.96 - radius, radius * 0.7, radius * 0.7, GOLD, width=0.01)
        turn = rng.uniform(0, pi)
        for k in range(3):
            dx, dy = radius * 0.7 * cos(turn + k * pi / 3), radius * 0.7 * sin(turn + k * pi / 3)
            pen.line([(x - dx, 0.96 - radius - dy), (x + dx, 0.96 - radius + dy)], steel, 0.018)


def guitar(pen: Pen, rng: np.random.Generator) -> None:
    """An acoustic guitar of grained wood, leaning."""
    wood = hue(rng.uniform(24, 40), rng.uniform(0.55, 0.7), rng.uniform(0.8, 0.95))
    dark = (92, 54, 38)
    waist = rng.uniform(0.13, 0.16)
    pen.box(0.455, 0.1, 0.545, 0.55, dark, 0.0)
    pen.shape([(0.43, 0.01), (0.57, 0.01), (0.55, 0.13), (0.45, 0.13)], darker(dark, 0.1))
    for k in range(3):
        for x in (0.41, 0.59):
            pen.oval(x, 0.03 + 0.037 * k, 0.018, 0.012, WHITE, width=0.008)
    body = smooth(
        [(0.5, 0.42), (0.66, 0.42), (0.72, 0.5), (0.5 + waist + 0.02, 0.61), (0.77, 0.72), (0.77, 0.88), (0.62, 0.98),
         (0.38, 0.98), (0.23, 0.88), (0.23, 0.72), (0.48 - waist, 0.61), (0.28, 0.5), (0.34, 0.42)]
    )  # fmt: skip
    pen.shape(body, wood, dark, 0.03)

    def grain(layer: Pen) -> None:
        for k in range(9):
            x = 0.22 + 0.07 * k
            layer.curve([(x, 0.4), (x + 0.015, 0.7), (x - 0.01, 1.0)], mix(wood, dark, 0.28), 0.01)

    pen.inside(body, grain)
    pen.line([*body, body[0]], dark, 0.026)
    pen.oval(0.5, 0.65, 0.085, 0.085, (56, 34, 30), (250, 226, 170), 0.016)
    pen.box(0.46, 0.1, 0.54, 0.58, dark, 0.0, None)
    pen.box(0.4, 0.84, 0.6, 0.875, dark, 0.01)
    for k in range(4):
        pen.line([(0.475 + 0.0166 * k, 0.08), (0.47 + 0.02 * k, 0.85)], (250, 240, 214), 0.006)


def kettle(pen: Pen, rng: np.random.Generator) -> None:
    """A teal enamel kettle with a flower on it."""
    enamel = hue(rng.uniform(160, 184), rng.uniform(0.5, 0.7), rng.uniform(0.62, 0.8))
    fat = rng.uniform(0.0, 0.05)
    pen.curve([(0.24, 0.42), (0.26, 0.12), (0.46, 0.03), (0.66, 0.12), (0.68, 0.42)], INK, 0.075)
    pen.curve([(0.24, 0.42), (0.26, 0.12), (0.46, 0.03), (0.66, 0.12), (0.68, 0.42)], (120, 74, 50), 0.045)
    pen.shape([(0.7, 0.74), (0.9, 0.36), (0.99, 0.34), (0.97, 0.46), (0.8, 0.86)], darker(enamel, 0.12))
    body = smooth(
        [
            (0.45, 0.33),
            (0.64, 0.38),
            (0.78 + fat, 0.6),
            (0.78 + fat, 0.82),
            (0.7, 0.92),
            (0.2, 0.92),
            (0.12 - fat, 0.82),
            (0.12 - fat, 0.6),
            (0.26, 0.38),
        ]
    )
    pen.shape(body, enamel)
    pen.inside(body, lambda layer: layer.box(0.0, 0.84, 1.0, 1.0, darker(enamel, 0.35), 0, None))
    pen.inside(
        body, lambda layer: layer.blob([(0.17, 0.7), (0.2, 0.5), (0.32, 0.42), (0.26, 0.7)], lighter(enamel), None)
    )
    pen.line([*body, body[0]])
    pen.oval(0.45, 0.35, 0.19, 0.05, lighter(enamel, 0.2))
    pen.oval(0.45, 0.29, 0.045, 0.045, (120, 74, 50))
    for k in range(6):
        angle = k * pi / 3
        pen.oval(0.48 + 0.095 * cos(angle), 0.65 + 0.095 * sin(angle), 0.06, 0.06, WHITE, None)
    pen.oval(0.48, 0.65, 0.055, 0.055, GOLD, None)


def clock(pen: Pen, rng: np.random.Generator) -> None:
    """A tall wall clock: a white dial in a violet case, a pendulum below."""
    case = hue(rng.uniform(252, 282), rng.uniform(0.42, 0.6), rng.uniform(0.48, 0.66))
    narrow = rng.uniform(0.0, 0.04)
    pen.shape([(0.22 + narrow, 0.24), (0.5, 0.01), (0.78 - narrow, 0.24)], darker(case, 0.2))
    pen.box(0.2 + narrow, 0.2, 0.8 - narrow, 0.97, case, 0.03)
    pen.box(0.34, 0.68, 0.66, 0.93, darker(case, 0.55), 0.02)
    swing = rng.uniform(-0.08, 0.08)
    pen.line([(0.5, 0.68), (0.5 + swing, 0.84)], GOLD, 0.022)
    pen.oval(0.5 + swing, 0.85, 0.06, 0.06, GOLD)
    pen.oval(0.5, 0.43, 0.225, 0.225, WHITE, GOLD, 0.03)
    for k in range(12):
        angle = k * pi / 6
        inner = 0.16 if k % 3 else 0.145
        pen.line(
            [
                (0.5 + inner * cos(angle), 0.43 + inner * sin(angle)),
                (0.5 + 0.185 * cos(angle), 0.43 + 0.185 * sin(angle)),
            ],
            INK,
            0.02 if k % 3 == 0 else 0.012,
        )
    for length, angle, width in ((0.1, rng.uniform(0, 2 * pi), 0.03), (0.15, rng.uniform(0, 2 * pi), 0.02)):
        pen.line([(0.5, 0.43), (0.5 + length * cos(angle), 0.43 + length * sin(angle))], INK, width)
    pen.oval(0.5, 0.43, 0.022, 0.022, (200, 50, 60), None)


def dog(pen: Pen, rng: np.random.Generator) -> None:
    """A brown dog's head with floppy ears, a pale muzzle and its tongue out."""
    fur = hue(rng.uniform(16, 32), rng.uniform(0.5, 0.68), rng.uniform(0.5, 0.68))
    ear = darker(fur, 0.45)
    muzzle = mix(fur, (255, 240, 220), 0.75)
    drop = rng.uniform(-0.05, 0.08)
    head = smooth(
        [(0.5, 0.08), (0.74, 0.16), (0.82, 0.42), (0.74, 0.72), (0.5, 0.9), (0.26, 0.72), (0.18, 0.42), (0.26, 0.16)]
    )
    pen.shape(head, fur)
    if rng.random() < 0.6:
        pen.inside(head, lambda layer: layer.oval(0.66, 0.36, 0.16, 0.2, muzzle, None))
    pen.inside(head, lambda layer: layer.blob([(0.45, 0.0), (0.55, 0.0), (0.56, 0.5), (0.44, 0.5)], muzzle, None))
    pen.line([*head, head[0]])
    pen.blob([(0.42, 0.8), (0.58, 0.8), (0.57, 0.97), (0.5, 0.99), (0.43, 0.97)], (238, 120, 130))
    pen.oval(0.5, 0.68, 0.22, 0.17, muzzle)
    pen.curve([(0.36, 0.76), (0.44, 0.8), (0.5, 0.74), (0.56, 0.8), (0.64, 0.76)], INK, 0.018)
    pen.line([(0.5, 0.64), (0.5, 0.74)], INK, 0.018)
    pen.blob([(0.4, 0.57), (0.5, 0.54), (0.6, 0.57), (0.5, 0.66)], INK, None)
    for side in (-1, 1):
        pen.blob(
            [
                (0.5 + side * 0.2, 0.1),
                (0.5 + side * 0.38, 0.14),
                (0.5 + side * 0.47, 0.44 + drop),
                (0.5 + side * 0.4, 0.64 + drop),
                (0.5 + side * 0.3, 0.42),
            ],
            ear,
        )
        pen.eye(0.5 + side * 0.15, 0.38, 0.062, (-side * 0.15, 0.1))


def cow(pen: Pen, rng: np.random.Generator) -> None:
    """A white cow's head with black patches, horns and a pink nose."""
    white, black = (250, 248, 244), mix((34, 30, 36), (96, 60, 48), rng.random() * 0.6)
    pink = hue(rng.uniform(345, 362), rng.uniform(0.26, 0.38), 0.97)
    for side in (-1, 1):
        pen.blob(
            [(0.5 + side * 0.2, 0.2), (0.5 + side * 0.34, 0.13), (0.5 + side * 0.33, 0.0), (0.5 + side * 0.2, 0.08)],
            (232, 214, 160),
        )
        pen.blob(
            [(0.5 + side * 0.24, 0.26), (0.5 + side * 0.46, 0.2), (0.5 + side * 0.48, 0.34), (0.5 + side * 0.3, 0.4)],
            black,
        )
        pen.oval(0.5 + side * 0.38, 0.29, 0.06, 0.04, pink, None)
    head = smooth(
        [(0.5, 0.1), (0.72, 0.18), (0.76, 0.42), (0.72, 0.74), (0.5, 0.86), (0.28, 0.74), (0.24, 0.42), (0.28, 0.18)]
    )
    pen.shape(head, white)
    tilt = rng.uniform(-0.05, 0.08)

    def patches(layer: Pen) -> None:
        layer.blob([(0.1, 0.1), (0.4, 0.05), (0.46, 0.3 + tilt), (0.36, 0.52 + tilt), (0.15, 0.55)], black, None)
        layer.blob([(0.62, 0.05), (0.9, 0.1), (0.9, 0.4), (0.68, 0.26 - tilt)], black, None)
        layer.blob([(0.66, 0.52), (0.85, 0.48), (0.85, 0.64), (0.7, 0.64)], black, None)

    pen.inside(head, patches)
    pen.line([*head, head[0]])
    for side in (-1, 1):
        pen.eye(0.5 + side * 0.13, 0.38, 0.065, (-side * 0.15, 0.15))
    pen.oval(0.5, 0.76, rng.uniform(0.28, 0.32), 0.19, pink)
    for side in (-1, 1):
        pen.oval(0.5 + side * 0.12, 0.72, 0.034, 0.05, darker(pink, 0.45), None)
    pen.curve([(0.36, 0.84), (0.5, 0.89), (0.64, 0.84)], INK, 0.02)


def trumpet(pen: Pen, rng: np.random.Generator) -> None:
    """A yellow trumpet with three valves."""
    brass = hue(rng.uniform(43, 54), rng.uniform(0.7, 0.88), rng.uniform(0.92, 1.0))
    shade = darker(brass, 0.35)
    tall = rng.uniform(0.0, 0.06)
    pen.line([(0.03, 0.4), (0.7, 0.4)], INK, 0.09)
    pen.line([(0.2, 0.66 + tall), (0.62, 0.66 + tall)], INK, 0.09)
    for x, start, end in ((0.2, 90, 270), (0.62, -90, 90)):
        pen.line(ring(x, 0.53 + tall / 2, 0.12, 0.13 + tall / 2, start, end), INK, 0.09)
    for x, start, end in ((0.2, 90, 270), (0.62, -90, 90)):
        pen.line(ring(x, 0.53 + tall / 2, 0.12, 0.13 + tall / 2, start, end), brass, 0.058)
    pen.line([(0.03, 0.4), (0.7, 0.4)], brass, 0.058)
    pen.line([(0.2, 0.66 + tall), (0.62, 0.66 + tall)], brass, 0.058)
    pen.line([(0.05, 0.385), (0.7, 0.385)], lighter(brass, 0.7), 0.014)
    pen.shape([(0.0, 0.35), (0.045, 0.375), (0.045, 0.425), (0.0, 0.45)], shade)
    flare = smooth([(0.62, 0.36), (0.8, 0.33), (0.93, 0.15), (0.95, 0.4), (0.93, 0.65), (0.8, 0.47), (0.62, 0.44)])
    pen.shape(flare, brass)
    pen.oval(0.945, 0.4, 0.045, 0.26, shade)
    for k in range(3):
        x = 0.31 + 0.1 * k
        pen.box(x - 0.034, 0.3, x + 0.034, 0.76 + tall, lighter(brass, 0.3), 0.02)
        pen.line([(x - 0.012, 0.36), (x - 0.012, 0.7)], (255, 252, 230), 0.012)
        pen.line([(x, 0.3), (x, 0.24)], INK, 0.026)
        pen.oval(x, 0.22, 0.04, 0.024, WHITE)


def bee(pen: Pen, rng: np.random.Generator) -> None:
    """A round striped bee with pale wings and a smile."""
    yellow = hue(rng.uniform(40, 50), 0.85, rng.uniform(0.95, 1.0))
    lift, stripes = rng.uniform(-0.06, 0.03), int(rng.integers(3, 5))
    pen.shape([(0.06, 0.6), (0.18, 0.54), (0.18, 0.68)], INK)
    body = ring(0.48, 0.62, 0.36, 0.27)
    for points in (
        [(0.44, 0.42), (0.2, 0.3 + lift), (0.2, 0.08 + lift), (0.38, 0.1 + lift)],
        [(0.52, 0.42), (0.46, 0.14 + lift), (0.64, 0.01 - lift), (0.74, 0.16 - lift)],
    ):
        pen.blob(points, (216, 236, 250), (120, 140, 176))
    pen.shape(body, yellow)

    def bands(layer: Pen) -> None:
        for k in range(stripes):
            x = 0.2 + 0.4 / stripes * k
            layer.shape([(x, 0.3), (x + 0.2 / stripes, 0.3), (x + 0.2 / stripes, 0.95), (x, 0.95)], INK, None)

    pen.inside(body, bands)
    pen.line(body)
    for x in (0.68, 0.78):
        pen.curve([(x, 0.43), (x + 0.04, 0.3), (x + 0.1, 0.28)], INK, 0.02)
        pen.oval(x + 0.1, 0.28, 0.022, 0.022, INK, None)
    pen.eye(0.7, 0.57, 0.062)
    pen.curve([(0.66, 0.72), (0.71, 0.76), (0.77, 0.71)], INK, 0.018)
    pen.oval(0.62, 0.68, 0.03, 0.022, (246, 140, 120), None)


def robot(pen: Pen, rng: np.random.Generator) -> None:
    """A grey tin robot with a lamp on its antenna, coloured buttons and pincers."""
    tin = hue(rng.uniform(205, 235), rng.uniform(0.06, 0.18), rng.uniform(0.66, 0.82))
    lamp = hue(rng.uniform(0, 360), 0.8, 0.95)
    broad = rng.uniform(0.22, 0.27)
    pen.line([(0.5, 0.16), (0.5, 0.06)], INK, 0.026)
    pen.oval(0.5, 0.05, 0.045, 0.045, lamp)
    for side in (-1, 1):
        pen.curve([(0.5 + side * broad, 0.56), (0.5 + side * 0.37, 0.6), (0.5 + side * 0.39, 0.72)], INK, 0.07)
        pen.curve(
            [(0.5 + side * broad, 0.56), (0.5 + side * 0.37, 0.6), (0.5 + side * 0.39, 0.72)], darker(tin, 0.2), 0.042
        )
        pen.line(ring(0.5 + side * 0.39, 0.78, 0.05, 0.055, 140, 400), INK, 0.035)
        pen.box(0.5 + side * 0.12 - 0.07, 0.84, 0.5 + side * 0.12 + 0.07, 0.98, darker(tin, 0.35), 0.02)
    pen.box(0.5 - broad, 0.46, 0.5 + broad, 0.88, tin, 0.04)
    pen.box(0.24, 0.15, 0.76, 0.46, lighter(tin, 0.25), 0.06)
    pen.box(0.29, 0.2, 0.71, 0.33, (44, 60, 78), 0.05)
    for side in (-1, 1):
        pen.oval(0.5 + side * 0.1, 0.265, 0.045, 0.045, (130, 240, 230), None)
        pen.oval(0.5 + side * 0.29, 0.3, 0.035, 0.06, darker(tin))
    for k in range(5):
        pen.line([(0.38 + 0.06 * k, 0.37), (0.38 + 0.06 * k, 0.42)], INK, 0.018)
    pen.box(0.36, 0.53, 0.64, 0.66, (60, 80, 96), 0.02)
    pen.curve([(0.38, 0.6), (0.44, 0.55), (0.5, 0.64), (0.56, 0.55), (0.62, 0.6)], (140, 240, 160), 0.016)
    for k, colour in enumerate(((226, 74, 70), GOLD, (90, 180, 110))):
        pen.oval(0.4 + 0.1 * k, 0.76, 0.033, 0.033, colour)


def car(pen: Pen, rng: np.random.Generator) -> None:
    """A white and red fire chief's car with a blue beacon."""
    red = hue(rng.uniform(-8, 12), rng.uniform(0.75, 0.9), rng.uniform(0.85, 0.95))
    roof = rng.uniform(0.2, 0.26)
    pen.blob(
        [(0.42, roof + 0.03), (0.43, roof - 0.1), (0.5, roof - 0.15), (0.57, roof - 0.1), (0.58, roof + 0.03)],
        (70, 130, 250),
    )
    pen.shape([(0.17, 0.52), (0.29, roof), (0.69, roof), (0.84, 0.52)], red)
    pen.shape([(0.24, 0.5), (0.325, roof + 0.06), (0.48, roof + 0.06), (0.48, 0.5)], (186, 228, 246))
    pen.shape([(0.53, 0.5), (0.53, roof + 0.06), (0.66, roof + 0.06), (0.76, 0.5)], (186, 228, 246))
    body = smooth(
        [(0.04, 0.54), (0.16, 0.5), (0.5, 0.5), (0.86, 0.5), (0.98, 0.6), (0.98, 0.76), (0.5, 0.79), (0.02, 0.76)],
        steps=5,
    )
    pen.shape(body, red)

    def livery(layer: Pen) -> None:
        layer.box(0.0, 0.6, 1.0, 0.68, WHITE, 0, None)
        for k in range(9):
            layer.shape(
                [(0.12 * k, 0.6), (0.12 * k + 0.05, 0.6), (0.12 * k + 0.01, 0.68), (0.12 * k - 0.04, 0.68)],
                (60, 110, 220),
                None,
            )

    pen.inside(body, livery)
    pen.line([*body, body[0]])
    pen.oval(0.95, 0.6, 0.03, 0.045, (255, 240, 150))
    for x in (0.24, 0.76):
        pen.oval(x, 0.78, 0.125, 0.125, INK)
        pen.oval(x, 0.78, 0.065, 0.065, (206, 210, 220))
        pen.oval(x, 0.78, 0.02, 0.02, INK, None)


PAINTERS: dict[str, Painter] = {
    "drum": drum, "bell": bell, "bird": bird, "frog": frog, "train": train, "guitar": guitar, "kettle": kettle,
    "clock": clock, "dog": dog, "cow": cow, "trumpet": trumpet, "bee": bee, "robot": robot, "car": car,
}  # fmt: skip
