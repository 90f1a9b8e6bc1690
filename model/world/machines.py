"""Machines and household things: one painter each, drawing an individual of its own colours and proportions."""

from math import cos, pi, sin

import numpy as np

from model.world.drawing import GOLD, INK, WHITE, Pen, darker, hue, lighter, ring, smooth


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
