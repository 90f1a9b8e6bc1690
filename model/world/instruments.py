"""Instruments: one painter each, drawing an individual of its own colours and proportions."""

import numpy as np

from model.world.drawing import GOLD, INK, WHITE, Pen, darker, hue, lighter, mix, ring, smooth


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
