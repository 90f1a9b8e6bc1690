"""What the hard world's further classes look like; each sounds close to one drawn in `objects`."""

from math import cos, pi, sin

import numpy as np

from model.world.drawing import GOLD, INK, WHITE, Painter, Pen, darker, hue, lighter, mix, ring, smooth


def bicycle(pen: Pen, rng: np.random.Generator) -> None:
    """A mint bicycle with a basket in front and spokes in its wheels."""
    frame = hue(rng.uniform(140, 164), rng.uniform(0.5, 0.7), rng.uniform(0.68, 0.85))
    tyre = 0.022 + rng.uniform(0, 0.008)
    for x in (0.23, 0.77):
        pen.oval(x, 0.7, 0.22, 0.22, lighter(frame, 0.75), INK, 2 * tyre)
        turn = rng.uniform(0, pi)
        for k in range(5):
            dx, dy = 0.2 * cos(turn + k * pi / 5), 0.2 * sin(turn + k * pi / 5)
            pen.line([(x - dx, 0.7 - dy), (x + dx, 0.7 + dy)], (120, 130, 140), 0.01)
        pen.oval(x, 0.7, 0.035, 0.035, GOLD)
    tubes = ([(0.23, 0.7), (0.4, 0.36), (0.5, 0.72), (0.23, 0.7)], [(0.5, 0.72), (0.7, 0.36), (0.4, 0.36)],
             [(0.77, 0.7), (0.68, 0.22)])  # fmt: skip
    for colour, width in ((INK, 0.075), (frame, 0.046)):
        for tube in tubes:
            pen.line(tube, colour, width)
    pen.oval(0.5, 0.72, 0.055, 0.055, GOLD)
    pen.blob([(0.28, 0.29), (0.5, 0.29), (0.46, 0.35), (0.32, 0.36)], (110, 62, 46))
    pen.curve([(0.58, 0.22), (0.68, 0.2), (0.72, 0.14)], INK, 0.045)
    pen.shape([(0.72, 0.2), (0.98, 0.2), (0.94, 0.42), (0.76, 0.42)], (206, 158, 96))
    for k in range(4):
        pen.line([(0.77 + 0.055 * k, 0.21), (0.785 + 0.045 * k, 0.41)], (136, 92, 56), 0.012)
    pen.line([(0.73, 0.3), (0.96, 0.3)], (136, 92, 56), 0.012)


def parrot(pen: Pen, rng: np.random.Generator) -> None:
    """An upright scarlet parrot on a perch, its wing banded in yellow and blue, its beak hooked."""
    red = hue(rng.uniform(-8, 8), rng.uniform(0.75, 0.9), rng.uniform(0.82, 0.95))
    long = rng.uniform(-0.03, 0.03)
    for shift, colour in ((0.0, (50, 100, 200)), (0.05, red)):
        pen.blob([(0.4, 0.62), (0.3 + shift, 0.9 + long), (0.36 + shift, 0.98), (0.52, 0.72)], colour)
    pen.line([(0.12, 0.8), (0.9, 0.8)], INK, 0.07)
    pen.line([(0.12, 0.8), (0.9, 0.8)], (158, 108, 70), 0.042)
    body = smooth([(0.55, 0.04), (0.73, 0.12), (0.75, 0.3), (0.76, 0.5), (0.66, 0.74), (0.48, 0.78), (0.36, 0.62),
                   (0.36, 0.4), (0.4, 0.14)])  # fmt: skip
    pen.shape(body, red)
    wing = smooth([(0.3, 0.34), (0.5, 0.32), (0.58, 0.46), (0.46, 0.72), (0.3, 0.84), (0.26, 0.56)])
    pen.shape(wing, red)

    def bands(layer: Pen) -> None:
        layer.box(0.0, 0.46, 1.0, 0.58, (250, 206, 60), 0, None)
        layer.box(0.0, 0.58, 1.0, 1.0, (50, 104, 206), 0, None)
        for k in range(4):
            layer.line([(0.3 + 0.06 * k, 0.5), (0.26 + 0.06 * k, 0.85)], (28, 60, 140), 0.012)

    pen.inside(wing, bands)
    pen.line([*wing, wing[0]])
    pen.oval(0.65, 0.19, 0.1, 0.09, WHITE)
    pen.eye(0.63, 0.17, 0.05)
    pen.blob([(0.7, 0.13), (0.84, 0.17), (0.86, 0.32), (0.8, 0.28), (0.7, 0.28)], (62, 56, 62))
    for x in (0.5, 0.6):
        pen.box(x, 0.75, x + 0.06, 0.83, (130, 126, 136), 0.02)


def owl(pen: Pen, rng: np.random.Generator) -> None:
    """A stout purplish-grey owl with tufts, great yellow eyes and a scaled breast."""
    down = hue(rng.uniform(270, 310), rng.uniform(0.14, 0.26), rng.uniform(0.42, 0.56))
    pale = mix(down, (250, 236, 220), 0.7)
    broad = rng.uniform(0.35, 0.4)
    body = smooth([(0.5, 0.12), (0.7, 0.14), (0.5 + broad, 0.4), (0.5 + broad, 0.72), (0.66, 0.94), (0.34, 0.94),
                   (0.5 - broad, 0.72), (0.5 - broad, 0.4), (0.3, 0.14)])  # fmt: skip
    for side in (-1, 1):
        pen.shape([(0.5 + side * 0.12, 0.16), (0.5 + side * 0.3, 0.02), (0.5 + side * 0.3, 0.24)], darker(down))
    pen.shape(body, down)

    def breast(layer: Pen) -> None:
        layer.oval(0.5, 0.78, 0.24, 0.26, pale, None)
        for row in range(4):
            for k in range(5 - row % 2):
                x = 0.32 + 0.09 * k + 0.045 * (row % 2)
                layer.line(ring(x, 0.6 + 0.09 * row, 0.035, 0.04, 0, 180), down, 0.02)

    pen.inside(body, breast)
    pen.line([*body, body[0]])
    for side in (-1, 1):
        pen.blob(
            [(0.5 + side * 0.3, 0.48), (0.5 + side * 0.46, 0.6), (0.5 + side * 0.4, 0.88), (0.5 + side * 0.27, 0.76)],
            darker(down, 0.35),
        )
        pen.oval(0.5 + side * 0.15, 0.34, 0.15, 0.15, pale)
        pen.oval(0.5 + side * 0.14, 0.34, 0.1, 0.1, (250, 200, 50))
        pen.oval(0.5 + side * 0.13, 0.34, 0.052, 0.056, INK, None)
        pen.oval(0.5 + side * 0.115, 0.32, 0.018, 0.018, (255, 255, 255), None)
        pen.oval(0.5 + side * 0.12, 0.95, 0.07, 0.03, (240, 160, 50))
    pen.shape([(0.45, 0.41), (0.55, 0.41), (0.5, 0.53)], (240, 160, 50))


def flute(pen: Pen, rng: np.random.Generator) -> None:
    """A silver flute lying aslant on a magenta cushion."""
    silver = hue(rng.uniform(190, 230), rng.uniform(0.04, 0.12), rng.uniform(0.86, 0.96))
    cushion = hue(rng.uniform(305, 330), rng.uniform(0.5, 0.7), rng.uniform(0.6, 0.78))
    soft = rng.uniform(-0.02, 0.04)
    pillow = smooth([(0.12, 0.5), (0.5, 0.4 - soft), (0.88, 0.5), (0.94, 0.72), (0.86, 0.92), (0.5, 0.93 + soft),
                     (0.14, 0.92), (0.06, 0.72)])  # fmt: skip
    pen.shape(pillow, cushion)

    def quilting(layer: Pen) -> None:
        for k in range(-5, 11):
            layer.line([(0.1 * k, 0.3), (0.1 * k + 0.6, 1.0)], darker(cushion, 0.25), 0.012)
            layer.line([(0.1 * k + 0.5, 0.3), (0.1 * k - 0.1, 1.0)], darker(cushion, 0.25), 0.012)

    pen.inside(pillow, quilting)
    pen.line([*pillow, pillow[0]])
    for x, y in ((0.07, 0.48), (0.93, 0.48), (0.07, 0.93), (0.93, 0.93)):
        pen.oval(x, y, 0.045, 0.045, GOLD)
    rise = rng.uniform(0.2, 0.34)
    ends = [(0.03, 0.5 + rise), (0.97, 0.5 - rise)]
    pen.line(ends, INK, 0.125)
    pen.line(ends, silver, 0.092)
    pen.line([(0.05, 0.475 + rise), (0.95, 0.475 - rise)], (255, 255, 255), 0.016)
    for share in (0.22, 0.31, 0.4, 0.55, 0.64, 0.73):
        x, y = 0.03 + 0.94 * share, 0.5 + rise * (1 - 2 * share)
        pen.oval(x, y, 0.036, 0.036, darker(silver, 0.35))
    pen.oval(0.9, 0.5 - rise * 0.85, 0.034, 0.026, INK)
    for share in (0.14, 0.82):
        x, y = 0.03 + 0.94 * share, 0.5 + rise * (1 - 2 * share)
        pen.line([(x - 0.02, y - 0.055), (x + 0.02, y + 0.055)], GOLD, 0.03)


def motorbike(pen: Pen, rng: np.random.Generator) -> None:
    """A black motorbike with an orange flame on its tank and a chrome pipe."""
    flame = hue(rng.uniform(18, 34), rng.uniform(0.8, 0.95), 0.97)
    black, chrome = (52, 50, 60), (206, 212, 222)
    high = rng.uniform(0.0, 0.04)
    for x in (0.2, 0.8):
        pen.oval(x, 0.73, 0.2, 0.2, black)
        pen.oval(x, 0.73, 0.12, 0.12, chrome)
        for k in range(4):
            dx, dy = 0.11 * cos(k * pi / 4 + 0.3), 0.11 * sin(k * pi / 4 + 0.3)
            pen.line([(x - dx, 0.73 - dy), (x + dx, 0.73 + dy)], black, 0.014)
    for colour, width in ((INK, 0.07), (chrome, 0.042)):
        pen.line([(0.8, 0.73), (0.66, 0.22)], colour, width)
        pen.line([(0.06, 0.82), (0.5, 0.8), (0.58, 0.66)], colour, width)
    pen.box(0.36, 0.52, 0.62, 0.8, (124, 126, 138), 0.04)
    for k in range(4):
        pen.line([(0.38, 0.57 + 0.055 * k), (0.6, 0.57 + 0.055 * k)], black, 0.018)
    pen.blob([(0.06, 0.42), (0.2, 0.36), (0.42, 0.42), (0.4, 0.52), (0.18, 0.52), (0.04, 0.5)], (96, 60, 44))
    tank = smooth([(0.38, 0.42), (0.46, 0.3 - high), (0.62, 0.28 - high), (0.72, 0.38), (0.64, 0.52), (0.42, 0.54)])
    pen.shape(tank, black)
    licks = [(0.74, 0.36), (0.58, 0.33), (0.46, 0.38), (0.56, 0.41), (0.42, 0.46), (0.58, 0.46), (0.7, 0.48)]
    pen.inside(tank, lambda layer: layer.blob(licks, flame, None))
    pen.line([*tank, tank[0]])
    pen.curve([(0.66, 0.24), (0.58, 0.16), (0.5, 0.18)], INK, 0.045)
    pen.oval(0.74, 0.3, 0.065, 0.075, (255, 240, 170))


def tractor(pen: Pen, rng: np.random.Generator) -> None:
    """An olive tractor: one huge wheel, one small, both with yellow rims."""
    paint = hue(rng.uniform(62, 84), rng.uniform(0.6, 0.78), rng.uniform(0.5, 0.66))
    black = (54, 52, 56)
    tall = rng.uniform(0.0, 0.05)
    pen.box(0.76, 0.2 - tall, 0.81, 0.46, black, 0.01)
    pen.box(0.46, 0.44, 0.95, 0.74, paint, 0.04)
    for k in range(4):
        pen.line([(0.82, 0.5 + 0.055 * k), (0.92, 0.5 + 0.055 * k)], darker(paint, 0.55), 0.02)
    pen.line([(0.5, 0.52), (0.76, 0.52)], (250, 226, 120), 0.026)
    pen.box(0.14, 0.12, 0.52, 0.62, paint, 0.02)
    pen.box(0.2, 0.19, 0.46, 0.44, (190, 228, 240), 0.02)
    pen.box(0.08, 0.06, 0.58, 0.14, darker(paint, 0.3), 0.03)
    for x, radius in ((0.28, 0.265), (0.8, 0.15)):
        y, turn = 0.96 - radius, rng.uniform(0, 1)
        for k in range(16):
            angle = turn + k * pi / 8
            pen.line([(x + radius * 0.85 * cos(angle), y + radius * 0.85 * sin(angle)),
                      (x + radius * 1.02 * cos(angle), y + radius * 1.02 * sin(angle))], INK, 0.04)  # fmt: skip
        pen.oval(x, y, radius * 0.92, radius * 0.92, black)
        pen.oval(x, y, radius * 0.55, radius * 0.55, (246, 200, 50))
        pen.oval(x, y, radius * 0.2, radius * 0.2, black)


def violin(pen: Pen, rng: np.random.Generator) -> None:
    """A russet violin with its bow across; it has no hole but two f's, and is redder than a guitar."""
    wood = hue(rng.uniform(8, 18), rng.uniform(0.72, 0.86), rng.uniform(0.55, 0.7))
    ebony = (44, 34, 40)
    waist = rng.uniform(0.12, 0.15)
    pen.curve([(0.5, 0.03), (0.43, 0.05), (0.45, 0.11), (0.5, 0.1)], wood, 0.05)
    pen.box(0.465, 0.08, 0.535, 0.5, ebony)
    for y in (0.09, 0.14):
        pen.line([(0.42, y), (0.58, y)], ebony, 0.024)
    body = smooth([(0.5, 0.38), (0.64, 0.4), (0.7, 0.5), (0.64, 0.56), (0.5 + waist, 0.63), (0.66, 0.7), (0.75, 0.82),
                   (0.66, 0.95), (0.5, 0.97), (0.34, 0.95), (0.25, 0.82), (0.34, 0.7), (0.5 - waist, 0.63),
                   (0.36, 0.56), (0.3, 0.5), (0.36, 0.4)])  # fmt: skip
    pen.shape(body, wood)
    pen.inside(body, lambda layer: layer.oval(0.42, 0.7, 0.16, 0.3, lighter(wood, 0.22), None))
    pen.line([*body, body[0]], darker(wood, 0.6), 0.024)
    for side in (-1, 1):
        pen.curve([(0.5 + side * 0.09, 0.62), (0.5 + side * 0.13, 0.66), (0.5 + side * 0.1, 0.72),
                   (0.5 + side * 0.14, 0.77)], ebony, 0.022)  # fmt: skip
    pen.box(0.468, 0.4, 0.532, 0.66, ebony)
    pen.shape([(0.46, 0.8), (0.54, 0.8), (0.525, 0.95), (0.475, 0.95)], ebony)
    pen.box(0.42, 0.735, 0.58, 0.76, (236, 206, 150), 0.005)
    for k in range(4):
        pen.line([(0.48 + 0.013 * k, 0.1), (0.475 + 0.017 * k, 0.8)], WHITE, 0.005)
    slope = rng.uniform(-0.08, 0.08)
    pen.line([(0.12, 0.62 + slope), (0.88, 0.5 - slope)], (246, 240, 226), 0.02)
    pen.line([(0.12, 0.6 + slope), (0.88, 0.47 - slope)], (120, 70, 44), 0.026)
    pen.box(0.12, 0.585 + slope, 0.19, 0.65 + slope, ebony, 0.01)


def sheep(pen: Pen, rng: np.random.Generator) -> None:
    """A cream sheep, all curls, with a dark face and thin legs."""
    wool = hue(rng.uniform(36, 52), rng.uniform(0.08, 0.2), rng.uniform(0.9, 0.98))
    face = mix((66, 58, 66), (120, 92, 84), rng.random())
    for x in (0.26, 0.4, 0.56, 0.68):
        pen.box(x - 0.03, 0.7, x + 0.03, 0.97, face, 0.01)
    curls = int(rng.integers(11, 15))
    middle = [(0.46 + 0.32 * cos(2 * pi * k / curls), 0.5 + 0.22 * sin(2 * pi * k / curls)) for k in range(curls)]
    for x, y in middle:
        pen.oval(x, y, 0.115, 0.115, wool)
    pen.oval(0.46, 0.5, 0.33, 0.23, wool, None)
    for k, (x, y) in enumerate(middle):
        inner = 0.62 if k % 2 else 0.3
        cx, cy = 0.46 + inner * (x - 0.46), 0.5 + inner * (y - 0.5)
        pen.line(ring(cx, cy, 0.05, 0.05, 40 * k, 40 * k + 230), darker(wool, 0.28), 0.014)
    head = smooth([(0.76, 0.2), (0.88, 0.24), (0.93, 0.42), (0.86, 0.56), (0.76, 0.54), (0.68, 0.4), (0.7, 0.26)])
    for dx in (-0.15, 0.12):
        pen.oval(0.8 + dx, 0.33, 0.075, 0.04, face)
    pen.shape(head, face)
    for x in (0.72, 0.79, 0.86):
        pen.oval(x, 0.2, 0.06, 0.055, wool)
    for x in (0.76, 0.86):
        pen.eye(x, 0.36, 0.04)
    pen.curve([(0.79, 0.5), (0.83, 0.515), (0.87, 0.49)], (236, 170, 170), 0.016)


def cat(pen: Pen, rng: np.random.Generator) -> None:
    """A ginger cat's head with stripes, pointed ears, green eyes and whiskers."""
    fur = hue(rng.uniform(24, 36), rng.uniform(0.62, 0.8), rng.uniform(0.86, 0.97))
    stripe, pink = darker(fur, 0.42), (246, 160, 160)
    wide = rng.uniform(0.38, 0.43)
    for side in (-1, 1):
        pen.shape([(0.5 + side * 0.1, 0.26), (0.5 + side * 0.38, 0.02), (0.5 + side * 0.42, 0.46)], fur)
        pen.shape([(0.5 + side * 0.2, 0.24), (0.5 + side * 0.34, 0.11), (0.5 + side * 0.37, 0.34)], pink, None)
    head = smooth([(0.5, 0.18), (0.76, 0.26), (0.5 + wide, 0.54), (0.76, 0.84), (0.5, 0.94), (0.24, 0.84),
                   (0.5 - wide, 0.54), (0.24, 0.26)])  # fmt: skip
    pen.shape(head, fur)

    def stripes(layer: Pen) -> None:
        for x in (0.4, 0.5, 0.6):
            layer.line([(x, 0.14), (0.5 + (x - 0.5) * 0.7, 0.36)], stripe, 0.04)
        for side in (-1, 1):
            for y in (0.5, 0.6, 0.7):
                layer.line([(0.5 + side * 0.5, y - 0.03), (0.5 + side * 0.28, y + 0.02)], stripe, 0.035)

    pen.inside(head, stripes)
    pen.line([*head, head[0]])
    for side in (-1, 1):
        pen.oval(0.5 + side * 0.1, 0.72, 0.12, 0.1, WHITE, None)
        pen.oval(0.5 + side * 0.18, 0.5, 0.085, 0.09, (150, 220, 110))
        pen.oval(0.5 + side * 0.18, 0.5, 0.028, 0.075, INK, None)
        for y in (0.68, 0.74):
            pen.line([(0.5 + side * 0.14, y), (0.5 + side * 0.46, y - 0.05 + (y - 0.68))], WHITE, 0.012)
    pen.shape([(0.45, 0.62), (0.55, 0.62), (0.5, 0.68)], pink)
    pen.curve([(0.4, 0.76), (0.46, 0.78), (0.5, 0.69), (0.54, 0.78), (0.6, 0.76)], INK, 0.016)


def typewriter(pen: Pen, rng: np.random.Generator) -> None:
    """A sky-blue typewriter with round keys and a written sheet in its roller."""
    metal = hue(rng.uniform(192, 210), rng.uniform(0.36, 0.5), rng.uniform(0.76, 0.9))
    lines = int(rng.integers(4, 7))
    pen.box(0.26, 0.03, 0.74, 0.4, WHITE, 0.0)
    for k in range(lines):
        pen.line([(0.32, 0.08 + 0.045 * k), (rng.uniform(0.5, 0.69), 0.08 + 0.045 * k)], (110, 106, 120), 0.014)
    pen.box(0.1, 0.36, 0.9, 0.46, (60, 58, 70), 0.03)
    for x in (0.03, 0.9):
        pen.box(x, 0.34, x + 0.07, 0.48, (36, 34, 44), 0.02)
    pen.shape([(0.16, 0.44), (0.84, 0.44), (0.88, 0.6), (0.98, 0.94), (0.02, 0.94), (0.12, 0.6)], metal)
    pen.box(0.36, 0.47, 0.64, 0.56, darker(metal, 0.5), 0.03)
    pen.line([(0.14, 0.6), (0.86, 0.6)], lighter(metal, 0.5), 0.018)
    for row in range(3):
        count, y = 7 + row, 0.665 + 0.085 * row
        half = 0.3 + 0.045 * row
        for k in range(count):
            pen.oval(0.5 + half * (2 * k / (count - 1) - 1), y, 0.032, 0.03, (246, 240, 226), width=0.012)
    pen.box(0.3, 0.885, 0.7, 0.925, (246, 240, 226), 0.02, width=0.012)


PAINTERS: dict[str, Painter] = {
    "bicycle": bicycle, "parrot": parrot, "owl": owl, "flute": flute, "motorbike": motorbike, "tractor": tractor,
    "violin": violin, "sheep": sheep, "cat": cat, "typewriter": typewriter,
}  # fmt: skip
