"""The plot of a project's versions: correspondence on held-out videos and what people accepted, as inline SVG.

Each version is drawn beside its parent on the same held-out videos. Those of two versions are not the same, so no line
leads from one to the next.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from backend.summary import Acceptance
from backend.versions import VersionState

MOST = 14  # versions shown: the last ones
LEFT, RIGHT, TOP, BOTTOM = 40, 16, 14, 30  # around the drawing, SVG units
CHANCE = 0.5  # of correspondence


@dataclass(frozen=True)
class Point:
    """One version's figure in the drawing."""

    x: float
    y: float
    value: float
    version: VersionState
    words: str
    """What it says, for who cannot see it."""


@dataclass(frozen=True)
class Comparison(Point):
    """One version's correspondence beside its parent's."""

    parent_y: float
    parent_value: float


@dataclass(frozen=True)
class Tick:
    """A line across, with its value."""

    y: float
    text: str


@dataclass(frozen=True)
class Plot:
    """A drawing; coordinates in SVG units, which are CSS pixels at its own width."""

    name: str
    """wide or narrow."""
    width: int
    height: int
    avc: Sequence[Comparison]
    accepted: Sequence[Point]
    accepted_line: str
    ticks: Sequence[Tick]
    chance: float | None
    """y of what guessing reaches; None where it lies below."""
    labels: Sequence[tuple[float, str, bool]]
    """x, text and whether it is the current one."""

    @property
    def summary(self) -> str:
        """The whole in a sentence."""
        return "Correspondence on held-out videos: " + "; ".join(point.words for point in self.avc) + "."


def draw_plots(rows: Sequence[VersionState], acceptance: Sequence[Acceptance]) -> list[Plot]:
    """The plot at two widths, so that its letters are as large on a phone; none while nothing was compared."""
    accepted = {one.version: one for one in acceptance}
    rows = [row for row in rows if compared(row) or row.name in accepted][-MOST:]
    if not any(compared(row) for row in rows):
        return []
    return [_draw("wide", 640, 240, rows, accepted), _draw("narrow", 340, 220, rows[-8:], accepted)]


def compared(row: VersionState) -> tuple[float, float] | None:
    """AVC of a version and of its parent on the same held-out videos; None where it was not measured beside one."""
    figures = row.metrics.get("avc"), row.metrics.get("avc_of_parent")
    return None if None in figures or not row.parent else figures  # type: ignore[return-value]


def _draw(
    name: str,
    width: int,
    height: int,
    rows: Sequence[VersionState],
    accepted: dict[str, Acceptance],
) -> Plot:
    figures = [(place, row, *found) for place, row in enumerate(rows) if (found := compared(row)) is not None]
    values = [one.share for row in rows if (one := accepted.get(row.name)) is not None]
    values += [value for _, _, own, parent in figures for value in (own, parent)]
    step = 0.1 if min(values) >= 0.5 else 0.2
    low = max(0.0, round(math.floor(min(min(values), 0.8) / step) * step, 1))
    high = 1.0

    def x(place: int) -> float:
        return round(LEFT + (width - LEFT - RIGHT) * (place + 0.5) / len(rows), 1)

    def y(value: float) -> float:
        return round(TOP + (height - TOP - BOTTOM) * (high - value) / (high - low), 1)

    avc = [
        Comparison(x(place), y(own), own, row, f"{_short(row)} {own:.3f}, its parent {parent:.3f}", y(parent), parent)
        for place, row, own, parent in figures
    ]
    people = [
        Point(
            x(place), y(one.share), one.share, row, f"{_short(row)}: {one.unchanged} of {one.annotations} as predicted"
        )
        for place, row in enumerate(rows)
        if (one := accepted.get(row.name)) is not None
    ]
    levels = [low + step * number for number in range(round((high - low) / step) + 1)]
    every = max(1, -(-len(rows) * 62 // (width - LEFT - RIGHT)))
    last = len(rows) - 1
    return Plot(
        name=name,
        width=width,
        height=height,
        avc=avc,
        accepted=people,
        accepted_line=_points(people),
        ticks=[Tick(y(level), f"{level:.1f}".removeprefix("0")) for level in levels],
        chance=y(CHANCE) if low <= CHANCE else None,
        labels=[
            (x(place), _short(row)[:6], row.current)
            for place, row in enumerate(rows)
            if (last - place) % every == 0 or row.current
        ],
    )


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)


def _short(row: VersionState) -> str:
    return row.name.removeprefix("earmark-")
