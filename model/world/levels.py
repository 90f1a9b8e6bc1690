"""The levels of the generated world."""

from enum import StrEnum


class Level(StrEnum):
    """Which videos: standard ones, hard ones, or standard ones elsewhere, see `model.world.shifted`."""

    STANDARD = "standard"
    HARD = "hard"
    SHIFTED = "shifted"
