"""What the evaluations are asked, and what all do beside measuring: show progress, say what is left out, refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from earmark.evaluate.report import Phases

if TYPE_CHECKING:
    from model.datasets import Skipped

SHIPPED = "shipped"

Data = Annotated[
    Path,
    typer.Option(help="Folder of videos with truth.json, or of a published dataset.", exists=True, file_okay=False),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", help="Weights (.safetensors), the folder of a model version, or 'shipped', which is the default."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Of all that is drawn at random, and of the intervals.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")]


def only(models: list[str] | None) -> str:
    """The network meant where one is measured.

    Raises:
        typer.BadParameter: several are named.
    """
    if models and len(models) > 1:
        raise typer.BadParameter(f"one network is measured at a time; {len(models)} are named.", param_hint="--model")
    return models[0] if models else SHIPPED


def weights_of(model: str, file: str = "avol.safetensors") -> Path:
    """The file of weights a person means: "shipped", a file, or the folder of a model version.

    Args:
        model: as written on the command line.
        file: which of a version's networks is meant.
    """
    from model import checkpoints

    if model == SHIPPED:
        return checkpoints.SHIPPED / file
    return Path(model) / file if Path(model).is_dir() else Path(model)


class Run:
    """One evaluation, as stderr tells of it."""

    def __init__(self, console: Console, phases: Phases) -> None:
        self._console = console
        self.show = phases.show

    def say(self, sentence: str) -> None:
        """Tell a person something."""
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def leave_out(self, skipped: "Skipped") -> None:
        """Name what cannot be used."""
        self.say(f"Left out: {skipped.reason}")


@contextmanager
def measuring() -> Iterator[Run]:
    """A run whose refusals, of weights, folders and files, become one sentence and exit code 1."""
    from model.checkpoints import CheckpointError
    from model.datasets import DatasetError
    from model.evaluation import EvaluationError
    from model.ontology import OntologyError
    from model.truth import TruthError
    from model.vgg16 import VGG16Error

    console = Console(stderr=True)
    try:
        with Phases(console) as phases:
            yield Run(console, phases)
    except (CheckpointError, DatasetError, EvaluationError, OntologyError, TruthError, VGG16Error) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
