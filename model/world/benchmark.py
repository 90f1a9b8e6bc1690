"""The benchmark: the videos that published figures are measured on, of every level, made from fixed seeds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model.truth import Truth
from model.world.generation import generate
from model.world.levels import Level

SECONDS = 6.0  # length of every video


@dataclass(frozen=True)
class Split:
    """One folder of the benchmark."""

    videos: int
    seed: int  # no two splits share one, and nothing else is made from any of them


SPLITS: dict[Level, dict[str, Split]] = {
    Level.STANDARD: {
        "train": Split(1600, seed=11),
        "validation": Split(100, seed=7_250_100),  # to choose by: settings, thresholds, when to stop
        "test": Split(250, seed=7_250_250),  # to measure on, once everything is chosen
    },
    Level.HARD: {
        "train": Split(1600, seed=8_251_600),
        "validation": Split(100, seed=8_250_100),
        "test": Split(250, seed=8_250_250),
    },
    Level.SHIFTED: {
        "train": Split(1600, seed=9_251_600),
        "validation": Split(100, seed=9_250_100),
        "test": Split(250, seed=9_250_250),
    },
}


def make(
    folder: Path,
    level: Level,
    *,
    train: int | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, list[Truth]]:
    """Make a level's splits in `folder`/<level>/<split>; answer their truths by split.

    What is there already is kept, so that an interrupted run is gone on with.

    Args:
        folder: of the benchmark; made if need be.
        level: of the videos.
        train: how many videos to train on, where not all are wanted: the first ones. The other splits are always
            whole, or figures could not be compared.
        workers: processes; by default as many as there are cores for this one.
        progress: called with split, videos there, and videos there are to be; at first and after each.

    Raises:
        model.world.generation.WorldError: a folder holds something else or cannot be written.
    """
    truths = {}
    for name, split in SPLITS[level].items():
        videos = train if name == "train" and train is not None else split.videos

        def made(there: int, name: str = name, videos: int = videos) -> None:
            if progress is not None:
                progress(name, there, videos)

        truths[name] = generate(
            folder / level.value / name,
            videos=videos,
            seed=split.seed,
            seconds=SECONDS,
            level=level,
            workers=workers,
            progress=made,
        )
    return truths
