"""Which clips are held out of a training, and how many there must be to learn from."""

import hashlib
from collections.abc import Sequence

from model.training.errors import TrainingError
from model.training.recipe import TrainingConfig


def demand_enough(videos: int, config: TrainingConfig, processes: int = 1) -> None:
    """Refuse what is too little to learn from, whatever is in it.

    Args:
        videos: how many there are.
        config: how they are to be trained on.
        processes: that share the work.

    Raises:
        TrainingError: they are too few.
    """
    learn = videos - _held_out(videos, config.validation_share)
    if learn < config.fewest:
        raise TrainingError(
            f"too few videos to learn from ({videos}): at least {config.fewest + 2} are needed, and several hundred "
            "for a network trained from nothing."
        )
    least = least_batch(config)
    if min(config.batch, learn // processes) < least:
        raise TrainingError(
            f"a step needs {least} pairs a process, each of another video, and there are {learn} videos, {processes} "
            f"process(es) and a batch of {config.batch}: give a larger batch, or more videos."
        )


def least_batch(config: TrainingConfig) -> int:
    """Pairs a step at least: of "avc" half are apart, and need another video's sound."""
    return 4 if config.objective == "avc" else 2


def split(keys: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Split clips into those to learn from and those held out, by a hash of the key: stable as clips are added."""
    count = _held_out(len(keys), share)
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    return ranked[count:], ranked[:count]


def _held_out(videos: int, share: float) -> int:
    return min(200, max(2, round(videos * share)))  # a single one would have no other sound to be told from
