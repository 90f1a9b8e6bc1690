"""What the results page's tables are made of: figures with their intervals as text, and rows of them."""

from collections.abc import Sequence
from typing import Any

NONE = "not measured"

Result = dict[str, Any]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def value(figure: Result | None, row: str = "model", *, interval: bool = True) -> str:
    """A row of a figure with its interval; empty where the figure has no such row."""
    if not figure or figure.get(row) is None:
        return NONE if figure is None else ""
    ends = interval_of(figure, row) if interval else None
    return number(figure[row]) + (f" ({number(ends[0])}-{number(ends[1])})" if ends else "")


def interval_of(figure: Result, row: str = "model") -> list[float] | None:
    """The ends of a row's interval."""
    return figure.get("ci95") if row == "model" else figure.get("intervals", {}).get(row)


def compared(figure: Result | None, other: Result | None) -> str:
    """How the model's row of a figure stands to that of another: above, below, or not told apart from it."""
    ends, others = (interval_of(one) if one else None for one in (figure, other))
    if not ends or not others:
        return ""
    if ends[0] <= others[1] and others[0] <= ends[1]:
        return "not told apart"
    return "above" if ends[0] > others[1] else "below"


def number(share: float) -> str:
    """A share with three digits: .123."""
    return f"{share:.3f}".removeprefix("0")


def learnt_from(report: Result) -> int:
    """How many videos a training was given, those held out among them."""
    return report["videos"] + report["held_out"]


def spent(report: Result | None) -> str:
    """What a training took."""
    return f"{report['steps']} steps, {report['seconds'] / 60:.0f} min" if report else NONE
