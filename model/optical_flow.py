"""Optical flow: where the picture's points move from one frame to the next, as small whole numbers."""

from itertools import pairwise

import numpy as np
from PIL import Image

# The fastest movement that is told apart, as a share of the picture's side a frame. Faster is clipped to it, as by
# Carreira & Zisserman (arXiv 1705.07750): 20 pixels of 256 at 25 frames a second.
BOUND = 20 / 256
ZERO = 128  # the code of no movement
STEPS = 127  # codes from there to the bound, either way


def tv_l1(frames: np.ndarray, size: int) -> np.ndarray:
    """Movement between consecutive frames, by TV-L1 (Zach, Pock & Bischof 2007, as scikit-image implements it).

    Args:
        frames: (T, h, w, 3) uint8.
        size: pixels a side of the grey squares that it is computed on.

    Returns:
        (T - 1, size, size, 2) float32: by how much of the picture's width and height the point at each place moves to
        the right and down, from a frame to the next.
    """
    # Here, not above: it loads much of scipy, and whoever draws stored flow does without.
    from skimage.registration import optical_flow_tvl1

    grey = [
        np.asarray(Image.fromarray(frame).convert("L").resize((size, size), Image.Resampling.BOX), np.float32) / 255
        for frame in frames
    ]
    fields = [
        # Real movement settles within five warps; noise does not, and fifteen would take three times as long on it.
        optical_flow_tvl1(first, second, num_warp=5, dtype=np.float32)[::-1]
        for first, second in pairwise(grey)
    ]
    return np.stack(fields).transpose(0, 2, 3, 1) / np.float32(size)


def stack(frames: np.ndarray, size: int) -> np.ndarray:
    """The flow between T consecutive frames as channels x, y, x, y ..

    Args:
        frames: (T, h, w, 3) uint8.
        size: pixels a side of the flow.

    Returns:
        (size, size, 2 (T - 1)) uint8: 128 is no movement, 255 is `BOUND` or more to the right or down, 1 the same to
        the left or up.
    """
    flow = tv_l1(frames, size)
    codes = np.rint(np.clip(flow / BOUND, -1, 1) * STEPS) + ZERO
    return codes.astype(np.uint8).transpose(1, 2, 0, 3).reshape(size, size, -1)
