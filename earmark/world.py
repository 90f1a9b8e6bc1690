"""`earmark world`: make sample videos of objects that sound, and measure how hard such videos are."""

import json as json_format
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from model.world.levels import Level

if TYPE_CHECKING:
    from model.truth import Truth
    from model.world.check import Checked

VIDEOS = 100  # made where nothing else is asked for
SECONDS = 6.0  # likewise
TELLING = 100  # videos; with a dozen there are so few moments that chance alone breaks a bound


def world(
    out: Annotated[Path, typer.Argument(help="Folder for the videos and their truth.json; made if need be.")],
    videos: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"How many videos the folder is to hold; {VIDEOS}, unless --check stands alone. With --benchmark, how "
            "many to train on.",
        ),
    ] = None,
    level: Annotated[
        Level,
        typer.Option(
            help="hard: more classes, some nearly alike, in crowds, several sounding at once. shifted: standard videos "
            "in other places, smaller and sounding higher."
        ),
    ] = Level.STANDARD,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of everything; the same seed makes the same videos.", show_default="0")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=3, max=60, help="Length of each video.", show_default=f"{SECONDS:g}")
    ] = None,
    benchmark: Annotated[
        bool,
        typer.Option(
            "--benchmark", help="Make LEVEL/train, LEVEL/validation and LEVEL/test within the folder, from fixed seeds."
        ),
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one a core.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Measure how hard the videos are; alone, those already in the folder.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout; the rest goes to stderr.")] = False,
) -> None:
    """Make short videos of objects that sound, with labels saying what sounds when and where.

    Drawn objects of 14 classes move before busy places, one or two to a video, among things that never sound. They take
    turns, sound together, pause; now and then something sounds that is nowhere in the picture. At the hard level there
    are up to three of 24 classes, from small to large, and things pass before each other. A folder begun with the same
    level, seed and length is gone on with; any other content is left alone.

    --check takes any folder with a truth.json. It measures how often mere guesses are right, which neither look for the
    object nor listen to it, and exits with 1 where that is too often for the level the videos were made at.

    --benchmark makes the videos that published figures are measured on: 1600 to train on, 100 to choose by, 250 to test
    on. It may be interrupted and run again.
    """
    from model.truth import TruthError
    from model.world.generation import WorldError

    stderr = Console(stderr=True)
    stdout = stderr if json else Console()
    result: dict[str, Any] = {"folder": str(out)}
    if benchmark and (check or seed is not None or seconds is not None):
        raise typer.BadParameter(
            "it has seeds and a length of its own, and --check takes one of its folders.", param_hint="--benchmark"
        )
    seed, seconds = seed or 0, seconds or SECONDS
    try:
        if benchmark:
            splits = _make_benchmark(out, videos, level, workers, stdout, stderr)
            result |= {"level": level.value, "splits": splits}
        elif videos is not None or not check:
            began = time.monotonic()
            truths, made = _make(out, videos or VIDEOS, seed, seconds, level, workers, stderr)
            result |= {"videos": len(truths), "made": made, "level": level.value, "seed": seed, "seconds": seconds}
            took = f", {made} of them made in {time.monotonic() - began:.0f} s" if made else ", none of them new"
            _say(stdout, f"{out} holds {len(truths)} videos of {seconds:g} s{took}: {_contents(truths)}.")
    except KeyboardInterrupt:
        _say(stderr, f"Interrupted: the same command goes on with {out} where it stopped.")
        raise typer.Exit(130) from None
    except (TruthError, WorldError) as error:
        _say(stderr, str(error))
        raise typer.Exit(1) from None
    try:
        checked = _check(out, workers, stderr) if check else None
    except TruthError as error:
        _say(stderr, str(error))
        raise typer.Exit(1) from None
    if checked is not None:
        for reason in checked.skipped:
            _say(stderr, f"Left out: {reason}")
        stdout.print(_table(checked, out))
        result |= {"videos": checked.videos, "check": _plain(checked), "holds": checked.holds}
    if json:
        typer.echo(json_format.dumps(result))
    if checked is not None and not checked.holds:
        if checked.videos < TELLING:
            _say(stderr, f"{checked.videos} videos are few: chance alone breaks a bound; measure {TELLING} or more.")
        raise typer.Exit(1)


def _make(
    out: Path,
    videos: int,
    seed: int,
    seconds: float,
    level: Level,
    workers: int | None,
    console: Console,
) -> "tuple[list[Truth], int]":
    """Fill the folder; the truth of all of it, and how many videos are new."""
    from model.world.generation import generate

    there: list[int] = []
    with _progress(console) as bar:
        task = bar.add_task("making videos", total=videos)

        def made(count: int) -> None:
            there.append(count)
            bar.update(task, completed=min(count, videos))

        truths = generate(out, videos=videos, seed=seed, seconds=seconds, level=level, workers=workers, progress=made)
    return truths, len(truths) - there[0]


def _make_benchmark(
    out: Path, train: int | None, level: Level, workers: int | None, stdout: Console, console: Console
) -> dict[str, dict[str, Any]]:
    """Fill the splits' folders; what --json tells of each."""
    from model.world.benchmark import SPLITS, make

    there: dict[str, int] = {}
    with _progress(console) as bar:
        tasks = {name: bar.add_task(f"{level}/{name}", total=None) for name in SPLITS[level]}

        def made(split: str, done: int, total: int) -> None:
            there.setdefault(split, done)
            bar.update(tasks[split], completed=min(done, total), total=total)

        truths = make(out, level, train=train, workers=workers, progress=made)
    for name, own in truths.items():
        new = len(own) - there[name]
        _say(stdout, f"{out / level / name} holds {len(own)} videos, {new or 'none'} of them new: {_contents(own)}.")
    return {
        name: {"videos": len(own), "made": len(own) - there[name], "seed": SPLITS[level][name].seed}
        for name, own in truths.items()
    }


def _check(out: Path, workers: int | None, console: Console) -> "Checked":
    from model.world.check import check

    with _progress(console) as bar:
        task = bar.add_task("measuring", total=None)
        return check(out, workers=workers, progress=lambda done, total: bar.update(task, completed=done, total=total))


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=True)  # what is said last says it all


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _contents(truths: "list[Truth]") -> str:
    classes = {name for truth in truths for name in truth.classes}
    two = sum(len(truth.classes) >= 2 for truth in truths)
    return f"{len(classes)} classes, {two} videos with two objects or more"


def _plain(checked: "Checked") -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": None if one.value is None else round(one.value, 4),
            "n": one.n,
            "least": one.bound.least,
            "most": one.bound.most,
            "holds": one.holds,
        }
        for name, one in checked.measurements.items()
    }


def _table(checked: "Checked", folder: Path) -> Table:
    table = Table(title=f"{checked.videos} videos of {folder}: what guessing reaches", title_justify="left")
    table.add_column()
    table.add_column("share", justify="right")
    table.add_column("allowed")
    table.add_column("of", justify="right")
    table.add_column()
    for one in checked.measurements.values():
        least, most = one.bound.least, one.bound.most
        allowed = (
            f"{least:.2f} - {most:.2f}"
            if least > 0 and most < 1
            else f"<= {most:.2f}"
            if most < 1
            else f">= {least:.2f}"
        )
        value = "-" if one.value is None else f"{one.value:.3f}"
        verdict = "kept" if one.holds else "BROKEN" if one.value is not None else "nothing to measure"
        table.add_row(
            one.bound.what, value, allowed, f"{one.n} {one.bound.of}", verdict, style=None if one.holds else "bold"
        )
    return table
