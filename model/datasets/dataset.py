"""A dataset: entries that are decoded one at a time into samples, their frames and their seconds of sound."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from model.motion import Takes
from model.ontology import Ontology
from model.samples import Sample

Labels = Literal["boxes", "classes"]  # what a dataset's labels may say of what sounds: where it is, what it is

# Which of an entry's possible samples to decode; it may refuse them all with a MediaError. Where whole videos are
# decoded, a sample may be moved in time: its second is cut there.
Choose = Callable[[list[Sample]], list[Sample]]


class DatasetError(ValueError):
    """A folder that is no dataset, or one whose labels are malformed or do not serve, in one sentence."""


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
        layout: what a folder of it holds, as a pattern; "" where that is nothing but videos.
        gives: what its labels say.
        folder: where it lies.
        skipped: entries that its labels already rule out.
        ontology: the tree its classes stand in, None where they stand in none.
    """

    title: ClassVar[str]
    layout: ClassVar[str]
    gives: ClassVar[frozenset[Labels]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.skipped: list[Skipped] = []
        self.ontology: Ontology | None = None

    @property
    @abstractmethod
    def classes(self) -> frozenset[str]:
        """Every class that its labels name."""

    @abstractmethod
    def __len__(self) -> int:
        """How many entries there are to load."""

    @abstractmethod
    def name(self, number: int) -> str:
        """What an entry is called in its folder."""

    @abstractmethod
    def load(self, number: int, size: int, takes: Takes = "frame", choose: Choose | None = None) -> Excerpt:
        """Decode an entry; safe to call from several threads.

        Args:
            number: of the entry, from 0.
            size: pixels a side of the frames.
            takes: what a network is shown of a moment.
            choose: which samples, and in which order; by default all that an evaluation needs.

        Raises:
            model.video.MediaError: its media are missing or cannot be used; the sentence names them.
            DatasetError: a network that sees motion is to be shown single frames.
        """


def whole_seconds(samples: list[Sample]) -> list[Sample]:
    """Those at 1, 2, 3 .. s: enough where every sample costs much."""
    return [sample for sample in samples if sample.time.is_integer()]
