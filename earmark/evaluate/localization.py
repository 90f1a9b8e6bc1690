"""`earmark evaluate localization`: how well AVOL-Net finds what sounds, beside what it has to beat."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from earmark.evaluate.report import Phases, show
from earmark.evaluate.weights import SHIPPED, weights_of

if TYPE_CHECKING:
    from model.datasets import Skipped


def localization(
    data: Annotated[Path, typer.Option(help="Folder of a labelled dataset.", exists=True, file_okay=False)],
    model: Annotated[
        str, typer.Option(help="Weights (.safetensors), the folder of a model version, or 'shipped'.")
    ] = SHIPPED,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the pairs, the swapped sounds and the intervals.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")] = False,
) -> None:
    """Peaks, maps, boxes and correspondence of AVOL-Net on labelled data, with baselines and 95 % intervals.

    Takes what `earmark world` writes or any folder of videos with a truth.json like it; or the media of a published
    dataset with its labels: VGG-SS (vggss.json), Flickr-SoundNet (Annotations/*.xml), AudioSet-Instruments
    (audioset_box.json). What cannot be used is named on stderr and left out; the exit code is 1 if nothing could be
    measured.
    """
    from model.checkpoints import CheckpointError, load
    from model.datasets import DatasetError, open_dataset
    from model.evaluation import EvaluationError, evaluate_localization
    from model.networks import AVOLNet
    from model.truth import TruthError

    stderr = Console(stderr=True)
    weights = weights_of(model)

    def say(skipped: "Skipped") -> None:
        stderr.print(f"Left out: {skipped.reason}", markup=False, highlight=False, soft_wrap=True)

    try:
        network = load(weights)
        if not isinstance(network, AVOLNet):
            raise CheckpointError(f"{weights}: localization needs AVOL-Net; this is {type(network).__name__}.")
        dataset = open_dataset(data)
        with Phases(stderr) as phases:
            evaluation = evaluate_localization(dataset, network, seed=seed, on_progress=phases.show, on_skipped=say)
    except (CheckpointError, TruthError, DatasetError, EvaluationError) as error:
        stderr.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    show(evaluation, weights, data, json=json)
