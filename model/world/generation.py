"""Making the world: any number of videos, in parallel, the same for the same seed."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from model.truth import FILE, Box, Segment, Truth, read, write
from model.workers import spread
from model.world import crowds, scenes, shifted
from model.world.encoding import encode
from model.world.levels import Level
from model.world.mixing import mix
from model.world.rendering import render
from model.world.scenes import HEIGHT, WIDTH
from model.world.synthesis import SAMPLE_RATE

FRAME_RATE = 25
PLANS: dict[Level, Callable[[np.random.Generator, float], scenes.Scene]] = {
    Level.STANDARD: scenes.plan,
    Level.HARD: crowds.plan,
    Level.SHIFTED: shifted.plan,
}
WORLD = "world.json"  # beside truth.json: which world the folder holds, so that no two are mixed
KEPT = 100  # videos after which truth.json is written, so that a run that is killed loses no more than these
BYTES_A_SECOND = 80_000  # of a video, rather too many than too few


class WorldError(ValueError):
    """One sentence saying why the videos cannot be made."""


def make_video(folder: Path, seed: int, index: int, seconds: float = 6.0, level: Level = Level.STANDARD) -> Truth:
    """Write video `index` of a seed's world into the folder, whole or not at all, and answer its truth.

    Depends on nothing but seed, index, length and level: not on how many videos are made, nor on which process makes
    it.
    """
    rng = np.random.default_rng([seed, index])
    scene = PLANS[level](rng, seconds)
    audio, segments = mix(rng, scene, seconds)
    boxes: list[list[Box | None]] = [[] for _ in scene.objects]

    def frames() -> Iterator[np.ndarray]:
        for pixels, found in render(rng, scene, seconds, FRAME_RATE):
            for track, box in zip(boxes, found, strict=True):
                track.append(box)
            yield pixels

    name = _name(index)
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        encode(part, frames(), audio, size=(HEIGHT, WIDTH), frame_rate=FRAME_RATE, sample_rate=SAMPLE_RATE)
        part.replace(folder / name)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return Truth(
        file=name,
        classes=[thing.name for thing in scene.objects],
        segments=[Segment(t0, t1, number) for number, own in enumerate(segments) for t0, t1 in own],
        boxes=dict(enumerate(boxes)),
        extras={
            "off_screen": [
                {"class": voice.name, "t0": round(start, 3), "t1": round(end, 3)}
                for voice in scene.off_screen
                for start, end in voice.times
            ],
            "distractors": [thing.name for thing in scene.distractors],
        },
    )


def generate(
    folder: Path,
    *,
    videos: int,
    seed: int = 0,
    seconds: float = 6.0,
    level: Level = Level.STANDARD,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Truth]:
    """Write `videos` videos and their truth.json into the folder (made if need be); answer the truth of all of it.

    A folder that already holds some of the same world is gone on with: what its truth.json lists is kept, what an
    interrupted run left beyond that is made anew. Nothing else is ever written into or over.

    Args:
        folder: a new or empty one, or one this function wrote with the same seed, length and level.
        videos: how many the folder is to hold; if it holds more already, they stay.
        seed: of the world, >= 0.
        seconds: length of each video.
        level: which videos.
        workers: processes that share the work, by default as many as there are cores for this one.
        progress: called with the number of videos that are there, at first and after each.

    Raises:
        WorldError: the folder holds something else or cannot be written.
    """
    there = _claim(folder, {"level": level.value, "seed": seed, "seconds": seconds})
    _demand_space(folder, (videos - len(there)) * seconds * BYTES_A_SECOND)
    progress = progress or (lambda _: None)
    progress(len(there))
    truths = list(there)
    arguments = [(folder, seed, index, seconds, level) for index in range(len(there), videos)]
    try:
        for made in spread(make_video, arguments, workers=workers):
            truths.append(made)
            progress(len(truths))
            if len(truths) % KEPT == 0:
                write(folder, truths)
        write(folder, truths)
    except KeyboardInterrupt:
        write(folder, truths)
        raise
    except BrokenProcessPool:
        raise WorldError(f"{folder}: a worker was ended from outside, perhaps for want of memory; try again.") from None
    except OSError as error:
        raise WorldError(f"{folder} cannot be written to: {error.strerror or error}.") from error
    return truths


def level_of(folder: Path) -> Level:
    """The level a folder's videos were made at; standard where they were not made here."""
    world = _world_of(folder)
    return Level(world["level"]) if world else Level.STANDARD


def _claim(folder: Path, world: dict[str, Any]) -> list[Truth]:
    """Make the folder this world's own; answer the truth of the videos that are there already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        if held and _world_of(folder) != world:
            raise WorldError(f"{folder} holds {_words(folder, held)}; choose an empty folder.")
        for part in folder.glob(".*.part"):  # left by a run that was killed
            part.unlink()
        (folder / WORLD).write_text(json.dumps(world) + "\n", encoding="utf-8")
        truths = read(folder) if (folder / FILE).exists() else []
    except (FileExistsError, NotADirectoryError):
        raise WorldError(f"{folder} is a file; choose a folder.") from None
    except OSError as error:
        raise WorldError(f"{folder} cannot be written to: {error.strerror or error}.") from error
    names = [truth.file for truth in truths]
    if names != [_name(index) for index in range(len(names))] or not all((folder / name).is_file() for name in names):
        raise WorldError(
            f"{folder}: its videos and its {FILE} are no longer those that were made; choose an empty folder."
        )
    return truths


def _world_of(folder: Path) -> dict[str, Any] | None:
    """Level, seed and seconds a folder was made with; None where it was not made by this program."""
    try:
        world = json.loads((folder / WORLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(world, dict) or not {"seed", "seconds"} <= set(world):
        return None
    world.setdefault("level", Level.STANDARD.value)  # where there was no other yet, none was written
    return world if world["level"] in list(Level) else None


def _words(folder: Path, held: list[str]) -> str:
    if world := _world_of(folder):
        level = "" if world["level"] == Level.STANDARD else f"{world['level']} "
        return f"the {level}world of seed {world['seed']} with videos of {world['seconds']:g} s"
    return f"other files ({min(held)}, ..)" if len(held) > 1 else f"another file ({held[0]})"


def _demand_space(folder: Path, needed: float) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise WorldError(
            f"{folder}: the videos need about {needed / 1e6:.0f} MB and {free / 1e6:.0f} MB are free; make fewer."
        )


def _name(index: int) -> str:
    return f"{index:05d}.mp4"
