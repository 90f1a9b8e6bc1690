"""`earmark evaluate avc`: how well any network tells whether a picture and a sound belong together."""

from typing import Annotated

import typer

from earmark.evaluate.options import Data, Json, Models, Seed, measuring, only, weights_of
from earmark.evaluate.report import show
from earmark.train import Negatives


def avc(
    data: Data,
    model: Models = None,
    negatives: Annotated[
        Negatives,
        typer.Option(help="naive: only matching pairs' seconds begin on the .04 s grid, to see the paper's shortcut."),
    ] = Negatives.grid,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Audio-visual correspondence of any network, on as many matching pairs as mismatched ones.

    Takes any folder of videos, labelled or not. With labels (truth.json, or those of a published dataset) the seconds
    are those that something in view sounds through, and the table says what knowing every class would reach. What
    cannot be used is named on stderr and left out; the exit code is 1 if nothing could be measured.
    """
    from model.checkpoints import load
    from model.datasets import open_dataset
    from model.evaluation import evaluate_correspondence

    weights = weights_of(only(model))
    with measuring() as run:
        network = load(weights)
        evaluation = evaluate_correspondence(
            open_dataset(data),
            network,
            naive=negatives is Negatives.naive,
            seed=seed,
            on_progress=run.show,
            on_skipped=run.leave_out,
        )
    show(evaluation, weights, data, json=json)
