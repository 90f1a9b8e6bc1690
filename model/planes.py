"""Planes: what is shown of a moment, laid out so that every plane of it is cropped, mirrored and resized alike."""

from torch import Tensor

from model.motion import FRAMES
from model.optical_flow import STEPS, ZERO


def planes(shown: Tensor) -> Tensor:
    """What `model.motion.around` returns, as pictures of many channels.

    Args:
        shown: uint8, frames (B, h, w, 3), or with flow (B, h, w, 23), or of a second (B, 25, h, w, 3).

    Returns:
        float32 (B, 3, h, w), (B, 23, h, w) or (B, 75, h, w): RGB in 0..1, of a second's frames one after another, and
        flow in -1..1, in units of `model.optical_flow.BOUND`.
    """
    if shown.ndim == 5:
        return shown.permute(0, 1, 4, 2, 3).flatten(1, 2).float().div_(255)
    channels = shown.permute(0, 3, 1, 2).float()
    channels[:, :3] /= 255
    channels[:, 3:] = (channels[:, 3:] - ZERO) / STEPS
    return channels


def moments(channels: Tensor) -> Tensor:
    """Planes as networks take them: (B, 75, S, S) become (B, 3, 25, S, S); (B, 3, S, S) and (B, 23, S, S) are."""
    if channels.shape[1] != 3 * FRAMES:
        return channels
    return channels.unflatten(1, (FRAMES, 3)).transpose(1, 2)
