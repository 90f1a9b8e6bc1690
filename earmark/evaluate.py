"""`earmark evaluate`: how good a network is on labelled videos, beside what it has to beat."""

import json as json_format
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from model.evaluation import Evaluation
    from model.figures import Figure
    from model.material import Skipped

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


class Subject(StrEnum):
    """What can be evaluated."""

    LOCALIZATION = "localization"


def evaluate(
    subject: Annotated[
        Subject, typer.Argument(help="What to measure. localization: peaks, boxes and correspondence of AVOL-Net.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of videos with their truth.json.", exists=True, file_okay=False)],
    model: Annotated[
        Path | None, typer.Option(help="Weights to evaluate (.safetensors); without it, the shipped ones.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the pairs, the swapped sounds and the intervals.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")] = False,
) -> None:
    """Evaluate a network on labelled videos, with its baselines and 95 % intervals.

    Takes what `earmark world` writes, or any folder of videos with a truth.json like it. A video that cannot be used
    is named on stderr and left out; the exit code is 1 if nothing could be measured.
    """
    from model.checkpoints import SHIPPED, CheckpointError, load
    from model.evaluation import EvaluationError, evaluate_localization
    from model.networks import AVOLNet
    from model.truth import TruthError

    stderr = Console(stderr=True)
    weights = model or SHIPPED / "avol.safetensors"

    def say(skipped: "Skipped") -> None:
        stderr.print(f"Left out: {skipped.reason}", markup=False, highlight=False, soft_wrap=True)

    try:
        network = load(weights)
        if not isinstance(network, AVOLNet):
            raise CheckpointError(f"{weights}: {subject} needs an AVOLNet; this is an {type(network).__name__}.")
        with _Phases(stderr) as phases:
            evaluation = evaluate_localization(data, network, seed=seed, on_progress=phases.show, on_skipped=say)
    except (CheckpointError, TruthError, EvaluationError) as error:
        stderr.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    (stderr if json else Console()).print(_table(evaluation, weights, data))
    if json:
        typer.echo(json_format.dumps(evaluation.to_dict()))


class _Phases:
    """A progress bar for each phase, shown once the phase begins."""

    def __init__(self, console: Console) -> None:
        columns = TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "_Phases":
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def show(self, phase: str, done: int, total: int) -> None:
        if phase not in self._bars:
            self._bars[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._bars[phase], completed=done)


def _table(evaluation: "Evaluation", weights: Path, data: Path) -> Table:
    left_out = f", {len(evaluation.skipped)} left out" if evaluation.skipped else ""
    table = Table(
        title=f"{weights.name} on {evaluation.videos} videos of {data}{left_out}",
        caption="95 % intervals, bootstrapped over videos; rows whose intervals overlap are not told apart",
        caption_justify="left",
        title_justify="left",
    )
    for header in ("figure", "by"):
        table.add_column(header)
    for header in ("value", "95 %", "samples"):
        table.add_column(header, justify="right")
    for name, one in evaluation.figures.items():
        _add(table, name, one)
    return table


def _add(table: Table, name: str, figure: "Figure") -> None:
    by_row = sorted(figure.rows.items(), key=lambda item: list(ROWS).index(item[0]))
    for index, (row, measured) in enumerate(by_row):
        value = "-" if measured.value is None else f"{measured.value:.3f}"
        interval = "-" if measured.interval is None else "{:.3f} - {:.3f}".format(*measured.interval)
        heading = (name, f"[dim]{FIGURES[name]}[/dim]")[index] if index < 2 else ""
        style = "bold" if row == "model" else None
        table.add_row(heading, ROWS[row], value, interval, str(figure.n) if index == 0 else "", style=style)
    table.add_section()
