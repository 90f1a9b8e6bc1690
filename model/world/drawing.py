"""Drawing in unit coordinates: x to the right, y down, both 0..1 over a square transparent canvas."""

import colorsys
from collections.abc import Callable, Sequence
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

SIDE = 384  # px of the canvas a sprite is drawn on: three to four times its size in the picture
INK: Colour = (46, 38, 52)
WHITE: Colour = (250, 246, 236)
GOLD: Colour = (240, 190, 60)
LINE = 0.016  # width of an outline


def hue(degrees: float, saturation: float, value: float) -> Colour:
    """RGB (0..255) of a hue in degrees, with saturation and value in 0..1 (clipped)."""
    clip = (min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value)))
    red, green, blue = colorsys.hsv_to_rgb(degrees % 360 / 360, *clip)
    return int(255 * red), int(255 * green), int(255 * blue)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` (0..1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.35) -> Colour:
    """A tint."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float = 0.3) -> Colour:
    """A shade."""
    return mix(colour, (20, 10, 40), share)


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 8) -> list[Point]:
    """The Catmull-Rom spline through the points, as a polygon."""
    count = len(points)
    spans = count if closed else count - 1
    path: list[Point] = []
    for index in range(spans):
        p0, p1, p2, p3 = (
            points[(index + k) % count] if closed else points[min(max(index + k, 0), count - 1)] for k in (-1, 0, 1, 2)
        )
        for step in range(steps):
            t = step / steps
            path.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        path.append(points[-1])
    return path


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def ring(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360) -> list[Point]:
    """Points of an ellipse's arc; angles in degrees, clockwise from the right."""
    count = 40
    angles = [(start + (end - start) * k / count) * pi / 180 for k in range(count + 1)]
    return [(cx + rx * cos(a), cy + ry * sin(a)) for a in angles]


class Pen:
    """A transparent square canvas and the strokes it knows."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.image)

    def shape(self, points: Sequence[Point], fill: Colour, outline: Colour | None = INK, width: float = LINE) -> None:
        """A filled polygon with a rounded outline."""
        self._draw.polygon([(x * SIDE, y * SIDE) for x, y in points], fill=fill)
        if outline is not None:
            self.line([*points, points[0], points[1]], outline, width)

    def blob(self, points: Sequence[Point], fill: Colour, outline: Colour | None = INK, width: float = LINE) -> None:
        """A filled smooth closed curve through the points."""
        self.shape(smooth(points), fill, outline, width)

    def oval(
        self,
        cx: float,
        cy: float,
        rx: float,
        ry: float,
        fill: Colour,
        outline: Colour | None = INK,
        width: float = LINE,
    ) -> None:
        """A filled ellipse."""
        self.shape(ring(cx, cy, rx, ry), fill, outline, width)

    def box(
        self, x1: float, y1: float, x2: float, y2: float, fill: Colour, radius: float = 0.0,
        outline: Colour | None = INK, width: float = LINE,
    ) -> None:  # fmt: skip
        """A filled rectangle with rounded corners."""
        edge = tuple(v * SIDE for v in (x1, y1, x2, y2))
        line = max(1, round(width * SIDE)) if outline is not None else 0
        self._draw.rounded_rectangle(edge, radius * SIDE, fill=fill, outline=outline, width=line)

    def line(self, points: Sequence[Point], colour: Colour = INK, width: float = LINE) -> None:
        """An open stroke with round ends and joints."""
        thick = max(1, round(width * SIDE))
        path = [(x * SIDE, y * SIDE) for x, y in points]
        self._draw.line(path, fill=colour, width=thick, joint="curve")
        for x, y in (path[0], path[-1]):
            self._draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)

    def curve(self, points: Sequence[Point], colour: Colour = INK, width: float = LINE) -> None:
        """A smooth open stroke through the points."""
        self.line(smooth(points, closed=False), colour, width)

    def inside(self, points: Sequence[Point], paint: Callable[["Pen"], None]) -> None:
        """Paint on a layer that shows only inside the polygon: a pattern on a body."""
        layer, mask = Pen(), Image.new("L", (SIDE, SIDE), 0)
        paint(layer)
        ImageDraw.Draw(mask).polygon([(x * SIDE, y * SIDE) for x, y in points], fill=255)
        alpha = ImageChops.multiply(layer.image.getchannel("A"), mask)
        self.image.paste(layer.image, (0, 0), alpha)

    def eye(self, x: float, y: float, radius: float, look: Point = (0.25, 0.1)) -> None:
        """A round eye with a glint."""
        self.oval(x, y, radius, radius, (255, 255, 255), width=0.011)
        self.oval(x + look[0] * radius, y + look[1] * radius, radius * 0.58, radius * 0.62, INK, None)
        self.oval(
            x + (look[0] - 0.2) * radius,
            y + (look[1] - 0.25) * radius,
            radius * 0.2,
            radius * 0.2,
            (255, 255, 255),
            None,
        )


def sprite(
    pen: Pen, size: float, rotation: float = 0.0, flip: bool = False, stretch: float = 1.0, contrast: float = 1.0
) -> Image.Image:
    """The drawing cut out, scaled, lit from above and turned: a premultiplied "RGBa" image.

    `size` (px) is the square root of the cut-out's area before it is turned, so that long and tall drawings weigh the
    same; `rotation` is in degrees; `stretch` is the change of its width over its height;
    `contrast` moves its colours away from middle grey (above 1) or towards it.
    """
    image = pen.image.crop(pen.image.getbbox())
    if flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    proportion = (image.width / image.height * stretch) ** 0.5
    image = image.convert("RGBa").resize(
        (max(2, round(size * proportion)), max(2, round(size / proportion))), Image.Resampling.BOX
    )
    pixels = np.asarray(image).astype(np.float32)  # (h, w, 4), colours already multiplied by alpha
    light = np.linspace(1.07, 0.86, pixels.shape[0], dtype=np.float32)[:, None, None]
    grey = pixels[..., 3:] / 2
    pixels[..., :3] = np.clip(grey + contrast * (pixels[..., :3] * light - grey), 0, pixels[..., 3:])
    lit = Image.frombytes("RGBa", image.size, pixels.astype(np.uint8).tobytes())
    turned = lit.rotate(rotation, Image.Resampling.BILINEAR, expand=True) if abs(rotation) > 0.2 else lit
    opaque = turned.getchannel("a").point(lambda value: 255 if value > 8 else 0).getbbox()
    return turned.crop(opaque)


# Draws one individual; what differs between individuals is drawn from the generator.
Painter = Callable[[Pen, np.random.Generator], None]
