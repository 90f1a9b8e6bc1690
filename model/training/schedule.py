"""The learning rate over a training, as a share of its highest."""

import math

WARM_UP = 100  # steps over which the rate rises to its highest
DECAY, DECAY_PASSES = 0.94, 16  # the paper's: x .94 every 16 passes over the videos


def cosine(step: int, steps: int) -> float:
    """Warm-up, then half a cosine to 0 (Loshchilov & Hutter, arXiv 1608.03983); `steps` 0 where not yet planned."""
    progress = step / steps if steps else 0.0
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def paper(step: int, steps_a_pass: float) -> float:
    """Warm-up, then x .94 every 16 passes over the videos."""
    return min(1.0, (step + 1) / WARM_UP) * DECAY ** int(step / steps_a_pass / DECAY_PASSES)
