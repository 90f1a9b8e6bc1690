"""The levels of the generated world: how hard its videos are to tell."""

from enum import StrEnum

import numpy as np

from model.world import crowds, scenes
from model.world.scenes import Scene


class Level(StrEnum):
    """How hard the videos are."""

    STANDARD = "standard"
    HARD = "hard"


def plan(level: Level, rng: np.random.Generator, seconds: float) -> Scene:
    """Draw up one video of a level, of the given length in seconds."""
    return crowds.plan(rng, seconds) if level is Level.HARD else scenes.plan(rng, seconds)
