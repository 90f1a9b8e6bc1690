"""The picture of a scene: frames, and the box around each object's drawn pixels."""

from collections.abc import Iterator, Sequence
from math import cos, radians, sin

import numpy as np
from PIL import Image

from model.world.backgrounds import background, drift
from model.world.drawing import INK, Pen, hue, lighter, ring, sprite
from model.world.scenes import HEIGHT, WIDTH, Motion, Scene, Thing

Box = tuple[float, float, float, float]

FINE = 4  # times what is drawn is enlarged: places, angles and edges are then good to an eighth of a pixel


def render(
    rng: np.random.Generator, scene: Scene, seconds: float, frame_rate: int
) -> Iterator[tuple[np.ndarray, list[Box | None]]]:
    """Yield each frame, (240, 320, 3) uint8, with one box for each of the scene's objects.

    A box is x1, y1, x2, y2 in 0..1, tight around the object's own pixels of more than half opacity (whether or not
    something stands before them) and clipped to the picture; None while nothing of it is in view.
    """
    frames = round(seconds * frame_rate)
    place, view = _fine(background(rng, scene.places)), drift(rng, seconds, frames)
    floating = _floating(rng)
    things = _cutouts([*scene.objects, *scene.distractors])
    order = _depths(rng, scene) if scene.depths is None else scene.depths
    for number in range(frames):
        t = number / frame_rate
        left, top, zoom = (FINE * value for value in view[number])
        picture = place.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, (zoom, 0, left, 0, zoom, top))
        for cutout, x, y, speed_x, speed_y, phase in floating:
            at_x = (x + speed_x * t) % (WIDTH + 40) - 20
            at_y = (y + speed_y * t + 6 * sin(1.9 * t + phase)) % (HEIGHT + 40) - 20
            cutout.paste(picture, at_x, at_y, 40 * sin(1.3 * t + phase))
        drawn = {index: things[index][0].paste(picture, *things[index][1].at(t)) for index in order}
        patches = [drawn[index] for index in range(len(scene.objects))]
        boxes = [None if patch is None else _box(*patch) for patch in patches]
        yield np.asarray(picture), boxes


def _depths(rng: np.random.Generator, scene: Scene) -> list[int]:
    """Half of the distractors behind the objects, half before them."""
    count = len(scene.objects)
    order = [count + int(k) for k in rng.permutation(len(scene.distractors))]
    half = (len(order) + 1) // 2
    return [*order[:half], *range(count), *order[half:]]


def _fine(image: Image.Image) -> Image.Image:
    """The image enlarged, so that its nearest pixel is as good as one interpolated, and many times cheaper."""
    return image.resize((image.width * FINE, image.height * FINE), Image.Resampling.BILINEAR)


def _cutouts(things: Sequence[Thing]) -> list[tuple["_Cutout", Motion]]:
    return [(_Cutout(thing.image), thing.motion) for thing in things]


class _Cutout:
    """Something drawn, ready to be pasted at any place, angle and scale."""

    def __init__(self, image: Image.Image) -> None:
        framed = image.crop((-1, -1, image.width + 1, image.height + 1))  # so that its edges, too, fade to nothing
        self._size = framed.size  # px in the picture
        self._image = _fine(framed).convert("RGBA")  # premultiplied until here

    def paste(
        self, picture: Image.Image, x: float, y: float, angle: float = 0.0, scale: float = 1.0
    ) -> tuple[Image.Image, int, int] | None:
        """Draw it centred at (x, y) px, turned by degrees and scaled; answer the patch and its corner, if in view."""
        (wide, high), c, s = self._size, cos(radians(angle)), sin(radians(angle))
        half_w = int((wide * abs(c) + high * abs(s)) * scale / 2) + 2
        half_h = int((wide * abs(s) + high * abs(c)) * scale / 2) + 2
        left, top = int(x) - half_w, int(y) - half_h
        if left >= WIDTH or top >= HEIGHT or left + 2 * half_w <= 0 or top + 2 * half_h <= 0:
            return None
        c, s = FINE * c / scale, FINE * s / scale
        dx, dy = left - x, top - y  # the patch's corner as seen from the middle
        coefficients = (c, s, c * dx + s * dy + FINE * wide / 2, -s, c, -s * dx + c * dy + FINE * high / 2)
        patch = self._image.transform((2 * half_w, 2 * half_h), Image.Transform.AFFINE, coefficients)
        picture.paste(patch, (left, top), patch)
        return patch, left, top


def _box(patch: Image.Image, left: int, top: int) -> Box | None:
    """Where in the picture a patch with its corner at (left, top) px is drawn by more than half."""
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + patch.width, WIDTH), min(top + patch.height, HEIGHT)
    solid = np.asarray(patch)[y1 - top : y2 - top, x1 - left : x2 - left, 3] > 127
    columns, rows = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
    if len(columns) == 0:
        return None
    return (
        round(float(x1 + columns[0]) / WIDTH, 4), round(float(y1 + rows[0]) / HEIGHT, 4),
        round(float(x1 + columns[-1] + 1) / WIDTH, 4), round(float(y1 + rows[-1] + 1) / HEIGHT, 4),
    )  # fmt: skip


def _floating(rng: np.random.Generator) -> list[tuple[_Cutout, float, float, float, float, float]]:
    """Leaves, petals, bubbles or flakes that float through the picture: cutout, start (px), speed (px/s), phase."""
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
                pen.blob(
                    [(0.5, 0.5), (0.5 + side * 0.4, 0.1), (0.5 + side * 0.46, 0.5), (0.5 + side * 0.25, 0.85)], colour
                )
            pen.line([(0.5, 0.3), (0.5, 0.8)], INK, 0.07)
        cutout = _Cutout(sprite(pen, rng.uniform(9, 19)))
        start = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        speed = wind[0] + rng.uniform(-12, 12), wind[1] + rng.uniform(-6, 6)
        floating.append((cutout, *start, *speed, rng.uniform(0, 6.3)))
    return floating
