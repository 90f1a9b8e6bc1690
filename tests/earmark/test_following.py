"""Following a training: in a log whole lines, one a step and one now and then."""

import io

import pytest
from rich.console import Console

from backend.trainings import Status
from earmark import following


def status(step: str, done: float = 0, total: float = 0, detail: str = "") -> Status:
    return Status("retrain-p", "Somebody asked.", 0.0, step=step, done=done, total=total, detail=detail)


def test_a_log_gets_a_whole_line_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    out, name = io.StringIO(), "task 7: " + "a very long name " * 12 + "end.mp4"
    with following.shown(Console(file=out, width=60)) as shown:
        shown.show(status("fetch", 1, 60, name))
        shown.show(status("fetch", 2, 60, name))
        shown.show(status("re-embed"))
        shown.show(status("re-annotate", 0, 9))
        shown.show(status("re-embed", 1, 3))  # its tasks are followed from here
        monkeypatch.setattr(following, "QUIET", -1.0)
        shown.show(status("train", 0.1548, 1, "avol: step 5 of 20"))
    assert out.getvalue().splitlines() == [
        f"fetch: 1 of 60, {name}", "re-embed", "re-annotate: 0 of 9", "train: 15%, avol: step 5 of 20",
    ]  # fmt: skip


def test_a_terminal_gets_bars_of_the_steps_that_came() -> None:
    out = io.StringIO()
    with following.shown(Console(file=out, width=120, force_terminal=True)) as shown:
        for step in ("promote", "re-annotate", "re-embed"):  # announced, before its tasks are followed
            shown.show(status(step, 1, 3))
    last = out.getvalue()[out.getvalue().rindex("promote") :]
    assert "re-embed" in last and "re-annotate" not in last and "waiting" not in last
