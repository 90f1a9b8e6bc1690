"""What the evaluations show: a progress bar for each phase, and a table of figures beside their baselines."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from model.evaluation import Evaluation
    from model.figures import Figure

FIGURES = {
    "pointing": "peak on what sounds",
    "swap_pointing": "peak follows a swap",
    "box_iou50": "box overlaps by half",
    "mean_iou": "overlap of the box",
    "avc": "sound told to belong",
}
ROWS = {
    "model": "model",
    "random_weights": "untrained networks",
    "original_audio": "model, unswapped",
    "centre": "picture's centre",
    "uniform": "anywhere",
    "ceiling": "labels' ceiling",
    "chance": "chance",
}


class Phases:
    """A progress bar for each phase, shown once the phase begins."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "Phases":
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def show(self, phase: str, done: int, total: int) -> None:
        if phase not in self._bars:
            self._bars[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._bars[phase], completed=done)


def table(evaluation: "Evaluation", weights: Path, data: Path) -> Table:
    left_out = f", {len(evaluation.skipped)} left out" if evaluation.skipped else ""
    shown = Table(
        title=f"{weights.name} on {evaluation.videos} videos of {data}{left_out}",
        caption="95 % intervals, bootstrapped over videos; rows whose intervals overlap are not told apart",
        caption_justify="left",
        title_justify="left",
    )
    for header in ("figure", "by"):
        shown.add_column(header)
    for header in ("value", "95 %", "samples"):
        shown.add_column(header, justify="right")
    for name, one in evaluation.figures.items():
        _add(shown, name, one)
    return shown


def _add(table: Table, name: str, figure: "Figure") -> None:
    by_row = sorted(figure.rows.items(), key=lambda item: list(ROWS).index(item[0]))
    for index, (row, measured) in enumerate(by_row):
        value = "-" if measured.value is None else f"{measured.value:.3f}"
        interval = "-" if measured.interval is None else "{:.3f} - {:.3f}".format(*measured.interval)
        heading = (name, f"[dim]{FIGURES[name]}[/dim]")[index] if index < 2 else ""
        style = "bold" if row == "model" else None
        table.add_row(heading, ROWS[row], value, interval, str(figure.n) if index == 0 else "", style=style)
    table.add_section()
