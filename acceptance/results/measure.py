"""Measuring an experiment by the commands a reader would type, and keeping what came out as JSON."""

import json
import shutil
from pathlib import Path
from typing import Any

from acceptance import composites
from acceptance.command import earmark
from acceptance.results.experiments import Experiment
from model import truth
from model.truth import Truth
from model.world.benchmark import SECONDS, SPLITS, Split
from model.world.generation import WORLD, generate
from model.world.levels import Level

KEPT = Path(__file__).parents[2] / "docs" / "results"
RETRIEVAL = "retrieval"


def measured(name: str) -> dict[str, Any] | None:
    """What an experiment gave when it was last made, or None."""
    path = KEPT / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def measure(experiment: Experiment, data: Path) -> dict[str, Any]:
    """Train and evaluate one, and keep its JSON.

    Args:
        experiment: which.
        data: folder for videos, decoded clips and weights, kept for the next time.
    """
    folder, test = provide(data, experiment.train), provide(data, experiment.test)
    weights = data / "weights" / f"{experiment.name}.safetensors"
    weights.parent.mkdir(parents=True, exist_ok=True)
    options = ("--model", experiment.model, *experiment.options)
    commands = [f"earmark train {experiment.train} --out {weights.name} {' '.join(options)}".strip()]
    cache = data / "clips"
    report = json.loads(earmark("train", folder, "--out", weights, "--cache", cache, "--anew", *options))
    report["out"] = weights.name
    result: dict[str, Any] = {"name": experiment.name, "shows": experiment.shows, "train": report}
    for subject in experiment.subjects:
        commands.append(f"earmark evaluate {subject} --data {experiment.test} --model {weights.name}")
        result[subject] = json.loads(
            earmark("evaluate", *subject.split(), "--data", test, "--model", weights, "--json")
        )
    keep(experiment.name, result | {"commands": commands})
    return result


def measure_retrieval(data: Path) -> dict[str, Any]:
    """The retrieval table of the three networks, with L3-Net's CCA fitted to the validation videos."""
    test, validation = provide(data, "standard/test"), provide(data, "standard/validation")
    names = ("ave", "avol", "l3")
    models = [part for name in names for part in ("--model", data / "weights" / f"{name}.safetensors")]
    result = json.loads(earmark("evaluate", "retrieval", "--data", test, "--validation", validation, "--json", *models))
    typed = " ".join(f"--model {name}.safetensors" for name in names)
    command = f"earmark evaluate retrieval --data standard/test --validation standard/validation {typed}"
    keep(RETRIEVAL, {"name": RETRIEVAL, RETRIEVAL: result, "commands": [command]})
    return result


def keep(name: str, result: dict[str, Any]) -> None:
    """Write an experiment's JSON."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def provide(data: Path, folder: str) -> Path:
    """A folder of videos by its name within the data folder; made if need be.

    "standard/train-600" holds the first 600 videos of what "standard/train" would be if it were long enough.

    Raises:
        FileNotFoundError: its photographs and recordings are not there.
    """
    path = data / folder
    world, _, part = folder.partition("/")
    if world == "composites":
        if not composites.SOURCE.is_dir():
            raise FileNotFoundError(f"{composites.SOURCE} is not there to paste scenes from.")
        composites.provide(path, part)
        return path
    split, _, count = part.partition("-")
    which = SPLITS[Level(world)][split]
    videos = int(count or which.videos)
    if count and not (path / truth.FILE).is_file():
        whole = data / world / split
        _link(_made(whole, world, which, min(videos, which.videos))[:videos], whole, path)
    _made(path, world, which, videos)
    return path


def _made(folder: Path, level: str, split: Split, videos: int) -> list[Truth]:
    """The first videos of a split of the benchmark."""
    return generate(folder, videos=videos, seed=split.seed, seconds=SECONDS, level=Level(level))


def _link(truths: list[Truth], source: Path, folder: Path) -> None:
    """Make a folder of the same world that holds only these videos."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / WORLD, folder / WORLD)
    for labels in truths:
        (folder / labels.file).symlink_to(source / labels.file)
    truth.write(folder, truths)
