"""Following a training: where it stands in words, and as bars on a terminal or lines in a log."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console

    from backend.trainings import Status

QUIET = 30.0  # seconds after which a log gets another line of the same step


def span(seconds: float) -> str:
    """A duration: "40 s", "5 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def standing(status: "Status") -> str:
    """How much of the step is done, what it is at and how long it takes yet."""
    about = []
    if status.total == 1:  # a share
        about.append(f"{status.done:.0%}")
    elif status.total:
        about.append(f"{status.done:g} of {status.total:g}")
    about.append(status.detail)
    if status.seconds_left is not None:
        about.append(f"about {span(status.seconds_left)} left")
    return ", ".join(part for part in about if part)


def passed(status: "Status") -> dict[str, float]:
    """Seconds by step, of those the training is through with, in their order."""
    from backend.trainings import STEPS

    before = STEPS[: STEPS.index(status.step)]
    return {step: status.spent[step] for step in before if step in status.spent}


class Shown(Protocol):
    """A context in which the statuses of one training are shown."""

    def __enter__(self) -> "Shown": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, status: "Status") -> None:
        """Show where the training is."""


def shown(console: "Console") -> Shown:
    """Bars on a terminal; elsewhere, where nothing can be overwritten, a line a step and one now and then."""
    return _Bars(console) if console.is_terminal else _Lines(console)


class _Bars:
    def __init__(self, console: "Console") -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        from backend.trainings import STEPS

        name, about = TextColumn("{task.description:<12}"), TextColumn("{task.fields[about]}")
        self._bars = Progress(name, BarColumn(), TimeElapsedColumn(), about, console=console)
        self._waiting = self._bars.add_task("waiting", total=None, about="")
        self._steps = {
            step: self._bars.add_task(step, start=False, total=None, about="", visible=False) for step in STEPS
        }
        self._step = ""

    def __enter__(self) -> "_Bars":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, status: "Status") -> None:
        self._bars.update(self._waiting, visible=False)
        bar = self._steps[status.step]
        if status.step != self._step:
            if self._step:
                self._leave(self._step, forward=self._steps[self._step] < bar)
            self._bars.start_task(bar)
            self._step = status.step
        # With a bar and its time beside it the share and the unit would only push the words off the line.
        about = "" if status.seconds_left is None else f"about {span(status.seconds_left)} left"
        about = ", ".join(part for part in (status.detail, about) if part)
        self._bars.update(bar, completed=status.done, total=status.total or None, about=about, visible=True)

    def _leave(self, step: str, *, forward: bool) -> None:
        """Fill a step's bar that is done; take away that of one which was only announced."""
        bar = self._steps[step]
        if forward:
            self._bars.stop_task(bar)
            self._bars.update(bar, total=1, completed=1)
        else:
            self._bars.update(bar, visible=False)


class _Lines:
    def __init__(self, console: "Console") -> None:
        self._console, self._furthest, self._at = console, -1, 0.0

    def __enter__(self) -> "_Lines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, status: "Status") -> None:
        from backend.trainings import STEPS

        place, now = STEPS.index(status.step), time.monotonic()
        if place <= self._furthest and now - self._at < QUIET:
            return
        self._furthest, self._at = max(place, self._furthest), now
        line = f"{status.step}: {standing(status)}".rstrip(": ")
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
