"""A moment of a file: what is seen and what is heard then, as embeddings."""

from dataclasses import dataclass

import numpy as np

DIMENSION = 128  # of an embedding


@dataclass(frozen=True)
class Moment:
    """One moment of a file.

    Attributes:
        time: seconds.
        image: (128,) float32 embedding of the frame, of unit length.
        sound: (128,) float32 embedding of the second around it, of unit length; zeros while nothing is heard.
    """

    time: float
    image: np.ndarray
    sound: np.ndarray
