"""A moment of a file: what is seen and what is heard then, as embeddings; and which samples are moments."""

from dataclasses import dataclass

import numpy as np

DIMENSION = 128  # of an embedding
EVERY = 1.0  # seconds from one moment to the next


@dataclass(frozen=True)
class Moment:
    """One moment of a file.

    Attributes:
        time: seconds.
        image: (128,) float32 embedding of the frame, of unit length; zeros without a picture.
        sound: (128,) float32 embedding of the second around it, of unit length; zeros while nothing is heard.
    """

    time: float
    image: np.ndarray
    sound: np.ndarray


class Pace:
    """Chooses the samples that are moments: one every so often, and of a sound shorter than that one too."""

    def __init__(self, rate: float) -> None:
        """`rate`: samples a second."""
        self._every = max(1, round(EVERY * rate))  # samples from one moment to the next
        self._last = self._last_heard = -self._every

    def takes(self, index: int, *, heard: bool) -> bool:
        """Whether the next sample is one; `heard`: whether anything is heard then."""
        if index - self._last < self._every and not (heard and index - self._last_heard >= self._every):
            return False
        self._last = index
        self._last_heard = index if heard else self._last_heard
        return True
