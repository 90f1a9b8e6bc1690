"""What a place is painted on."""

from PIL import Image, ImageDraw

from model.world.drawing import Colour, mix

WIDTH, HEIGHT = 400, 300  # px of a finished background; the picture is 320x240
SCALE = 2  # painted twice as large, then reduced: smooth edges


class Canvas:
    """An opaque canvas in units of the finished background's pixels."""

    def __init__(self, colour: Colour) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), colour)
        self._draw = ImageDraw.Draw(self.image)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def box(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        self._draw.rectangle((x1 * SCALE, y1 * SCALE, x2 * SCALE, y2 * SCALE), fill=colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self._draw.ellipse(((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE), fill=colour)

    def line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        self._draw.line(
            [(x * SCALE, y * SCALE) for x, y in points], fill=colour, width=round(width * SCALE), joint="curve"
        )

    def gradient(self, top: float, bottom: float, first: Colour, last: Colour) -> None:
        """Fill the rows from `top` to `bottom` with a blend of two colours."""
        steps = 40
        for k in range(steps):
            y1, y2 = (top + (bottom - top) * (k + d) / steps for d in (0, 1))
            self.box(0, y1, WIDTH, y2, mix(first, last, k / (steps - 1)))
