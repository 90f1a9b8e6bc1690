"""Animals: one painter each, drawing an individual of its own colours and proportions."""

import numpy as np

from model.world.drawing import INK, Pen, darker, hue, lighter, mix, ring, smooth


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
