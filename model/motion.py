"""Motion: what a network may be shown of a moment besides one frame, and which frames of a clip that takes."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from model import optical_flow

# What a network takes of a moment: its frame; the 25 frames of the second around it; or its frame and the optical flow
# around it.
Takes = Literal["frame", "frames", "flow"]

FRAME_RATE = 25.0  # Hz, of the frames that motion is seen in; the source's are repeated or left out to match
FRAMES = 25  # of "frames": the moment's own, 12 before and 12 after
FLOWS = 10  # of "flow": fields between 11 frames, the moment's own in their middle
FLOW_CHANNELS = 2 * FLOWS


def around(takes: Takes, frames: np.ndarray, index: int) -> np.ndarray:
    """What a network is shown of a moment of a video.

    Where the video ends too soon, its first or last frame is repeated.

    Args:
        takes: the network's `takes`.
        frames: (T, s, s, 3) uint8 at 25 Hz.
        index: of the moment's frame.

    Returns:
        uint8: "frame" (s, s, 3); "frames" (25, s, s, 3); "flow" (s, s, 23), RGB and then the flow as
        `model.optical_flow.stack` codes it, seen at half the frames' size.
    """
    if takes == "frame":
        return frames[index]
    if takes == "frames":
        return frames[span(index, FRAMES, len(frames))]
    size = frames.shape[1]
    flow = optical_flow.stack(frames[span(index, FLOWS + 1, len(frames))], size // 2)
    return with_flow(frames[index], flow)


def moments(takes: Takes, frames: np.ndarray, indices: Sequence[int]) -> np.ndarray:
    """What a network is shown of several moments, (n, ...) uint8; arguments as for `around`."""
    if takes == "frame":
        return frames[list(indices)]
    return np.stack([around(takes, frames, index) for index in indices]) if len(indices) else frames[:0]


def span(index: int, length: int, count: int) -> list[int]:
    """The `length` (odd) indices with `index` in their middle, in 0..count-1: beyond them the nearest is repeated."""
    return [min(max(k, 0), count - 1) for k in range(index - length // 2, index + length // 2 + 1)]


def with_flow(frame: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A frame (s, s, 3) and its flow (f, f, 20), each cell repeated to the frame's size: (s, s, 23) uint8."""
    nearest = np.arange(len(frame)) * len(flow) // len(frame)
    return np.concatenate([frame, flow[nearest][:, nearest]], axis=2)
