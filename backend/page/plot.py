"""The plot of a project's versions: correspondence on held-out videos and what people accepted, as inline SVG."""

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
    avc: Sequence[Point]
    line: str
    """SVG points of the versions that served, in their order."""
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
        return "Correspondence over versions: " + ", ".join(point.words for point in self.avc) + "."


def draw_plots(rows: Sequence[VersionState], acceptance: Sequence[Acceptance]) -> list[Plot]:
    """The plot at two widths, so that its letters are as large on a phone; none while fewer than two have figures."""
    figures = correspondence(rows)
    rows = [row for row in rows if row.name in figures][-MOST:]
    if len(rows) < 2:
        return []
    accepted = {one.version: one for one in acceptance}
    return [
        _draw("wide", 640, 240, rows, figures, accepted),
        _draw("narrow", 340, 220, rows[-8:], figures, accepted),
    ]


def correspondence(rows: Sequence[VersionState]) -> dict[str, float]:
    """AVC by version on the project's own held-out videos.

    That of a version which was measured elsewhere, as the shipped one, is what it had as its first child's parent.
    """
    found = {row.name: row.metrics["avc"] for row in rows if "avc" in row.metrics and row.parent}
    for row in rows:
        if row.parent and "avc_of_parent" in row.metrics:
            found.setdefault(row.parent, row.metrics["avc_of_parent"])
    return found


def _draw(
    name: str,
    width: int,
    height: int,
    rows: Sequence[VersionState],
    figures: dict[str, float],
    accepted: dict[str, Acceptance],
) -> Plot:
    shares = [accepted[row.name].share for row in rows if row.name in accepted]
    values = [figures[row.name] for row in rows] + shares
    step = 0.1 if min(values) >= 0.5 else 0.2
    low = max(0.0, round(math.floor(min(min(values), 0.8) / step) * step, 1))
    high = 1.0

    def x(place: int) -> float:
        return round(LEFT + (width - LEFT - RIGHT) * (place + 0.5) / len(rows), 1)

    def y(value: float) -> float:
        return round(TOP + (height - TOP - BOTTOM) * (high - value) / (high - low), 1)

    avc = [
        Point(x(place), y(figures[row.name]), figures[row.name], row, f"{_short(row)} {figures[row.name]:.3f}")
        for place, row in enumerate(rows)
    ]
    people = [
        Point(
            x(place), y(one.share), one.share, row, f"{_short(row)}: {one.unchanged} of {one.annotations} as predicted"
        )
        for place, row in enumerate(rows)
        if (one := accepted.get(row.name)) is not None
    ]
    served = [point for point in avc if point.version.state in ("current", "retired")]
    levels = [low + step * number for number in range(round((high - low) / step) + 1)]
    every = max(1, -(-len(rows) * 62 // (width - LEFT - RIGHT)))
    last = len(rows) - 1
    return Plot(
        name=name,
        width=width,
        height=height,
        avc=avc,
        line=_points(served),
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
