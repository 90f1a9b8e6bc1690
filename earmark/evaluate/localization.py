"""`earmark evaluate localization`: how well AVOL-Net finds what sounds, beside what it has to beat."""

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from earmark.evaluate.report import Phases, table

if TYPE_CHECKING:
    from model.material import Skipped


def localization(
    data: Annotated[Path, typer.Option(help="Folder of videos with their truth.json.", exists=True, file_okay=False)],
    model: Annotated[
        Path | None, typer.Option(help="Weights to evaluate (.safetensors); without it, the shipped ones.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the pairs, the swapped sounds and the intervals.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")] = False,
) -> None:
    """Peaks, boxes and correspondence of AVOL-Net on labelled videos, with baselines and 95 % intervals.

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
            raise CheckpointError(f"{weights}: localization needs AVOL-Net; this is {type(network).__name__}.")
        with Phases(stderr) as phases:
            evaluation = evaluate_localization(data, network, seed=seed, on_progress=phases.show, on_skipped=say)
    except (CheckpointError, TruthError, EvaluationError) as error:
        stderr.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    (stderr if json else Console()).print(table(evaluation, weights, data))
    if json:
        typer.echo(json_format.dumps(evaluation.to_dict()))
