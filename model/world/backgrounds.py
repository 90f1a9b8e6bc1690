"""The places things happen in: painted once a video, larger than the picture, so that the camera can drift."""

from collections.abc import Callable
from math import pi

import numpy as np
from PIL import Image

from model.world.canvas import HEIGHT, SCALE, WIDTH, Canvas
from model.world.drawing import Colour, darker, hue, lighter, mix, ring, smooth

Generator = np.random.Generator
Place = Callable[[Generator], Canvas]


def _hill(canvas: Canvas, rng: Generator, level: float, rise: float, colour: Colour) -> None:
    points = [(x, level - rise * rng.random()) for x in range(-40, WIDTH + 81, 60)]
    canvas.shape([*smooth(points, closed=False), (WIDTH + 60, HEIGHT), (-60, HEIGHT)], colour)


def _cloud(canvas: Canvas, rng: Generator, colour: Colour) -> None:
    x, y, size = rng.uniform(0, WIDTH), rng.uniform(15, 90), rng.uniform(9, 18)
    for dx, dy, r in ((-1.3, 0.2, 0.8), (-0.3, -0.3, 1.0), (0.8, -0.1, 0.9), (1.7, 0.3, 0.6)):
        canvas.oval(x + dx * size, y + dy * size, r * size, r * size * 0.75, colour)


def _tree(canvas: Canvas, rng: Generator, x: float, foot: float, size: float, leaf: Colour) -> None:
    canvas.box(x - size * 0.09, foot - size * 0.5, x + size * 0.09, foot, mix(leaf, (96, 66, 50), 0.75))
    if rng.random() < 0.5:
        for k in range(3):
            y = foot - size * (0.35 + 0.25 * k)
            half = size * (0.42 - 0.09 * k)
            canvas.shape([(x - half, y), (x, y - size * 0.42), (x + half, y)], mix(leaf, (255, 255, 255), 0.05 * k))
    else:
        for dx, dy, r in ((-0.22, 0.62, 0.26), (0.22, 0.6, 0.26), (0.0, 0.85, 0.3)):
            canvas.oval(
                x + dx * size, foot - dy * size, r * size, r * size, mix(leaf, (255, 255, 255), rng.uniform(0, 0.14))
            )


def meadow(rng: Generator) -> Canvas:
    """Hills under clouds, trees and flowers."""
    sky = hue(rng.uniform(195, 215), rng.uniform(0.2, 0.4), 0.97)
    canvas = Canvas(sky)
    canvas.gradient(0, 180, sky, (252, 246, 226))
    canvas.oval(rng.uniform(30, 370), rng.uniform(30, 80), 20, 20, (255, 236, 170))
    for _ in range(5):
        _cloud(canvas, rng, (255, 255, 255))
    grass = hue(rng.uniform(70, 110), rng.uniform(0.28, 0.42), rng.uniform(0.72, 0.84))
    for k in range(4):
        _hill(canvas, rng, 150 + 35 * k, 45, mix(grass, (206, 226, 230), 0.6 - 0.2 * k))
        for _ in range(3):
            _tree(
                canvas,
                rng,
                rng.uniform(0, WIDTH),
                160 + 36 * k + rng.uniform(0, 12),
                rng.uniform(26, 48),
                darker(grass, 0.25),
            )
    for _ in range(70):
        x, y = rng.uniform(0, WIDTH), rng.uniform(215, HEIGHT)
        petal = hue(rng.choice([50, 340, 280, 10]), rng.uniform(0.2, 0.6), 0.98)
        canvas.line([(x, y), (x, y + 6)], darker(grass, 0.3), 1.2)
        canvas.oval(x, y, 2.6, 2.6, petal)
    return canvas


def seaside(rng: Generator) -> Canvas:
    """Sea and sand, sails and shells."""
    sky = hue(rng.uniform(18, 50) if rng.random() < 0.4 else rng.uniform(190, 210), 0.26, 0.98)
    canvas = Canvas(sky)
    canvas.gradient(0, 130, lighter(sky, 0.1), (255, 250, 236))
    for _ in range(4):
        _cloud(canvas, rng, (255, 252, 246))
    sea = hue(rng.uniform(176, 212), rng.uniform(0.35, 0.5), rng.uniform(0.72, 0.84))
    canvas.gradient(125, 225, lighter(sea, 0.35), sea)
    for _ in range(60):
        x, y = rng.uniform(0, WIDTH), rng.uniform(130, 218)
        canvas.line(
            smooth([(x - 9, y), (x - 3, y - 2), (x + 3, y), (x + 9, y - 2)], closed=False), lighter(sea, 0.6), 1.4
        )
    for _ in range(int(rng.integers(2, 5))):
        x, y, size = rng.uniform(10, 390), rng.uniform(128, 165), rng.uniform(9, 18)
        canvas.shape(
            [(x - size, y), (x + size, y), (x + size * 0.6, y + size * 0.5), (x - size * 0.6, y + size * 0.5)],
            (140, 96, 84),
        )
        canvas.shape([(x, y - size * 2), (x, y - 2), (x + size * 0.9, y - 2)], hue(rng.uniform(0, 360), 0.25, 0.97))
    sand = hue(rng.uniform(36, 46), rng.uniform(0.24, 0.38), 0.94)
    _hill(canvas, rng, 226, 14, lighter(sand))
    _hill(canvas, rng, 234, 14, sand)
    for _ in range(90):
        x, y = rng.uniform(0, WIDTH), rng.uniform(232, HEIGHT)
        canvas.oval(
            x, y, rng.uniform(0.8, 3.2), rng.uniform(0.8, 2.2), mix(sand, hue(rng.uniform(0, 360), 0.4, 0.7), 0.5)
        )
    return canvas


def town(rng: Generator) -> Canvas:
    """Rows of houses with windows, by day or by night."""
    night = rng.random() < 0.45
    tone = rng.uniform(0, 360)
    sky = hue(rng.uniform(225, 255), 0.42, 0.38) if night else hue(rng.uniform(190, 215), 0.22, 0.97)
    canvas = Canvas(sky)
    canvas.gradient(0, 220, sky, mix(sky, (250, 200, 180), 0.4))
    for _ in range(40 if night else 4):
        if night:
            canvas.oval(rng.uniform(0, WIDTH), rng.uniform(0, 140), 1.2, 1.2, (255, 248, 220))
        else:
            _cloud(canvas, rng, (255, 255, 255))
    for row in range(3):
        x = -20.0
        while x < WIDTH:
            wide, top = rng.uniform(34, 68), 75 + 48 * row + rng.uniform(-26, 26)
            wall = hue(
                tone + rng.uniform(-50, 50),
                rng.uniform(0.15, 0.35),
                (0.36 + 0.08 * row) if night else (0.92 - 0.06 * row),
            )
            canvas.box(x, top, x + wide, HEIGHT, wall)
            if rng.random() < 0.6:
                canvas.shape(
                    [(x - 3, top), (x + wide / 2, top - rng.uniform(12, 26)), (x + wide + 3, top)], darker(wall, 0.35)
                )
            for wy in np.arange(top + 9, HEIGHT - 42 + 12 * row, 19).tolist():
                for wx in np.arange(x + 7, x + wide - 11, 15).tolist():
                    lit = rng.random() < 0.5
                    pane = (250, 222, 150) if (night and lit) else mix(wall, (60, 80, 120), 0.5 if lit else 0.3)
                    canvas.box(wx, wy, wx + 7, wy + 10, pane)
            x += wide + rng.uniform(0, 8)
    canvas.box(0, 262, WIDTH, HEIGHT, (96, 94, 112) if night else (190, 186, 186))
    for k in range(9):
        canvas.box(k * 48, 279, k * 48 + 24, 282, (236, 230, 200))
    return canvas


def room(rng: Generator) -> Canvas:
    """Papered wall, shelves, pictures, a window and a wooden floor."""
    tone = rng.uniform(0, 360)
    paper = hue(tone, rng.uniform(0.1, 0.26), rng.uniform(0.86, 0.96))
    canvas = Canvas(paper)
    second = mix(paper, hue(tone + 30, 0.4, 0.75), rng.uniform(0.25, 0.5))
    motif = int(rng.integers(3))
    for column, at in enumerate(range(0, WIDTH + 20, 20)):
        if motif == 0:
            canvas.box(at, 0, at + 9, HEIGHT, second)
            continue
        for row in range(0, HEIGHT, 20):
            cy = row + 10 * (column % 2)
            if motif == 1:
                canvas.oval(at, cy, 4, 4, second)
            else:
                canvas.shape([(at, cy - 7), (at + 5, cy), (at, cy + 7), (at - 5, cy)], second)
    left = rng.uniform(20, 280)
    canvas.box(left, 30, left + 92, 122, (250, 248, 242))
    canvas.box(left + 6, 36, left + 86, 116, hue(rng.uniform(190, 215), 0.3, 0.95))
    canvas.oval(left + 30, 118, 30, 24, hue(rng.uniform(80, 120), 0.35, 0.75))
    canvas.box(left, 116, left + 92, 126, (250, 248, 242))
    canvas.box(left + 43, 30, left + 49, 122, (250, 248, 242))
    for _ in range(5):
        x, y, w, h = rng.uniform(0, 370), rng.uniform(15, 130), rng.uniform(22, 44), rng.uniform(22, 40)
        canvas.box(x - 3, y - 3, x + w + 3, y + h + 3, hue(rng.uniform(20, 45), 0.5, rng.uniform(0.45, 0.8)))
        canvas.box(x, y, x + w, y + h, hue(rng.uniform(0, 360), 0.22, 0.92))
        canvas.oval(
            x + w * rng.uniform(0.3, 0.7), y + h * 0.7, w * 0.26, h * 0.24, hue(rng.uniform(0, 360), 0.42, 0.75)
        )
    for level in (rng.uniform(140, 160), rng.uniform(185, 205)):
        start = rng.uniform(0, 220)
        canvas.box(start, level, start + 170, level + 5, (150, 108, 80))
        x = start + 4
        while x < start + 155:
            w, h = rng.uniform(5, 11), rng.uniform(18, 32)
            if rng.random() < 0.85:
                canvas.box(
                    x, level - h, x + w, level, hue(rng.uniform(0, 360), rng.uniform(0.25, 0.5), rng.uniform(0.55, 0.9))
                )
            x += w + 1
    floor = hue(rng.uniform(18, 36), rng.uniform(0.3, 0.45), rng.uniform(0.6, 0.78))
    canvas.box(0, 232, WIDTH, HEIGHT, floor)
    canvas.box(0, 228, WIDTH, 234, (246, 242, 234))
    for k in range(5):
        canvas.box(0, 240 + 13 * k, WIDTH, 241 + 13 * k, darker(floor, 0.2))
        for x in rng.uniform(0, WIDTH, 5):
            canvas.box(x, 241 + 13 * k, x + 1, 253 + 13 * k, darker(floor, 0.2))
    canvas.oval(rng.uniform(80, 320), 272, 110, 22, hue(tone + 180, 0.3, 0.85))
    return canvas


def forest(rng: Generator) -> Canvas:
    """Trunks behind trunks, ferns and toadstool rings of light."""
    leaf = hue(rng.uniform(60, 150), rng.uniform(0.2, 0.38), rng.uniform(0.7, 0.88))
    canvas = Canvas(lighter(leaf, 0.6))
    canvas.gradient(0, HEIGHT, lighter(leaf, 0.75), lighter(leaf, 0.2))
    for layer in range(3):
        bark = mix(darker(leaf, 0.25 + 0.15 * layer), (120, 84, 70), 0.25 * layer)
        for _ in range(7):
            x, half = rng.uniform(-10, WIDTH + 10), rng.uniform(4, 8) + 3 * layer
            canvas.shape(
                [(x - half, 0), (x + half, 0), (x + half * 1.5, 300), (x - half * 1.5, 300)],
                mix(bark, leaf, 0.6 - 0.2 * layer),
            )
            for _ in range(4):
                y = rng.uniform(20, 270)
                canvas.line([(x - half * 0.5, y), (x - half * 0.3, y + 14)], darker(bark, 0.1), 1.5)
        for _ in range(16):
            canvas.oval(
                rng.uniform(0, WIDTH),
                rng.uniform(-8, 30),
                rng.uniform(15, 34),
                rng.uniform(10, 22),
                mix(leaf, (255, 255, 220), rng.uniform(0, 0.4)),
            )
        _hill(canvas, rng, 232 + 18 * layer, 18, mix(darker(leaf, 0.15), (200, 210, 150), 0.5 - 0.2 * layer))
    for _ in range(26):
        x, y, size = rng.uniform(0, WIDTH), rng.uniform(225, 300), rng.uniform(8, 18)
        fern = darker(leaf, rng.uniform(0.15, 0.4))
        for bend in (-0.8, -0.3, 0.3, 0.8):
            canvas.line([(x, y), (x + bend * size, y - size * (1.2 - abs(bend) * 0.6))], fern, 1.8)
    return canvas


def desert(rng: Generator) -> Canvas:
    """Layered mesas, dunes and scattered stones."""
    sand = hue(rng.uniform(14, 42), rng.uniform(0.28, 0.42), rng.uniform(0.86, 0.96))
    sky = hue(rng.uniform(180, 330), rng.uniform(0.14, 0.28), 0.97)
    canvas = Canvas(sky)
    canvas.gradient(0, 170, sky, lighter(sand, 0.6))
    canvas.oval(rng.uniform(40, 360), rng.uniform(35, 85), 24, 24, (255, 240, 206))
    for k in range(3):
        x = -30.0
        rock = mix(darker(sand, 0.3), sky, 0.55 - 0.2 * k)
        while x < WIDTH:
            wide, top = rng.uniform(40, 90), rng.uniform(95, 150) + 18 * k
            canvas.shape([(x, 240), (x + wide * 0.18, top), (x + wide * 0.82, top), (x + wide, 240)], rock)
            for band in np.arange(top + 8, 215, 13).tolist():
                canvas.line([(x + wide * 0.16, band), (x + wide * 0.84, band)], darker(rock, 0.14), 2.2)
            x += wide * rng.uniform(0.9, 1.7)
    for k in range(4):
        _hill(canvas, rng, 205 + 26 * k, 24, mix(lighter(sand, 0.3), darker(sand, 0.12), k / 4))
    for _ in range(60):
        x, y = rng.uniform(0, WIDTH), rng.uniform(205, 300)
        stone = hue(rng.uniform(0, 60), rng.uniform(0.1, 0.4), rng.uniform(0.5, 0.85))
        canvas.oval(x, y, rng.uniform(1.5, 6), rng.uniform(1.5, 4), stone)
    return canvas


def quilt(rng: Generator) -> Canvas:
    """A patchwork of printed squares."""
    tone = rng.uniform(0, 360)
    canvas = Canvas((240, 236, 228))
    for row in range(7):
        for column in range(9):
            x, y = column * 46 - 4, row * 46 - 6
            cloth = hue(tone + rng.uniform(-70, 70), rng.uniform(0.14, 0.34), rng.uniform(0.78, 0.96))
            print_colour = mix(cloth, hue(tone + rng.uniform(0, 360), 0.5, 0.7), 0.45)
            canvas.box(x, y, x + 46, y + 46, cloth)
            kind = int(rng.integers(5))
            for k in range(4):
                if kind == 0:
                    canvas.box(x + 12 * k, y, x + 12 * k + 5, y + 46, print_colour)
                elif kind == 1:
                    canvas.line([(x, y + 12 * k + 5), (x + 46, y + 12 * k + 5)], print_colour, 3)
                elif kind == 2:
                    for j in range(4):
                        canvas.oval(x + 7 + 11 * k, y + 7 + 11 * j, 2.6, 2.6, print_colour)
                elif kind == 3:
                    canvas.shape(
                        [(px, py) for px, py in ring(x + 23, y + 23, 19 - 5 * k, 19 - 5 * k)],
                        print_colour if k % 2 == 0 else cloth,
                    )
            canvas.line([(x + 2, y + 2), (x + 44, y + 2)], (250, 248, 240), 1)
            canvas.line([(x + 2, y + 2), (x + 2, y + 44)], (250, 248, 240), 1)
    return canvas


PLACES: tuple[Place, ...] = (meadow, seaside, town, room, forest, desert, quilt)


def background(rng: Generator, places: tuple[Place, ...] = PLACES) -> Image.Image:
    """One of the places, RGB, 400x300 px."""
    canvas = places[int(rng.integers(len(places)))](rng)
    return canvas.image.reduce(SCALE)


def drift(rng: Generator, seconds: float, frames: int) -> np.ndarray:
    """The camera's slow way over a background: (frames, 3), left and top edge (px) and the zoom of each frame."""
    zoom = rng.uniform(0.98, 1.12) + rng.uniform(-0.03, 0.03) * np.sin(np.linspace(0, pi, frames))
    room_x, room_y = WIDTH - 320 * zoom.max(), HEIGHT - 240 * zoom.max()
    t = np.linspace(0, seconds, frames)
    speed = rng.uniform(0.05, 0.16, 2)
    phase = rng.uniform(0, 2 * pi, 2)
    left = room_x * (0.5 + 0.5 * np.sin(2 * pi * speed[0] * t + phase[0]))
    top = room_y * (0.5 + 0.5 * np.sin(2 * pi * speed[1] * t + phase[1]))
    return np.stack([left, top, zoom], axis=1)
