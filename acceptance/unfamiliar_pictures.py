"""The sights of the unfamiliar world: textured shapes, and grounds of noise, gradients or heaps of leaves."""

import colorsys
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 256  # px of the picture
MARGIN = 24  # px by which a ground is wider on every side, so that it can drift
DETAIL = 4  # times a silhouette is drawn larger before it is reduced

Outline = np.ndarray  # (points, 2) within -1..1


def _around(radii: np.ndarray, turn: float = 0.0) -> Outline:
    """The closed outline with these radii at equal angles."""
    angles = np.arange(len(radii)) / len(radii) * 2 * np.pi + turn
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _wave(lobes: int, depth: float) -> Outline:
    angles = np.arange(160) / 160 * 2 * np.pi
    return _around((1 + depth * np.cos(lobes * angles)) / (1 + depth))


def _crescent() -> Outline:
    outer, inner = np.linspace(0.7, 2 * np.pi - 0.7, 60), np.linspace(2 * np.pi - 0.9, 0.9, 60)
    return np.concatenate([
        np.stack([np.cos(outer), np.sin(outer)], axis=1),
        np.stack([0.45 + 0.72 * np.cos(inner), 0.82 * np.sin(inner)], axis=1),
    ])  # fmt: skip


def _drop() -> Outline:
    """A teardrop curve, its point at the right."""
    angles = np.linspace(0, 2 * np.pi, 80)
    return np.stack([-np.cos(angles), 0.95 * np.sin(angles) * np.sin(angles / 2) ** 1.5], axis=1) * [-1, 1]


def _gear() -> Outline:
    return _around(np.tile([1.0, 1.0, 0.76, 0.76], 9))


SHAPES: dict[str, Outline] = {
    "star": _around(np.tile([1.0, 0.45], 5)),
    "hexagon": _around(np.ones(6)),
    "blob": _wave(3, 0.22),
    "disc": _around(np.ones(80)),
    "triangle": _around(np.ones(3)),
    "gear": _gear(),
    "cross": np.array([(-.35, -1), (.35, -1), (.35, -.35), (1, -.35), (1, .35), (.35, .35), (.35, 1), (-.35, 1),
                       (-.35, .35), (-1, .35), (-1, -.35), (-.35, -.35)]),
    "crescent": _crescent(),
    "diamond": _around(np.array([0.7, 1.0, 0.7, 1.0])),
    "flower": _wave(7, 0.25),
    # Of these nothing sounds.
    "square": _around(np.ones(4), np.pi / 4),
    "arrow": np.array([(-1, -.3), (.1, -.3), (.1, -.8), (1, 0), (.1, .8), (.1, .3), (-1, .3)]),
    "drop": _drop(),
    "half": np.array([(np.cos(a), np.sin(a) - .4) for a in np.linspace(0, np.pi, 50)]),
}  # fmt: skip

Pattern = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]  # x, y in -1..1 -> 0..1


def _rough(x: np.ndarray, _y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    coarse = Image.fromarray((255 * rng.random((14, 14))).astype(np.uint8))
    return np.asarray(coarse.resize(x.shape[::-1], Image.Resampling.BICUBIC)) / 255


PATTERNS: dict[str, Pattern] = {
    "stripes": lambda x, _y, rng: np.sin(x * rng.uniform(14, 19)) > 0,
    "checks": lambda x, y, rng: np.sin(x * (k := rng.uniform(9, 12))) * np.sin(y * k) > 0,
    "dots": lambda x, y, rng: np.sin(x * (k := rng.uniform(11, 15))) * np.sin(y * k) > 0.45,
    "rings": lambda x, y, rng: np.sin(np.hypot(x, y) * rng.uniform(18, 24)) > 0,
    "rough": _rough,
    "grating": lambda x, y, rng: 0.5 + 0.5 * np.sin((x + y) * rng.uniform(15, 20)),
    "shaded": lambda x, y, _rng: np.clip(0.5 + 0.6 * x - 0.3 * y, 0, 1),
    "spokes": lambda x, y, rng: np.sin(np.arctan2(y, x) * int(rng.integers(7, 10))) > 0,
    "spiral": lambda x, y, rng: np.sin(np.hypot(x, y) * rng.uniform(11, 14) + 2 * np.arctan2(y, x)) > 0,
    "lattice": lambda x, y, rng: np.maximum(np.abs(np.sin(x * (k := rng.uniform(7, 9)))), np.abs(np.sin(y * k))) > 0.92,
}  # fmt: skip


def _colour(hue: float, saturation: float, value: float) -> np.ndarray:
    """RGB in 0..255; hue in degrees."""
    return 255 * np.array(colorsys.hsv_to_rgb(hue % 360 / 360, saturation, value))


def thing(rng: np.random.Generator, shape: str, pattern: str, hue: float, radius: float) -> Image.Image:
    """An individual of about this radius (px): RGBA, stretched a little, its hue off by up to 12 degrees."""
    stretch = np.exp(rng.uniform(-0.18, 0.18))
    wide, high = int(2 * radius * stretch) + 2, int(2 * radius / stretch) + 2
    mask = Image.new("L", (wide * DETAIL, high * DETAIL))
    outline = (SHAPES[shape] * 0.97 + 1) / 2 * [wide * DETAIL, high * DETAIL]
    ImageDraw.Draw(mask).polygon([(float(px), float(py)) for px, py in outline], fill=255)
    mask = mask.reduce(DETAIL)
    y, x = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
    share = np.asarray(PATTERNS[pattern](x, y, rng), float)[..., None]
    hue += rng.uniform(-12, 12)
    light = _colour(hue, rng.uniform(0.35, 0.6), rng.uniform(0.85, 1))
    dark = _colour(hue + rng.uniform(-15, 15), rng.uniform(0.75, 1), rng.uniform(0.3, 0.5))
    pixels = light * share + dark * (1 - share) + rng.normal(0, 5, (high, wide, 1))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).convert("RGBA")
    image.putalpha(mask)
    return image


def ground(rng: np.random.Generator) -> Image.Image:
    """What everything stands before: RGB, wider than the picture by MARGIN on every side."""
    side = SIDE + 2 * MARGIN
    kind = rng.choice(["noise", "gradient", "leaves"], p=[0.3, 0.2, 0.5])
    if kind == "leaves":
        return _leaves(rng, side)
    first, second = (_colour(rng.uniform(0, 360), rng.uniform(0.1, 0.6), rng.uniform(0.3, 0.95)) for _ in range(2))
    if kind == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
        share = 0.5 + 0.5 * np.sin(rng.uniform(1, 3) * (x * np.cos(angle) + y * np.sin(angle)))
        share = share + 0.12 * _fractal(rng, side)
    else:
        share = 0.5 + 0.35 * _fractal(rng, side)
    pixels = first + (second - first) * share[..., None] + 14 * _fractal(rng, side)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _fractal(rng: np.random.Generator, side: int) -> np.ndarray:
    """Noise (side, side) of zero mean and unit deviation whose amplitude falls with frequency, as in photographs."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    spectrum = np.fft.rfft2(rng.standard_normal((side, side))) / np.maximum(frequency, 1 / side) ** rng.uniform(1, 1.6)
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, (side, side))
    return noise / noise.std()


def _leaves(rng: np.random.Generator, side: int) -> Image.Image:
    """Occluding patches with sizes by a power law: the dead leaves model of photographs (Lee et al., 2001)."""
    image = Image.new("RGB", (side, side), (120, 120, 110))
    draw = ImageDraw.Draw(image)
    palette = [_colour(rng.uniform(0, 360), rng.uniform(0.05, 0.6), rng.uniform(0.25, 0.95)) for _ in range(6)]
    for _ in range(int(rng.integers(220, 420))):
        radius = 5.0 * rng.random() ** -0.5 if rng.random() < 0.8 else rng.uniform(15, 60)
        x, y = rng.uniform(0, side, 2)
        corners = _around(rng.uniform(0.6, 1.0, int(rng.integers(3, 9))), rng.uniform(0, 6)) * min(radius, 70) + [x, y]
        shade = np.clip(palette[int(rng.integers(6))] * rng.uniform(0.7, 1.2), 0, 255)
        draw.polygon([(float(px), float(py)) for px, py in corners], fill=tuple(int(part) for part in shade))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.6)))
    grain = 7 * _fractal(rng, side)[..., None]
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
