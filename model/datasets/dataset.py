"""A dataset: entries that are decoded one at a time into samples, their frames and their seconds of sound."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from model.motion import Takes
from model.samples import Sample


class DatasetError(ValueError):
    """A folder that is no dataset, or one whose labels are malformed, in one sentence."""


@dataclass(frozen=True)
class Skipped:
    """An entry that cannot be used, and why, in one sentence that names it."""

    file: str
    reason: str


@dataclass(frozen=True)
class Excerpt:
    """What is evaluated of one entry.

    Attributes:
        samples: n moments, perhaps none.
        frames: (n, size, size, 3) uint8, squashed to a square; for networks that see motion what
            `model.motion.around` tells.
        seconds: (n, 48000) float32, the sound around each frame.
    """

    samples: list[Sample]
    frames: np.ndarray
    seconds: np.ndarray


class Dataset(ABC):
    """A folder of media, labelled or not; opening it reads its labels, `load` decodes.

    Attributes:
        title: what a person calls it.
        folder: where it lies.
        skipped: entries that its labels already rule out.
    """

    title: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.skipped: list[Skipped] = []

    @abstractmethod
    def __len__(self) -> int:
        """How many entries there are to load."""

    @abstractmethod
    def name(self, number: int) -> str:
        """What an entry is called in its folder."""

    @abstractmethod
    def load(self, number: int, size: int, takes: Takes = "frame") -> Excerpt:
        """Decode an entry; safe to call from several threads.

        Args:
            number: of the entry, from 0.
            size: pixels a side of the frames.
            takes: what a network is shown of a moment.

        Raises:
            model.video.MediaError: its media are missing or cannot be used; the sentence names them.
        """
