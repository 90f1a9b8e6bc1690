"""Wording: times, spans and numbers as people read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from backend.history import in_words


def ago(at: float, now: float) -> str:
    """How long ago a moment was: "just now", "5 min ago", "3 h ago", or its day."""
    seconds = now - at
    if seconds < 45:
        return "just now"
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 24 * 3600:
        return f"{round(seconds / 3600)} h ago"
    if seconds < 7 * 24 * 3600:
        days = round(seconds / 86400)
        return "yesterday" if days == 1 else f"{days} days ago"
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%b}" if now - at < 300 * 86400 else f"{moment.day} {moment:%b %Y}"


def iso(at: float) -> str:
    """A moment in ISO 8601, as `<time>` takes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def day(at: float) -> str:
    """A moment in words, in UTC: the server does not know the reader's clock."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def span(seconds: float) -> str:
    """A duration: "40 s", "3 min 20 s", "1 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def place(seconds: float) -> str:
    """A time in a clip: "0:03.2"."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def figure(value: float | None, digits: int = 3) -> str:
    """A figure with its digits, or a dash."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share in percent."""
    return "–" if value is None else f"{value * 100:.0f} %"


def short(version: str) -> str:
    """A version without the name it shares with all others."""
    return version.removeprefix("earmark-")


def commands(sentence: str) -> Markup:
    """A sentence with what stands between backticks set as code; everything in it escaped."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # one stands alone
        return escape(sentence)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if place % 2 else escape(part) for place, part in enumerate(parts))


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (ago, iso, day, span, place, figure, percent, short, in_words, commands)
}
