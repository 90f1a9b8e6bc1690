"""Rehearsal: generated clips of what the shipped weights know, mixed into a training on a team's own.

What a network learnt before is forgotten while it learns something else; going on with some of the old examples keeps
it (Robins, "Catastrophic forgetting, rehearsal and pseudorehearsal", Connection Science 1995). The clips are the same
everywhere, by a fixed seed, and are made once a home.
"""

import fcntl
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from model import calibration, clips
from model.pairs import PairSource
from model.world.generation import generate

if TYPE_CHECKING:
    from model.networks import Network

VIDEOS = 128
PIECE = 16  # of them, which divides their number
SEED = 6_128  # of no video that anything is trained or measured on elsewhere
SECONDS = 6.0
# How often a network must tell a rehearsal clip's own sound from another's to rehearse at all: what it never knew it
# cannot forget. The shipped weights reach .95, chance is .50.
KNOWN = 0.8


def rehearsal(folder: Path, *, on_done: Callable[[str, int], None] = lambda _what, _count: None) -> PairSource:
    """The clips to rehearse, made where they are not there yet: about half a second of one core each.

    Args:
        folder: that keeps them, made if need be; what an interrupted run has made is gone on with.
        on_done: called with "made", then with "decoded", and how many of `VIDEOS` are.

    Raises:
        model.world.generation.WorldError: they cannot be written.
    """
    cache, listed, videos = clips.ClipCache(folder), folder / "clips.txt", folder / "videos"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the training of another project waits until they are there
        if not listed.is_file():
            # By pieces, since what a killed run has made within one is made anew.
            told = partial(on_done, "made")
            for there in range(PIECE, VIDEOS + 1, PIECE):
                made = generate(videos, videos=there, seed=SEED, seconds=SECONDS, progress=told)
            keys = []
            for truth in made:
                keys.append(cache.add(videos / truth.file))
                on_done("decoded", len(keys))
            part = listed.with_suffix(".part")
            part.write_text("\n".join(keys) + "\n")
            part.replace(listed)
            shutil.rmtree(videos)
    return PairSource(listed.read_text().split(), cache.load)


def knows(network: "Network", source: PairSource) -> bool:
    """Whether a network has learnt what the clips hold, so that rehearsing them makes sense."""
    return calibration.area(*calibration.pair_scores(network, source, source.keys, rounds=1)) >= KNOWN
