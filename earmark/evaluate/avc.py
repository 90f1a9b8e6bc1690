"""`earmark evaluate avc`: how well any network tells whether a picture and a sound belong together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from earmark.evaluate.report import Phases, show
from earmark.evaluate.weights import SHIPPED, weights_of

if TYPE_CHECKING:
    from model.datasets import Skipped


def avc(
    data: Annotated[Path, typer.Option(help="Folder of videos or of a dataset.", exists=True, file_okay=False)],
    model: Annotated[
        str, typer.Option(help="Weights (.safetensors), the folder of a model version, or 'shipped'.")
    ] = SHIPPED,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the pairs and the intervals.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")] = False,
) -> None:
    """Audio-visual correspondence of any network, on as many matching pairs as mismatched ones.

    Takes any folder of videos. With labels (truth.json, or those of a published dataset) the seconds are those that
    something in view sounds through, and the table says what knowing every class would reach. What cannot be used is
    named on stderr and left out; the exit code is 1 if nothing could be measured.
    """
    from model.checkpoints import CheckpointError, load
    from model.datasets import DatasetError, open_dataset
    from model.evaluation import EvaluationError, evaluate_correspondence
    from model.truth import TruthError

    stderr = Console(stderr=True)
    weights = weights_of(model)

    def say(skipped: "Skipped") -> None:
        stderr.print(f"Left out: {skipped.reason}", markup=False, highlight=False, soft_wrap=True)

    try:
        network = load(weights)
        dataset = open_dataset(data, labelled=False)
        with Phases(stderr) as phases:
            evaluation = evaluate_correspondence(dataset, network, seed=seed, on_progress=phases.show, on_skipped=say)
    except (CheckpointError, TruthError, DatasetError, EvaluationError) as error:
        stderr.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    show(evaluation, weights, data, json=json)
