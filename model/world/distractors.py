"""Things that never sound, drawn as brightly as the things that do."""

from math import cos, pi, sin

import numpy as np

from model.world.drawing import GOLD, INK, WHITE, Painter, Pen, darker, hue, lighter, mix, ring, smooth


def ball(pen: Pen, rng: np.random.Generator) -> None:
    """A beach ball in coloured wedges."""
    first, turn = rng.uniform(0, 360), rng.uniform(0, 2 * pi)
    pen.oval(0.5, 0.5, 0.45, 0.45, WHITE)

    def wedges(layer: Pen) -> None:
        for k in range(6):
            middle = turn + k * pi / 3
            arc = [(0.5 + 0.5 * cos(middle + d * pi / 18), 0.5 + 0.5 * sin(middle + d * pi / 18)) for d in range(-3, 4)]
            layer.shape([(0.42, 0.4), *arc], hue(first + 90 * k, 0.75, 0.95) if k % 2 else WHITE, INK, 0.01)

    pen.inside(ring(0.5, 0.5, 0.45, 0.45), wedges)
    pen.oval(0.42, 0.4, 0.06, 0.06, WHITE)
    pen.line(ring(0.5, 0.5, 0.45, 0.45))


def cactus(pen: Pen, rng: np.random.Generator) -> None:
    """A cactus in flower, in a patterned pot."""
    green, pot = hue(rng.uniform(110, 165), 0.5, rng.uniform(0.45, 0.65)), hue(rng.uniform(0, 360), 0.5, 0.85)
    for points, width in (
        ([(0.5, 0.7), (0.5, 0.18)], 0.25),
        ([(0.5, 0.5), (0.76, 0.48), (0.78, 0.3)], 0.13),
        ([(0.5, 0.58), (0.24, 0.54), (0.22, 0.38)], 0.13),
    ):
        pen.curve(points, INK, width + 0.032)
        pen.curve(points, green, width)
    pen.curve([(0.5, 0.7), (0.5, 0.18)], green, 0.25)
    for k in range(12):
        x, y = 0.42 + 0.08 * (k % 3), 0.2 + 0.11 * (k // 3)
        pen.line([(x, y), (x, y + 0.04)], lighter(green, 0.6), 0.012)
    for k in range(5):
        pen.oval(0.5 + 0.06 * cos(k * 1.26), 0.08 + 0.05 * sin(k * 1.26), 0.045, 0.04, hue(330, 0.5, 0.98), width=0.01)
    pen.shape([(0.24, 0.68), (0.76, 0.68), (0.68, 0.97), (0.32, 0.97)], pot)
    pen.box(0.21, 0.64, 0.79, 0.73, lighter(pot, 0.2), 0.02)
    pen.curve([(0.32, 0.84), (0.4, 0.8), (0.5, 0.86), (0.6, 0.8), (0.67, 0.84)], WHITE, 0.024)


def gift(pen: Pen, rng: np.random.Generator) -> None:
    """A wrapped box with dots and a bow."""
    paper, band = hue(rng.uniform(0, 360), 0.6, 0.85), hue(rng.uniform(0, 360), 0.7, 0.95)
    pen.box(0.12, 0.4, 0.88, 0.96, paper, 0.02)
    for _ in range(16):
        pen.oval(rng.uniform(0.17, 0.83), rng.uniform(0.5, 0.91), 0.028, 0.028, lighter(paper, 0.6), None)
    pen.box(0.43, 0.4, 0.57, 0.96, band)
    pen.box(0.07, 0.28, 0.93, 0.46, lighter(paper, 0.15), 0.02)
    pen.box(0.43, 0.28, 0.57, 0.46, band)
    for side in (-1, 1):
        pen.blob([(0.5, 0.27), (0.5 + side * 0.12, 0.05), (0.5 + side * 0.3, 0.08), (0.5 + side * 0.22, 0.25)], band)
    pen.oval(0.5, 0.25, 0.06, 0.06, darker(band, 0.15))


def kite(pen: Pen, rng: np.random.Generator) -> None:
    """A quartered kite with a bowed tail."""
    first = rng.uniform(0, 360)
    corners = [(0.5, 0.02), (0.82, 0.32), (0.5, 0.74), (0.18, 0.32)]
    for k in range(4):
        pen.shape([corners[k], corners[(k + 1) % 4], (0.5, 0.32)], hue(first + (0, 130)[k % 2], 0.7, 0.95))
    tail = [(0.5, 0.74), (0.42, 0.82), (0.54, 0.89), (0.44, 0.97)]
    pen.curve(tail, INK, 0.018)
    for x, y in tail[1:]:
        pen.shape(
            [(x - 0.07, y - 0.03), (x + 0.07, y + 0.03), (x + 0.07, y - 0.03), (x - 0.07, y + 0.03)],
            hue(first + 60, 0.7, 0.95),
        )


def mug(pen: Pen, rng: np.random.Generator) -> None:
    """A striped mug with something hot in it."""
    clay = hue(rng.uniform(0, 360), rng.uniform(0.3, 0.65), 0.9)
    pen.line(ring(0.72, 0.56, 0.19, 0.2, -90, 90), INK, 0.12)
    pen.line(ring(0.72, 0.56, 0.19, 0.2, -90, 90), clay, 0.085)
    body = [(0.12, 0.25), *ring(0.43, 0.9, 0.3, 0.07, 180, 0), (0.74, 0.25)]
    pen.shape(body, clay)

    def stripes(layer: Pen) -> None:
        for level in (0.45, 0.6, 0.75):
            layer.line(ring(0.43, level, 0.4, 0.08, 180, 0), WHITE, 0.05)

    pen.inside(body, stripes)
    pen.line([*body, body[0]])
    pen.oval(0.43, 0.25, 0.31, 0.08, lighter(clay, 0.5))
    pen.oval(0.43, 0.26, 0.25, 0.055, (110, 66, 44), None)
    for x in (0.32, 0.46):
        pen.curve([(x, 0.19), (x + 0.05, 0.13), (x - 0.01, 0.08), (x + 0.04, 0.02)], WHITE, 0.026)


def umbrella(pen: Pen, rng: np.random.Generator) -> None:
    """An open umbrella in two colours."""
    first, second = hue(rng.uniform(0, 360), 0.7, 0.9), hue(rng.uniform(0, 360), 0.35, 0.98)
    pen.curve([(0.5, 0.3), (0.5, 0.85), (0.55, 0.95), (0.63, 0.92), (0.64, 0.84)], INK, 0.05)
    pen.curve([(0.5, 0.3), (0.5, 0.85), (0.55, 0.95), (0.63, 0.92), (0.64, 0.84)], (196, 140, 90), 0.024)
    edges = [-0.46, -0.24, 0.0, 0.24, 0.46]
    for k in (0, 3, 1, 2):
        left, right = 0.5 + edges[k], 0.5 + edges[k + 1]
        hem = ring((left + right) / 2, 0.52, (right - left) / 2, 0.07, 0, -180)
        pen.shape(
            [
                *smooth([(0.5, 0.1), ((left + 0.5) / 2 + 0.6 * (left - 0.5) / 2, 0.24), (left, 0.52)], closed=False),
                *hem[::-1],
                *smooth([(right, 0.52), ((right + 0.5) / 2 + 0.6 * (right - 0.5) / 2, 0.24), (0.5, 0.1)], closed=False),
            ],
            first if k % 2 else second,
        )
    pen.line([(0.5, 0.1), (0.5, 0.03)], INK, 0.035)


def balloon(pen: Pen, rng: np.random.Generator) -> None:
    """A balloon on a string, with stars."""
    skin = hue(rng.uniform(0, 360), 0.7, 0.95)
    body = smooth([(0.5, 0.02), (0.8, 0.18), (0.8, 0.46), (0.5, 0.74), (0.2, 0.46), (0.2, 0.18)])
    pen.curve([(0.5, 0.76), (0.56, 0.83), (0.44, 0.9), (0.52, 0.98)], INK, 0.02)
    pen.shape(body, skin)
    for _ in range(5):
        x, y, turn = rng.uniform(0.32, 0.68), rng.uniform(0.18, 0.56), rng.uniform(0, 1)
        star = [
            (x + r * cos(turn + k * pi / 5), y + r * sin(turn + k * pi / 5)) for k, r in enumerate([0.05, 0.02] * 5)
        ]
        pen.shape(star, (255, 246, 190), None)
    pen.blob([(0.28, 0.38), (0.28, 0.2), (0.4, 0.12), (0.34, 0.24)], lighter(skin, 0.7), None)
    pen.shape([(0.44, 0.79), (0.5, 0.72), (0.56, 0.79)], skin)


def lamp(pen: Pen, rng: np.random.Generator) -> None:
    """A table lamp with a pleated shade."""
    shade, foot = hue(rng.uniform(0, 360), 0.45, 0.95), hue(rng.uniform(0, 360), 0.4, 0.5)
    pen.box(0.46, 0.48, 0.54, 0.8, GOLD)
    pen.oval(0.5, 0.77, 0.15, 0.11, foot)
    pen.box(0.28, 0.87, 0.72, 0.96, darker(foot), 0.03)
    pen.shape([(0.34, 0.05), (0.66, 0.05), (0.86, 0.52), (0.14, 0.52)], shade)
    for k in range(1, 6):
        pen.line([(0.34 + 0.053 * k, 0.06), (0.14 + 0.12 * k, 0.51)], darker(shade, 0.25), 0.018)
    pen.line([(0.15, 0.5), (0.85, 0.5)], WHITE, 0.03)


def toadstool(pen: Pen, rng: np.random.Generator) -> None:
    """A spotted toadstool."""
    cap = hue(rng.uniform(0, 360), 0.7, 0.85)
    pen.blob([(0.4, 0.45), (0.6, 0.45), (0.62, 0.7), (0.7, 0.94), (0.3, 0.94), (0.38, 0.7)], WHITE)
    pen.line([(0.44, 0.6), (0.44, 0.86)], mix(WHITE, INK, 0.2), 0.02)
    dome = smooth(
        [(0.5, 0.05), (0.82, 0.2), (0.97, 0.5), (0.75, 0.57), (0.5, 0.54), (0.25, 0.57), (0.03, 0.5), (0.18, 0.2)]
    )
    pen.shape(dome, cap)

    def spots(layer: Pen) -> None:
        for x, y, r in (
            (0.5, 0.2, 0.09),
            (0.27, 0.35, 0.07),
            (0.73, 0.36, 0.08),
            (0.5, 0.43, 0.05),
            (0.12, 0.5, 0.05),
            (0.9, 0.5, 0.05),
        ):
            layer.oval(x, y, r, r * 0.85, WHITE, None)

    pen.inside(dome, spots)
    pen.line([*dome, dome[0]])


def books(pen: Pen, rng: np.random.Generator) -> None:
    """A leaning pile of books."""
    for k in range(4):
        low = 0.95 - 0.22 * k
        left = 0.06 + rng.uniform(0, 0.12)
        cover = hue(rng.uniform(0, 360), 0.55, rng.uniform(0.6, 0.9))
        pen.box(left, low - 0.2, left + 0.76, low, cover, 0.03)
        pen.box(left + 0.66, low - 0.165, left + 0.79, low - 0.035, WHITE, 0.0, width=0.01)
        pen.line([(left + 0.12, low - 0.19), (left + 0.12, low - 0.01)], GOLD, 0.026)
        pen.line([(left + 0.26, low - 0.1), (left + 0.5, low - 0.1)], lighter(cover, 0.6), 0.03)


def fish(pen: Pen, rng: np.random.Generator) -> None:
    """A goldfish bowl."""
    water, scales = hue(rng.uniform(180, 215), 0.35, 0.95), hue(rng.uniform(0, 360), 0.8, 0.95)
    glass = ring(0.5, 0.55, 0.44, 0.41)
    pen.shape(glass, (236, 246, 250))
    pen.inside(glass, lambda layer: layer.box(0, 0.36, 1, 1, water, 0, None))
    pen.inside(glass, lambda layer: layer.box(0, 0.84, 1, 1, (230, 206, 150), 0, None))
    pen.shape([(0.3, 0.6), (0.16, 0.5), (0.17, 0.72)], scales)
    pen.oval(0.46, 0.6, 0.19, 0.12, scales)
    for k in range(3):
        pen.line(ring(0.36 + 0.08 * k, 0.6, 0.03, 0.08, -80, 80), lighter(scales, 0.5), 0.014)
    pen.eye(0.57, 0.57, 0.036)
    pen.curve([(0.78, 0.86), (0.74, 0.7), (0.8, 0.58), (0.76, 0.46)], (70, 150, 90), 0.04)
    pen.line([*glass, glass[0]])
    pen.oval(0.5, 0.16, 0.26, 0.05, (236, 246, 250))


def house(pen: Pen, rng: np.random.Generator) -> None:
    """A doll's house."""
    wall, roof = hue(rng.uniform(0, 360), 0.3, 0.95), hue(rng.uniform(0, 360), 0.6, 0.65)
    pen.box(0.68, 0.1, 0.8, 0.4, darker(wall, 0.4))
    pen.box(0.14, 0.4, 0.86, 0.96, wall)
    pen.shape([(0.03, 0.46), (0.5, 0.05), (0.97, 0.46)], roof)
    for level in (0.24, 0.34):
        for k in range(5):
            pen.line(ring(0.34 + 0.08 * k, level, 0.035, 0.035, 0, 180), lighter(roof, 0.4), 0.014)
    pen.box(0.42, 0.62, 0.58, 0.96, darker(roof, 0.1), 0.03)
    for x in (0.2, 0.65):
        pen.box(x, 0.56, x + 0.15, 0.76, (176, 220, 244), 0.01)
        pen.line([(x + 0.075, 0.57), (x + 0.075, 0.75)], WHITE, 0.02)


PAINTERS: dict[str, Painter] = {
    "ball": ball, "cactus": cactus, "gift": gift, "kite": kite, "mug": mug, "umbrella": umbrella, "balloon": balloon,
    "lamp": lamp, "toadstool": toadstool, "books": books, "fish": fish, "house": house,
}  # fmt: skip
