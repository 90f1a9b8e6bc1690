"""`earmark train`: train a network on a folder of unlabelled videos."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """The networks that can be trained."""

    avol = "avol"
    ave = "ave"


def train(
    folder: Annotated[Path, typer.Argument(help="A folder of videos. Nothing else in it is read.")],
    out: Annotated[Path, typer.Option("--out", help="The weights file to write (.safetensors).")],
    model: Annotated[Kind, typer.Option(help="avol draws boxes; ave finds likeness.")] = Kind.avol,
    minutes: Annotated[float, typer.Option(min=0.1, help="Wall-clock budget, decoding not counted.")] = 15.0,
    start: Annotated[
        Path | None, typer.Option(help="Begin from these weights; of the other network, from its trunks.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where decoded clips are kept for next time.")] = Path(".earmark/clips"),
    learning_rate: Annotated[float, typer.Option(min=1e-7, max=1.0)] = 1e-3,
    seed: Annotated[int, typer.Option(help="Of the weights, the pairs and the augmentations.")] = 0,
) -> None:
    """Train a network on unlabelled videos and write its weights.

    The videos need no labels: the network learns which sight goes with which sound. A few hundred videos
    of several seconds are a start, a few thousand are better.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from model import checkpoints, training
    from model.clips import ClipCache, fill, videos_in
    from model.pairs import PairSource
    from model.video import MediaError

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        if not out.parent.is_dir():
            raise training.TrainingError(f"{out.parent}: no such folder to write the weights to.")
        begin = checkpoints.load(start) if start else None
        clips = ClipCache(cache)
        videos = videos_in(folder)
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("decoding", total=len(videos))

            def decoded(_path: Path, reason: str | None) -> None:
                bar.advance(task)
                if reason:
                    console.print(f"passed over {reason}", markup=False, highlight=False, soft_wrap=True)

            keys = fill(clips, videos, on_done=decoded)
        with Progress(*columns, TextColumn("{task.fields[figures]}"), console=console) as bar:
            task = bar.add_task("training", total=None, figures="")

            measured: float | None = None

            def trained(now: training.Progress) -> None:
                nonlocal measured
                accuracy = "" if now.accuracy is None else f"  held-out pairs right {now.accuracy:.3f}"
                figures = f"loss {now.loss:.3f}{accuracy}"
                bar.update(task, completed=now.step, total=now.steps or None, figures=figures)
                if not console.is_terminal and now.accuracy != measured:  # a log shows no bar: a line a measurement
                    measured = now.accuracy
                    console.print(f"step {now.step} of {now.steps}, {figures}, {now.seconds_left:.0f} s left")

            config = training.TrainingConfig(minutes=minutes, learning_rate=learning_rate, seed=seed)
            network, report = training.train(
                model.value, PairSource(keys, clips.load), config, start=begin, on_progress=trained
            )
    except (training.TrainingError, MediaError, checkpoints.CheckpointError) as error:
        console.print(str(error), markup=False, highlight=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from error
    checkpoints.save(out, network, report)
    print(json.dumps({"out": str(out), **report}))
