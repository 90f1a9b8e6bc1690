"""The videos that learning from little is measured on, and a retraining on some of them as a worker runs it."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from label_config import template
from model.checkpoints import SHIPPED
from model.world.benchmark import SECONDS, SPLITS
from model.world.generation import generate
from model.world.levels import Level
from training_jobs.trainer import Request, run

# A retraining's default is 3, which an idle core needs less than: here a busy machine must not change what is measured.
MINUTES = 20.0


def made(data: Path, level: Level, split: str, videos: int | None = None) -> Path:
    """The folder of a split of the benchmark, made where it is not there yet; of `train`, the first so many videos."""
    which = SPLITS[level][split]
    folder = data / level.value / split
    say(f"{folder}: {videos or which.videos} videos")
    generate(folder, videos=videos or which.videos, seed=which.seed, seconds=SECONDS, level=level, workers=1)
    return folder


def retrained(data: Path, name: str, videos: list[Path], *, minutes: float = MINUTES) -> tuple[Path, dict[str, Any]]:
    """A version trained from the shipped one on these videos and passed through the gate, and the trainer's outcome.

    Trains where that is not there yet in `data`/`name`, from the last snapshot where there is one: by the trainer's own
    entry, in this process.
    """
    folder = data / name
    outcome = folder / "outcome.json"
    if not outcome.is_file():
        (folder / "snapshots").mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        request = Request(
            project="0-0-0",
            trigger="measured",
            weights=str(SHIPPED),
            videos={str(number): str(path) for number, path in enumerate(videos)},
            label_config=template(),
            clips=str(data / "clips"),
            workdir=str(folder / "version"),
            minutes=minutes,
            snapshots=str(folder / "snapshots"),
            rehearsal=str(data / "rehearsal"),
        )
        found = run(request, _tell(name))
        outcome.write_text(json.dumps(found | {"seconds": round(time.monotonic() - began, 1)}, indent=2) + "\n")
        say(f"{name}: {time.monotonic() - began:.0f} s, {found.get('refused') or found['card']['reason']}")
    return folder / "version", json.loads(outcome.read_text())


def paths(folder: Path, first: int, count: int) -> list[Path]:
    """So many videos of a folder in their order, from number `first` on."""
    return sorted(folder.glob("*.mp4"))[first : first + count]


def say(line: str) -> None:
    """Tell how far it is, on stderr."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _tell(name: str) -> Any:
    """Says what the trainer tells, once half a minute and whenever it begins another step."""
    last = ["", 0.0]

    def tell(line: dict[str, Any]) -> None:
        if line["step"] != last[0] or time.monotonic() - float(last[1]) > 30:
            last[:] = [line["step"], time.monotonic()]
            say(f"{name}: {line['step']} {line['done']} of {line['total']} {line['detail']}")

    return tell
