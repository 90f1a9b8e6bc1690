"""What a person sees of a training: bars while it runs, a line a measurement in a log, TensorBoard's event files."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from model.clips import Cache
    from model.training import Progress as TrainingProgress

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


def decode(videos: list[Path], clips: "Cache", console: Console, demand_enough: Callable[[int], None]) -> list[str]:
    """Decode videos into the clip cache behind a bar, naming those that are passed over; the keys of the others.

    Args:
        videos: which.
        clips: the cache.
        console: where to.
        demand_enough: called with how many can still be used each time they become fewer; what it raises ends the
            decoding.
    """
    from model.clips import fill

    usable = len(videos)

    with Progress(*_COLUMNS, console=console) as bar:
        task = bar.add_task("decoding", total=len(videos))

        def decoded(_path: Path, reason: str | None) -> None:
            nonlocal usable
            bar.advance(task)
            if reason:
                console.print(f"passed over {reason}", markup=False, highlight=False, soft_wrap=True)
                usable -= 1
                demand_enough(usable)

        return fill(clips, videos, on_done=decoded)


class TrainingView:
    """Shows one training; a context manager.

    Args:
        console: where to.
        tensorboard: folder of event files, or None.
    """

    def __init__(self, console: Console, tensorboard: Path | None) -> None:
        self._console = console
        self._bar = Progress(*_COLUMNS, TextColumn("{task.fields[figures]}"), console=console)
        self._task = self._bar.add_task("training", total=None, figures="")
        self._writer: Any = None
        if tensorboard is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(tensorboard))

    def __enter__(self) -> "TrainingView":
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()
        if self._writer is not None:
            self._writer.close()

    def progress(self, now: "TrainingProgress") -> None:
        """Move the bar."""
        right = "" if now.accuracy is None else f"  held-out pairs right {now.accuracy:.3f}"
        figures = f"loss {now.loss:.3f}{right}"
        if self._writer is not None:
            self._writer.add_scalar("loss", now.loss, now.step)
        self._bar.update(self._task, completed=now.step, total=now.steps or None, figures=figures)

    def measured(self, measured: dict[str, float]) -> None:
        """Write a measurement to TensorBoard and, where no bar can be seen, as a line."""
        if self._writer is not None:
            for name in ("area", "accuracy"):
                self._writer.add_scalar(name, measured[name], int(measured["step"]))
        if not self._console.is_terminal:
            self._console.print(
                f"step {measured['step']}, {measured['seconds']:.0f} s: loss {measured['loss']:.3f}, held-out pairs "
                f"right {measured['accuracy']:.3f}, area {measured['area']:.3f}",
                soft_wrap=True,
            )
