"""The picture of a scene: frames, and the box around each object's drawn pixels."""

from collections.abc import Iterator
from math import cos, hypot, radians, sin

import numpy as np
from PIL import Image

from model.world.backgrounds import background, drift
from model.world.drawing import INK, Pen, hue, lighter, ring, sprite
from model.world.scenes import HEIGHT, WIDTH, Scene, Thing

Box = tuple[float, float, float, float]


def render(rng: np.random.Generator, scene: Scene, seconds: float, frame_rate: int) -> Iterator[tuple[np.ndarray, list[Box | None]]]:
    """Yield each frame, (240, 320, 3) uint8, with one box for each of the scene's objects.

    A box is x1, y1, x2, y2 in 0..1, tight around the object's own pixels of more than half opacity (whether or not
    something stands before them) and clipped to the picture; None while nothing of it is in view.
    """
    frames = round(seconds * frame_rate)
    place, view = background(rng), drift(rng, seconds, frames)
    floating = _floating(rng)
    order = rng.permutation(len(scene.distractors))
    behind = [scene.distractors[k] for k in order[: (len(order) + 1) // 2]]
    before = [scene.distractors[k] for k in order[(len(order) + 1) // 2 :]]
    for number in range(frames):
        t = number / frame_rate
        left, top, zoom = view[number]
        picture = place.transform(
            (WIDTH, HEIGHT), Image.Transform.AFFINE, (zoom, 0, left, 0, zoom, top), Image.Resampling.BILINEAR
        )
        pixels = np.array(picture)
        for image, x, y, speed_x, speed_y, phase in floating:
            at_x = (x + speed_x * t) % (WIDTH + 40) - 20
            at_y = (y + speed_y * t + 6 * sin(1.9 * t + phase)) % (HEIGHT + 40) - 20
            _blend(pixels, image, at_x, at_y, 40 * sin(1.3 * t + phase), 1.0)
        for thing in behind:
            _place(pixels, thing, t)
        boxes = [_place(pixels, thing, t) for thing in scene.objects]
        for thing in before:
            _place(pixels, thing, t)
        yield pixels, boxes


def _place(pixels: np.ndarray, thing: Thing, t: float) -> Box | None:
    return _blend(pixels, thing.image, *thing.motion.at(t))


def _blend(pixels: np.ndarray, image: Image.Image, x: float, y: float, angle: float, scale: float) -> Box | None:
    """Draw a premultiplied image centred at (x, y) px, turned and scaled, into the pixels; answer its box."""
    half = int(hypot(image.width, image.height) * scale / 2) + 2
    left, top = int(x) - half, int(y) - half
    if left >= WIDTH or top >= HEIGHT or left + 2 * half <= 0 or top + 2 * half <= 0:
        return None
    c, s = cos(radians(angle)) / scale, sin(radians(angle)) / scale
    dx, dy = left - x, top - y  # the patch's corner as seen from the thing's middle
    coefficients = (c, s, c * dx + s * dy + image.width / 2, -s, c, -s * dx + c * dy + image.height / 2)
    patch = image.transform((2 * half, 2 * half), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    drawn = np.asarray(patch)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + 2 * half, WIDTH), min(top + 2 * half, HEIGHT)
    drawn = drawn[y1 - top : y2 - top, x1 - left : x2 - left]
    under = pixels[y1:y2, x1:x2]
    clear = (255 - drawn[..., 3:]).astype(np.uint16)
    under[...] = drawn[..., :3] + ((under * clear + 127) // 255).astype(np.uint8)
    solid = drawn[..., 3] > 127
    columns, rows = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
    if len(columns) == 0:
        return None
    return (
        round(float(x1 + columns[0]) / WIDTH, 4), round(float(y1 + rows[0]) / HEIGHT, 4),
        round(float(x1 + columns[-1] + 1) / WIDTH, 4), round(float(y1 + rows[-1] + 1) / HEIGHT, 4),
    )  # fmt: skip


def _floating(rng: np.random.Generator) -> list[tuple[Image.Image, float, float, float, float, float]]:
    """Leaves, petals, bubbles or flakes that float through the picture: image, start (px), speed (px/s), phase."""
    kind, tone = int(rng.integers(4)), rng.uniform(0, 360)
    wind = rng.uniform(-40, 40), rng.uniform(8, 40) * (-1 if kind == 2 else 1)
    floating = []
    for _ in range(int(rng.integers(4, 10))):
        pen, colour = Pen(), hue(tone + rng.uniform(-40, 40), 0.55, 0.92)
        if kind == 0:
            pen.blob([(0.1, 0.5), (0.45, 0.2), (0.9, 0.5), (0.45, 0.8)], colour)
            pen.line([(0.05, 0.5), (0.8, 0.5)], INK, 0.03)
        elif kind == 1:
            for k in range(5):
                pen.oval(0.5 + 0.24 * cos(k * 1.257), 0.5 + 0.24 * sin(k * 1.257), 0.2, 0.2, colour)
            pen.oval(0.5, 0.5, 0.14, 0.14, (255, 236, 150))
        elif kind == 2:
            pen.oval(0.5, 0.5, 0.42, 0.42, lighter(colour, 0.75), lighter(colour, 0.2), 0.06)
            pen.line(ring(0.5, 0.5, 0.28, 0.28, 190, 260), (255, 255, 255), 0.07)
        else:
            for side in (-1, 1):
                pen.blob([(0.5, 0.5), (0.5 + side * 0.4, 0.1), (0.5 + side * 0.46, 0.5), (0.5 + side * 0.25, 0.85)], colour)
            pen.line([(0.5, 0.3), (0.5, 0.8)], INK, 0.07)
        image = sprite(pen, rng.uniform(9, 19))
        start = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        speed = wind[0] + rng.uniform(-12, 12), wind[1] + rng.uniform(-6, 6)
        floating.append((image, *start, *speed, rng.uniform(0, 6.3)))
    return floating
