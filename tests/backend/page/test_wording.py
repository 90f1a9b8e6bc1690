"""Wording: what people read."""

import pytest

from backend.page.wording import ago, commands, place, span

HOUR, DAY = 3600, 86400
NOW = 1_795_341_210.0


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (-5, "just now"), (10, "just now"), (60, "1 min ago"), (50 * 60, "50 min ago"), (5 * HOUR, "5 h ago"),
        (30 * HOUR, "yesterday"), (3 * DAY, "3 days ago"), (20 * DAY, "2 Nov"), (400 * DAY, "18 Oct 2025"),
    ],
)  # fmt: skip
def test_how_long_ago(before: float, words: str) -> None:
    assert ago(NOW - before, NOW) == words


def test_spans_and_places() -> None:
    assert [span(s) for s in (0, 59.4, 61, 600, 725, 3600, 3900)] == [
        "0 s", "59 s", "1 min 1 s", "10 min", "12 min", "1 h", "1 h 5 min",
    ]  # fmt: skip
    assert [place(s) for s in (0, 3.24, 63.2)] == ["0:00.0", "0:03.2", "1:03.2"]


def test_commands_are_set_apart_and_everything_is_escaped() -> None:
    assert commands("Run `earmark <x>` & wait") == "Run <code>earmark &lt;x&gt;</code> &amp; wait"
    assert commands("<b>one ` alone") == "&lt;b&gt;one ` alone"
