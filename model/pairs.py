"""Pairs of a frame and a second of sound, drawn from clips with the augmentations of the paper."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from model.clips import FRAME_RATE, Clip
from model.video import SAMPLE_RATE

# Audio starts lie on this grid (seconds), as frames of 25 a second do, so that a start time tells nothing
# about whether a pair corresponds (section 3.3, "shortcut prevention").
GRID = 0.04


class PairSource:
    """Draws batches of corresponding pairs, each from another clip.

    Args:
        keys: the clips to draw from.
        load: reads one clip.
        memory: bytes of decoded clips to keep; clips beyond it are read again each time.
    """

    def __init__(self, keys: Sequence[str], load: Callable[[str], Clip], *, memory: int = 6 << 30) -> None:
        if not keys:
            raise ValueError("there is no clip to draw pairs from")
        self.keys = list(keys)
        self._load, self._memory = load, memory
        self._kept: dict[str, Clip] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def clip(self, key: str) -> Clip:
        """One clip, from memory where it is kept."""
        if key in self._kept:
            return self._kept[key]
        clip = self._load(key)
        if clip.nbytes <= self._memory:
            self._memory -= clip.nbytes
            self._kept[key] = clip
        return clip

    def draw(self, keys: Sequence[str], rng: np.random.Generator, *, misalignment: float) -> tuple[Tensor, Tensor]:
        """One pair a clip: a random frame, and the second of sound with the frame in its middle.

        Args:
            keys: the clips.
            rng: draws the frames and the shifts.
            misalignment: seconds by which the sound may be shifted either way, on the .04 s grid.

        Returns:
            Frames (B, size, size, 3) uint8 and waveforms (B, 48000) float32.
        """
        pairs = [self._pair(self.clip(key), rng, misalignment) for key in keys]
        frames = np.stack([frame for frame, _ in pairs])
        waves = np.stack([wave for _, wave in pairs]).astype(np.float32) / 32768
        return torch.from_numpy(frames), torch.from_numpy(waves)

    def _pair(self, clip: Clip, rng: np.random.Generator, misalignment: float) -> tuple[np.ndarray, np.ndarray]:
        index = int(rng.integers(len(clip.frames)))
        steps = round(misalignment / GRID)
        shift = int(rng.integers(-steps, steps + 1)) * GRID
        # The frame is on screen for .04 s; its middle is the middle of the second.
        start = index / FRAME_RATE + GRID / 2 - 0.5 + shift
        first = round(start / GRID) * round(GRID * SAMPLE_RATE)
        first = max(0, min(first, len(clip.audio) - SAMPLE_RATE))
        second = clip.audio[first : first + SAMPLE_RATE]
        return clip.frames[index], np.pad(second, (0, SAMPLE_RATE - len(second)))


def augment_images(frames: Tensor, size: int, rng: torch.Generator) -> Tensor:
    """Random crop, horizontal flip, brightness and saturation jitter (section 3.2).

    Args:
        frames: (B, s, s, 3) uint8.
        size: pixels a side of the result.
        rng: draws it all.

    Returns:
        (B, 3, size, size) float32 in 0..1.
    """
    images = frames.permute(0, 3, 1, 2).float() / 255
    count = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=rng) * (high - low) + low

    scale_x, scale_y = uniform(0.7, 1.0), uniform(0.7, 1.0)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = scale_x * flip, scale_y
    theta[:, 0, 2], theta[:, 1, 2] = uniform(-1, 1) * (1 - scale_x), uniform(-1, 1) * (1 - scale_y)
    grid = F.affine_grid(theta, [count, 3, size, size], align_corners=False)
    images = F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    images = images * uniform(0.7, 1.3)[:, None, None, None]
    grey = images.mean(1, keepdim=True)
    return (grey + (images - grey) * uniform(0.6, 1.4)[:, None, None, None]).clamp_(0, 1)


def augment_sounds(waves: Tensor, rng: torch.Generator) -> Tensor:
    """Random amplitude of each second, within 8 dB either way (section 3.2): (B, 48000) -> (B, 48000)."""
    gain = 10 ** ((torch.rand(len(waves), 1, generator=rng) * 16 - 8) / 20)
    return waves * gain
