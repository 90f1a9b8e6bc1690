"""The levels of the generated world."""

from enum import StrEnum


class Level(StrEnum):
    """How hard the videos are."""

    STANDARD = "standard"
    HARD = "hard"
