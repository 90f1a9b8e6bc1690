"""`earmark evaluate retrieval`: finding pictures by sounds, sounds by pictures, and each by its like."""

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from earmark.evaluate.report import Phases
from earmark.evaluate.weights import SHIPPED, weights_of

if TYPE_CHECKING:
    from model.datasets import Skipped
    from model.evaluation.retrieval.table import Cell, RetrievalTable
    from model.networks import Network


def retrieval(
    data: Annotated[
        Path,
        typer.Option(
            help="Folder of videos with their truth.json, or AudioSet's segments CSV and ontology.json with media.",
            exists=True,
            file_okay=False,
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Weights (.safetensors) of ave, avol, l3 or openl3, the folder of a model version, or 'shipped'; any "
            "number of times."
        ),
    ] = None,
    ontology: Annotated[
        Path | None, typer.Option(help="Tree of classes in the form of AudioSet's ontology.json.", dir_okay=False)
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="Another such folder, which CCA of L3-Net is fitted to.", exists=True, file_okay=False),
    ] = None,
    vgg16: Annotated[
        Path | None, typer.Option(help="Torchvision's vgg16-397923af.pth, to compare with.", dir_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the moments, the random vectors and the intervals.", min=0)] = 0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the table goes to stderr.")] = False,
) -> None:
    """nDCG@30 of AVE-Net, AVOL-Net and L3-Net in four directions, with baselines and 95 % intervals.

    One frame of each video and the second of sound around it are drawn at random; each asks for the frames and the
    sounds of all videos. A video that cannot be used is named on stderr and left out; the exit code is 1 if nothing
    could be measured.
    """
    from model.checkpoints import CheckpointError, load
    from model.datasets.audioset import AudioSetError
    from model.evaluation import EvaluationError
    from model.evaluation.retrieval.evaluation import evaluate_retrieval
    from model.ontology import OntologyError
    from model.truth import TruthError
    from model.vgg16 import VGG16Error
    from model.vgg16 import load as load_vgg16

    stderr = Console(stderr=True)

    def tell(sentence: str) -> None:
        stderr.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def say(skipped: "Skipped") -> None:
        tell(f"Left out: {skipped.reason}")

    if validation is not None and validation.resolve() == data.resolve():
        tell("CCA is fitted to the very videos it is measured on: its rows say nothing.")
    try:
        networks: dict[str, Network] = {}
        for path in _files(model or [SHIPPED]):
            networks[path.name if path.name not in networks else str(path)] = load(path)
        pictures = None if vgg16 is None else load_vgg16(vgg16)
        with Phases(stderr) as phases:
            measured = evaluate_retrieval(
                data,
                networks,
                tree=ontology,
                validation=validation,
                vgg16=pictures,
                seed=seed,
                on_progress=phases.show,
                on_skipped=say,
            )
    except (CheckpointError, VGG16Error, TruthError, AudioSetError, OntologyError, EvaluationError) as error:
        tell(str(error))
        raise typer.Exit(1) from None
    for sentence in measured.refused:
        tell(f"No row {sentence}")
    (stderr if json else Console()).print(_table(measured, data))
    if json:
        typer.echo(json_format.dumps(measured.to_dict()))


def _files(models: list[str]) -> list[Path]:
    """The weights files that `--model` names; of a version both."""
    from model.checkpoints import FILES

    found = []
    for name in models:
        both = name == SHIPPED or Path(name).is_dir()
        found += [weights_of(name, file) for file in FILES] if both else [Path(name)]
    return found


def _table(measured: "RetrievalTable", data: Path) -> Table:
    left_out = f", {len(measured.skipped)} left out" if measured.skipped else ""
    classes = "20 - tree distance of the classes" if measured.tree else "a class shared or not"
    directions = list(dict.fromkeys(name for row in measured.rows for name in row.cells))
    queries = {name: next(row.cells[name].n for row in measured.rows if name in row.cells) for name in directions}
    shown = Table(
        title=f"nDCG@30 on {measured.videos} videos of {data}{left_out}",
        caption=f"relevance: {classes}; im-aud: a frame asks for sounds; "
        f"queries: {', '.join(f'{name} {n}' for name, n in queries.items())}; below each value its 95 % interval, "
        "bootstrapped over query videos; rows whose intervals overlap are not told apart",
        caption_justify="left",
        title_justify="left",
    )
    shown.add_column("by")
    for name in directions:
        shown.add_column(name, justify="right")
    for row in measured.rows:
        cells = (_shown(row.cells.get(name)) for name in directions)
        shown.add_row(row.name, *cells, style="bold" if row.model else None)
    return shown


def _shown(cell: "Cell | None") -> str:
    if cell is None or cell.value is None or cell.interval is None:
        return "-"
    return f"{cell.value:.3f}\n[dim]{cell.interval[0]:.3f}-{cell.interval[1]:.3f}[/dim]"
