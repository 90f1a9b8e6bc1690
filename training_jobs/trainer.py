"""The trainer: the heavy part of a training, in a fresh process of its own (`python -m training_jobs.trainer`).

It is given local files and folders, and neither Redis nor Label Studio nor any token. It tells its progress as one
JSON object a line on stdout; the last line is the outcome.
"""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training_jobs.devices import Device
from training_jobs.processes import die_with_parent

if TYPE_CHECKING:
    from model.training import Progress

MEMORY_SECONDS = 600.0  # that a training waits for room on its device before it is refused
MEMORY_LOOK = 5.0  # seconds between two looks
NICENESS = 10  # annotating and answering Label Studio go first


@dataclass(frozen=True)
class Request:
    """What to train.

    Attributes:
        project: key of the project, for the card.
        trigger: why, one sentence, for the card.
        weights: folder of the current version.
        videos: local media file by Label Studio's task id.
        names: what people know each of these files as, by task id; without one its own name.
        label_config: the project's XML.
        clips: folder of the clip cache.
        workdir: folder that gets the new version.
        minutes: wall-clock budget of the training proper.
        steps: of each network, instead of the budget.
        snapshots: folder to keep the state of the training in, and to go on from where it holds one.
        device: where the networks are trained.
        rehearsal: folder of the generated clips to rehearse, see `training_jobs.rehearsal`; None: none are.
        boxes: folder of labelled videos that nothing was trained on, see `localization_set.write_set`; None: of none.
    """

    project: str
    trigger: str
    weights: str
    videos: dict[str, str]
    label_config: str
    clips: str
    workdir: str
    minutes: float
    steps: int | None = None
    snapshots: str | None = None
    device: str = "cpu"
    rehearsal: str | None = None
    boxes: str | None = None
    names: dict[str, str] = field(default_factory=dict)


Tell = Callable[[dict[str, Any]], None]


def run(request: Request, tell: Tell) -> dict[str, Any]:
    """Decode, train, evaluate and pass through the gate; writes the version with its card.

    Args:
        request: what to train.
        tell: is given `{"step", "done", "total", "seconds_left", "detail"}` now and then.

    Returns:
        `{"version": name}` with the card under `"card"`, or `{"refused": reason}`; with either, under `"skipped"`, a
        sentence for each video that was passed over.
    """
    from model import clips

    skipped: list[str] = []
    cache = clips.ClipCache(request.clips)
    paths = {Path(path): task for task, path in request.videos.items()}
    new = sum(not cache.holds(path) for path in paths)
    done = 0

    def decoded(path: Path, reason: str | None) -> None:
        nonlocal done
        done += 1
        if reason:
            task = paths[path]
            skipped.append(f"task {task}: {reason.replace(path.name, request.names.get(task, path.name), 1)}")
        about = f"{new} new, {len(paths) - new} decoded before"
        tell({"step": "decode", "done": done, "total": len(paths), "detail": skipped[-1] if reason else about})

    keys = clips.fill(cache, list(paths), processes=min(4, os.cpu_count() or 1, max(1, new)), on_done=decoded)
    return _train(request, cache, keys, skipped, tell)


def _train(request: Request, cache: Any, keys: Sequence[str], skipped: list[str], tell: Tell) -> dict[str, Any]:
    from backend.code_version import code_version
    from model import checkpoints
    from model.pairs import PairSource
    from model.training import TrainingError
    from model.world.generation import WorldError
    from training_jobs import gate
    from training_jobs.holding_out import hold_out
    from training_jobs.learning import SHARES, between, steps_left, too_few
    from training_jobs.predictor import SoundingObjects
    from training_jobs.rehearsal import VIDEOS, rehearsal

    if reason := too_few(len(keys)):
        return {"refused": reason, "skipped": skipped}
    device = Device(request.device)
    if reason := await_memory(device, tell):
        return {"refused": reason, "skipped": skipped}
    device.limit()
    learn, held_out = hold_out(keys)
    workdir = Path(request.workdir)
    model = SoundingObjects(request.label_config, weights=request.weights)

    def prepared(what: str, videos: int) -> None:
        tell({"step": "decode", "done": videos, "total": VIDEOS, "detail": f"generated videos to rehearse: {what}"})

    def trained(kind: str, progress: "Progress") -> None:
        share, left = steps_left(kind, progress, request.minutes)
        detail = f"{kind}: step {progress.step} of {progress.steps or '?'}, loss {progress.loss:.3f}"
        tell({"step": "train", "done": round(share, 4), "total": 1, "seconds_left": round(left), "detail": detail})

    try:
        card = model.fit(
            workdir=str(workdir),
            source=PairSource(learn, cache.load),
            rehearsal=rehearsal(Path(request.rehearsal), on_done=prepared) if request.rehearsal else None,
            minutes=request.minutes,
            steps=request.steps,
            snapshots=Path(request.snapshots) if request.snapshots else None,
            device=request.device,
            on_progress=trained,
        )
    except (TrainingError, WorldError) as error:
        return {"refused": f"The training gave no usable network: {error}", "skipped": skipped}
    tell({"step": "evaluate", "done": 0, "total": 1, "detail": f"{len(held_out)} held-out videos"})
    learnt, current = checkpoints.load_models(workdir), model.models
    ways = {share: between(current, learnt, share) for share in SHARES}
    boxes = None if request.boxes is None else Path(request.boxes)
    share, verdict = gate.judge(ways, current, PairSource(held_out, cache.load), held_out, boxes=boxes)
    if share < 1:
        checkpoints.save(workdir / "avol.safetensors", ways[share].avol, card["training"]["avol"])
        checkpoints.save(workdir / "ave.safetensors", ways[share].ave, card["training"]["ave"])
    card |= {
        "version": checkpoints.version_of(workdir),
        "share": share,
        "project": request.project,
        "trigger": request.trigger,
        "held_out": sorted(held_out),
        "skipped": skipped,
        "code": code_version(),
        "metrics": verdict.metrics,
        "gate": verdict.to_dict(),
        "state": verdict.state,
        "reason": verdict.reason,
    }
    (workdir / checkpoints.CARD).write_text(json.dumps(card, indent=2) + "\n")
    tell({"step": "gate", "done": 1, "total": 1, "detail": verdict.reason})
    return {"version": card["version"], "card": card, "skipped": skipped}


def await_memory(device: Device, tell: Tell) -> str | None:
    """Wait for the device to have room for a training; why it has none, one sentence, after MEMORY_SECONDS."""
    deadline = time.monotonic() + MEMORY_SECONDS
    while lack := device.lack():
        if time.monotonic() > deadline:
            return f"{lack} It did not become free within {MEMORY_SECONDS / 60:g} minutes."
        tell({"step": "train", "detail": f"waits: {lack}"})
        time.sleep(MEMORY_LOOK)
    return None


def main() -> None:
    """Read the request from the file named first; die with the process named second."""
    die_with_parent(int(sys.argv[2]))
    os.nice(NICENESS)
    multiprocessing.set_start_method("spawn")  # torch's threads would not survive a fork
    request = Request(**json.loads(Path(sys.argv[1]).read_text()))
    # What libraries print must not mix with the answers.
    answers, sys.stdout = sys.stdout, sys.stderr

    def tell(line: dict[str, Any]) -> None:
        answers.write(json.dumps(line) + "\n")
        answers.flush()

    tell({"outcome": run(request, tell)})


def request_text(request: Request) -> str:
    """The request as `main` reads it."""
    return json.dumps(asdict(request))


if __name__ == "__main__":
    main()
