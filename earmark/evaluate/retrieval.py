"""`earmark evaluate retrieval`: finding pictures by sounds, sounds by pictures, and each by its like."""

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from earmark.evaluate.options import SHIPPED, Data, Json, Seed, measuring, weights_of

if TYPE_CHECKING:
    from model.evaluation.retrieval.table import Cell, RetrievalTable
    from model.networks import Network


def retrieval(
    data: Data,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Weights (.safetensors), the folder of a model version, or 'shipped'; any number of times."),
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
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """nDCG@30 of any networks in four directions, with baselines and 95 % intervals.

    Takes folders whose labels name classes: videos with truth.json, VGG-SS (vggss.json), AudioSet-Instruments
    (audioset_box.json), AudioSet (its segments CSV with ontology.json). One frame of each video and the second of sound
    around it are drawn at random; each asks for the frames and the sounds of all videos. A video that cannot be used is
    named on stderr and left out; the exit code is 1 if nothing could be measured.
    """
    from model.checkpoints import load
    from model.datasets import open_dataset
    from model.evaluation.retrieval.evaluation import evaluate_retrieval
    from model.vgg16 import load as load_vgg16

    with measuring() as run:
        if validation is not None and validation.resolve() == data.resolve():
            run.say("CCA is fitted to the very videos it is measured on: its rows say nothing.")
        networks: dict[str, Network] = {}
        for path in _files(model or [SHIPPED]):
            networks[path.name if path.name not in networks else str(path)] = load(path)
        pictures = None if vgg16 is None else load_vgg16(vgg16)
        measured = evaluate_retrieval(
            open_dataset(data, needs="classes", tree=ontology),
            networks,
            validation=None if validation is None else open_dataset(validation, needs="classes", tree=ontology),
            vgg16=pictures,
            seed=seed,
            on_progress=run.show,
            on_skipped=run.leave_out,
        )
        for sentence in measured.refused:
            run.say(f"No row {sentence}")
    Console(stderr=json).print(_table(measured, data))
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
