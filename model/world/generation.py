"""Making the world: any number of videos, in parallel, the same for the same seed."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from model.truth import Segment, Truth, write
from model.world.encoding import encode
from model.world.mixing import mix
from model.world.rendering import render
from model.world.scenes import HEIGHT, WIDTH, plan
from model.world.sounds import SAMPLE_RATE

FRAME_RATE = 25


def make_video(folder: Path, seed: int, index: int, seconds: float = 6.0) -> Truth:
    """Write video `index` of a seed's world into the folder, whole or not at all, and answer its truth.

    Depends on nothing but seed, index and length: not on how many videos are made, nor on which process makes it.
    """
    rng = np.random.default_rng([seed, index])
    scene = plan(rng, seconds)
    audio, segments = mix(rng, scene, seconds)
    boxes: list[list[tuple[float, float, float, float] | None]] = [[] for _ in scene.objects]

    def frames():  # type: ignore[no-untyped-def]
        for pixels, found in render(rng, scene, seconds, FRAME_RATE):
            for track, box in zip(boxes, found, strict=True):
                track.append(box)
            yield pixels

    name = f"{index:05d}.mp4"
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
            "off_screen": [{"class": voice.name, "t0": round(a, 3), "t1": round(b, 3)} for voice in scene.off_screen for a, b in voice.times],
            "distractors": [thing.name for thing in scene.distractors],
        },
    )


def generate(
    folder: Path, *, videos: int, seed: int = 0, seconds: float = 6.0, workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Truth]:  # fmt: skip
    """Write `videos` videos and truth.json into the folder (made if need be); answer the truth.

    `workers` processes share the work, by default as many as there are cores for this process; `progress` is called
    with the number of videos finished so far.
    """
    folder.mkdir(parents=True, exist_ok=True)
    workers = min(workers or len(os.sched_getaffinity(0)), videos)
    truths: list[Truth] = []
    # forkserver: a fork of a process that holds threads may hang, and a spawn imports everything once a worker.
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        try:
            waiting = [pool.submit(make_video, folder, seed, index, seconds) for index in range(videos)]
            for done in waiting:
                truths.append(done.result())
                if progress is not None:
                    progress(len(truths))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    write(folder, truths)
    return truths
