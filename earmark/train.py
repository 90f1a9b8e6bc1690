"""`earmark train`: train a network on a folder of unlabelled videos."""

import json
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

FINER = "Finer settings, chosen by data and device"


class Kind(StrEnum):
    """The networks that can be trained."""

    avol = "avol"
    ave = "ave"
    l3 = "l3"
    ave_mf = "ave-mf"
    ave_of = "ave-of"


class Objective(StrEnum):
    """What training minimises."""

    contrastive = "contrastive"
    avc = "avc"


class Size(StrEnum):
    """How large a network trained from nothing is."""

    small = "small"
    paper = "paper"


class Head(StrEnum):
    """How AVOL-Net compares places with a sound."""

    product = "product"
    distance = "distance"


class Schedule(StrEnum):
    """How the learning rate falls."""

    cosine = "cosine"
    paper = "paper"


class Negatives(StrEnum):
    """Where the seconds of pairs that do not correspond begin."""

    grid = "grid"
    naive = "naive"


def train(
    folder: Annotated[Path, typer.Argument(help="A folder of videos. Nothing else in it is read.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="The weights file to write (.safetensors); none is written over without --anew."),
    ],
    model: Annotated[
        Kind, typer.Option(help="avol draws boxes; ave finds likeness; the others are what these are compared with.")
    ] = Kind.avol,
    objective: Annotated[
        Objective,
        typer.Option(help="contrastive: every other pairing of a batch is a negative; avc: the paper's single one."),
    ] = Objective.contrastive,
    minutes: Annotated[float, typer.Option(min=0.1, help="Wall-clock budget, decoding not counted.")] = 20.0,
    start: Annotated[
        Path | None,
        typer.Option(help="Begin from these weights; of another network, from what can be taken over."),
    ] = None,
    resume: Annotated[
        bool | None,
        typer.Option(
            "--resume/--anew", help="Go on with a training that was interrupted; or begin it again, over what is there."
        ),
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where decoded clips are kept for next time.")] = Path(".earmark/clips"),
    tensorboard: Annotated[Path | None, typer.Option(help="Folder to write TensorBoard's event files to.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or cuda:N; by default the GPU if there is one.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="Of the weights, the pairs and the augmentations.")
    ] = 0,
    size: Annotated[Size | None, typer.Option(help="Of a network from nothing.", rich_help_panel=FINER)] = None,
    head: Annotated[
        Head | None, typer.Option(help="Of avol: distance, or the paper's product.", rich_help_panel=FINER)
    ] = None,
    fine: Annotated[
        bool,
        typer.Option("--fine", help="Of avol: a map of 28 x 28, for four times the work.", rich_help_panel=FINER),
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Exactly so many steps, whatever time they take.", rich_help_panel=FINER)
    ] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="Pairs a step.", rich_help_panel=FINER)] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-7, max=1.0, rich_help_panel=FINER)] = None,
    schedule: Annotated[
        Schedule, typer.Option(help="cosine, or the paper's x .94 every 16 passes.", rich_help_panel=FINER)
    ] = Schedule.cosine,
    misalignment: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Seconds the sound may be off; 1 in the paper.", rich_help_panel=FINER),
    ] = None,
    mixed: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Of avol: share of seconds that hold another video's too; else .3.",
            rich_help_panel=FINER,
        ),
    ] = None,
    negatives: Annotated[
        Negatives,
        typer.Option(help="naive: the ablation of the paper's shortcut prevention, for avc.", rich_help_panel=FINER),
    ] = Negatives.grid,
    hard: Annotated[
        bool, typer.Option("--hard", help="Pool maps by the hard maximum throughout.", rich_help_panel=FINER)
    ] = False,
) -> None:
    """Train a network on unlabelled videos and write its weights.

    The videos need no labels: the network learns which sight goes with which sound. A few hundred videos of several
    seconds are a start, a few thousand are better. A tenth of them is held out to measure on; training ends when they
    gain no more, or when the time is up. Interrupted, it can be gone on with by --resume.

    Out of the device's memory, one process goes on with half the batch.

    Several GPUs or machines: torchrun --nproc-per-node 4 -m earmark train ...; out of memory ends it: choose a smaller
    --batch, of each process.
    """
    from rich.console import Console

    from earmark.resumption import differs
    from earmark.training_view import TrainingView, decode
    from model import checkpoints, training
    from model.clips import media_key, videos_in
    from model.motion_clips import CACHES
    from model.networks import NETWORKS, NetworkConfig
    from model.pairs import PairSource
    from model.training.processes import DeviceError, processes
    from model.training.recipe import recipe
    from model.training.snapshot import OtherTrainingError, SnapshotError
    from model.video import MediaError

    console = Console(stderr=True)
    snapshot = out.with_name(out.name + ".training")
    try:
        _check_writable(out)
        if without := _without_effect(model, objective, negatives, head, hard, start, size, fine, mixed):
            raise training.TrainingError(without)
        if snapshot.exists() and resume is None:
            raise training.TrainingError(
                f"{snapshot} is of an interrupted training: go on with it by --resume, or begin again by --anew."
            )
        if out.exists() and resume is None:
            raise training.TrainingError(
                f"{out} is there already: train again and write over it by --anew, or name another file by --out."
            )
        if resume and not snapshot.exists() and out.exists():
            console.print(f"{out} is there already, its training is done; --anew trains again.", highlight=False)
            return
        if resume and not snapshot.exists():
            console.print(f"There is no {snapshot} to go on with; beginning anew.", highlight=False, soft_wrap=True)
            resume = False
        begin = checkpoints.load(start) if start else None
        if begin is not None and begin.kind == Kind.avol.value and (head or begin.config.head) != begin.config.head:
            raise training.TrainingError(
                f"{start}: its head is {begin.config.head}, which training does not change: leave --head out."
            )
        with _interruptible(), processes(device) as group:
            videos = videos_in(folder)
            network, config = recipe(objective.value, len(videos), group.device)
            if size is not None:
                network = NetworkConfig() if size is Size.small else NetworkConfig.paper()
            network = replace(network, head=(head or Head.distance).value, stride=1 if fine else 2)
            given = {
                "steps": steps,
                "batch": batch,
                "learning_rate": learning_rate,
                "misalignment": misalignment,
                "mixed": mixed,
            }
            config = replace(
                config,
                minutes=minutes,
                schedule=schedule.value,
                naive=negatives is Negatives.naive,
                sharpness=None if hard else config.sharpness,
                seed=seed,
                **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
            )
            # A little larger than what the network sees, so that random crops lose nothing.
            seen = (begin.config if begin else network).image_size
            clips = CACHES[NETWORKS[model.value].takes](cache, size=seen * 8 // 7)
            demand_enough = partial(training.demand_enough, config=config, processes=group.count)
            demand_enough(len(videos))
            if resume and not group.rank:
                training.demand_resumable(
                    snapshot,
                    [media_key(path) for path in videos],
                    model.value,
                    config,
                    network_config=network,
                    start=begin,
                    processes=group,
                )
            if group.rank:
                group.agree(0)  # process 0 decodes, the others find the clips in the cache
            keys = decode(videos, clips, console, demand_enough)
            if not group.rank:
                group.agree(0)
            with TrainingView(console, tensorboard if not group.rank else None) as shown:
                trained, report = training.train(
                    model.value,
                    PairSource(keys, clips.load),
                    config,
                    network_config=network,
                    start=begin,
                    processes=group,
                    snapshot=snapshot,
                    resume=bool(resume),
                    on_progress=shown.progress,
                    on_measured=shown.measured,
                )
            if group.rank:
                return
            if start:
                report["start"] = {"file": start.name, "card": _origin(checkpoints.card_of(start))}
            checkpoints.save(out, trained, report)
    except KeyboardInterrupt:
        how = (
            "the same command with --resume goes on"
            if snapshot.exists()
            else "what was decoded is kept, nothing learnt"
        )
        console.print(f"Interrupted: {how}.", highlight=False)
        raise typer.Exit(130) from None
    except OtherTrainingError as error:
        console.print(differs(error), markup=False, highlight=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from error
    except (training.TrainingError, SnapshotError, DeviceError, MediaError, checkpoints.CheckpointError) as error:
        console.print(str(error), markup=False, highlight=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from error
    except OSError as error:  # the cache, TensorBoard's folder or the weights: its text names which
        console.print(f"Cannot be written: {error}", markup=False, highlight=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from error
    snapshot.unlink(missing_ok=True)
    style = None if report["learnt"] else "red"
    console.print(report["verdict"], markup=False, highlight=False, style=style, soft_wrap=True)
    print(json.dumps({"out": str(out), **report}))


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM does as Ctrl-C: what decodes for this process is seen to its end, and how to go on is said."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_writable(out: Path) -> None:
    """Before an hour of training: can its result be written?"""
    from model.training import TrainingError

    if not out.parent.is_dir():
        raise TrainingError(f"{out.parent}: no such folder to write the weights to.")
    if out.is_dir():
        raise TrainingError(f"{out} is a folder; --out names the weights file to write.")
    if out.suffix != ".safetensors":
        raise TrainingError(f"{out}: weights are written as .safetensors; name the file so.")
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".earmark-"):
            pass
    except OSError as error:
        raise TrainingError(f"{out.parent}: nothing can be written there ({error.strerror or error}).") from error


def _without_effect(
    model: Kind,
    objective: Objective,
    negatives: Negatives,
    head: Head | None,
    hard: bool,
    start: Path | None,
    size: Size | None,
    fine: bool,
    mixed: float | None,
) -> str | None:
    """A sentence where an option that was given would change nothing: nobody must take that for a measurement."""
    if negatives is Negatives.naive and objective is not Objective.avc:
        return "--negatives naive is an ablation of --objective avc; the contrastive objective draws no such negatives."
    if mixed is not None and objective is Objective.avc:
        return "--mixed is of the contrastive objective; avc has pairs of a picture with one second alone."
    if (head is not None or hard or fine or mixed is not None) and model is not Kind.avol:
        return f"--head, --hard, --fine and --mixed are AVOL-Net's; {model.value} has no map."
    if start is not None and (size is not None or fine):
        return "--size and --fine are of a network from nothing; with --start they come from the weights."
    return None


def _origin(card: dict) -> dict:
    """What must stay known of the weights a training began from: all but their curve."""
    return {name: value for name, value in card.items() if name != "curve"}
