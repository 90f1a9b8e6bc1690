"""What the evaluations show: a progress bar for each phase, and a table of figures beside their baselines."""

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from model.evaluation import Evaluation
    from model.figures import Figure, Row

FIGURES = {
    "pointing": "peak on what sounds",
    "swap_pointing": "peak follows a swap",
    "right_of_two": "prefers what sounds",
    "ciou": "half map overlaps .5",
    "ciou_auc": "over all thresholds",
    "box_iou50": "box overlaps by half",
    "mean_iou": "overlap of the box",
    "avc": "sound told to belong",
    "pair_auc": "match above mismatch",
}
ROWS = {
    "model": "model",
    "random_weights": "untrained networks",
    "original_audio": "model, unswapped",
    "other_sound": "model, other sound",
    "silence": "model, silence",
    "white_noise": "model, white noise",
    "centre": "picture's centre",
    "uniform": "anywhere",
    "ceiling": "labels' ceiling",
    "chance": "chance",
}
MOST_GROUPS = 16  # rows of a table by class: VGG-SS has 220


class Phases:
    """A progress bar for each phase, shown once the phase begins."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "Phases":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bars:
            self._progress.stop()

    def show(self, phase: str, done: int, total: int) -> None:
        if not self._bars:  # not before: it would leave an empty line where there is only a refusal
            self._progress.start()
        if phase not in self._bars:
            self._bars[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._bars[phase], completed=done)


def show(evaluation: "Evaluation", weights: Path, data: Path, *, json: bool) -> None:
    """The tables on stdout; with `json` on stderr, and on stdout one line for programs."""
    console = Console(stderr=json)
    console.print(table(evaluation, weights, data))
    for division in evaluation.groups:
        if evaluation.groups[division]:
            console.print(groups_table(evaluation, division))
    if json:
        typer.echo(json_format.dumps(evaluation.to_dict()))


def table(evaluation: "Evaluation", weights: Path, data: Path) -> Table:
    """Every figure beside its baselines."""
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
    order = list(ROWS)
    by_row = sorted(figure.rows.items(), key=lambda item: order.index(item[0]) if item[0] in ROWS else len(order))
    for index, (row, measured) in enumerate(by_row):
        value, interval = _shown(measured)
        heading = (name, f"[dim]{FIGURES.get(name, '')}[/dim]")[index] if index < 2 else ""
        style = "bold" if row == "model" else None
        table.add_row(heading, ROWS.get(row, row), value, interval, str(figure.n) if index == 0 else "", style=style)
    table.add_section()


def groups_table(evaluation: "Evaluation", division: str) -> Table:
    """The model's first two figures on parts of the samples, those with most samples first."""
    names = list(next(iter(evaluation.groups[division].values())))[:2]  # as wide as a terminal; the rest is in --json
    groups = [item for item in evaluation.groups[division].items() if item[1][names[0]].n]
    if division != "by_size":  # sizes have an order of their own
        groups.sort(key=lambda item: -item[1][names[0]].n)
    left_out = len(groups) - MOST_GROUPS
    shown = Table(
        title=division.replace("_", " "),
        title_justify="left",
        caption=f"and {left_out} more, all of them in --json" if left_out > 0 else None,
        caption_justify="left",
    )
    shown.add_column("")
    for name in names:
        shown.add_column(name, justify="right")
        shown.add_column("95 %", justify="right")
    shown.add_column("samples", justify="right")
    for group, figures in groups[:MOST_GROUPS]:
        cells = [cell for name in names for cell in _shown(figures[name].rows["model"])]
        shown.add_row(escape(group), *cells, str(figures[names[0]].n))
    return shown


def _shown(row: "Row") -> tuple[str, str]:
    """A value and its interval."""
    value = "-" if row.value is None else f"{row.value:.3f}"
    return value, "-" if row.interval is None else "{:.3f} - {:.3f}".format(*row.interval)
