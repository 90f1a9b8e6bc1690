"""When anything is heard: the seconds that stand out of a recording's silence and background noise."""

import numpy as np


def sounding_intervals(audio: np.ndarray) -> list[tuple[float, float]]:
    """Half-open seconds in which something is heard, sorted and disjoint. audio: (S,) float32, mono, 48 kHz."""
    raise NotImplementedError
