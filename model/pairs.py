"""Pairs of a frame and a second of sound, drawn from clips with the augmentations of the paper."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from model.clips import GRID, AnyClip
from model.planes import moments, planes
from model.recording import SAMPLE_RATE

_STEP = round(GRID * SAMPLE_RATE)  # samples
# Steps from a second's start to the frame in its middle: the frame is on screen for one step, .02 s either side.
_BEFORE = round((0.5 - GRID / 2) / GRID)
# Decibels by which a second that is mixed into another may be louder or softer than it is.
_MIXED = 6.0


class PairSource:
    """Draws batches of corresponding pairs, each from another clip.

    Args:
        keys: the clips to draw from.
        load: reads one clip.
        memory: bytes of decoded clips to keep; clips beyond it are read again each time.
    """

    def __init__(self, keys: Sequence[str], load: Callable[[str], AnyClip], *, memory: int = 6 << 30) -> None:
        if not keys:
            raise ValueError("there is no clip to draw pairs from")
        self.keys = list(keys)
        self._load, self._memory = load, memory
        self._kept: dict[str, AnyClip] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def clip(self, key: str) -> AnyClip:
        """One clip, from memory where it is kept."""
        if key in self._kept:
            return self._kept[key]
        clip = self._load(key)
        self._keep(clip, key)
        return clip

    def keep(self, keys: Sequence[str]) -> None:
        """Read clips into memory ahead, several at once, until it is full."""
        wanted = [key for key in keys if key not in self._kept]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for key, clip in zip(wanted, pool.map(self._load, wanted), strict=True):
                if not self._keep(clip, key):
                    pool.shutdown(cancel_futures=True)
                    return

    def _keep(self, clip: AnyClip, key: str) -> bool:
        if clip.nbytes > self._memory:
            return False
        self._memory -= clip.nbytes
        self._kept[key] = clip
        return True

    def draw(
        self,
        keys: Sequence[str],
        rng: np.random.Generator,
        *,
        misalignment: float,
        others: Sequence[str] | None = None,
        naive: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """One pair a clip: a random frame, and the second of sound with the frame in its middle.

        Args:
            keys: the clips that the frames are of.
            rng: draws the frames and the shifts.
            misalignment: seconds by which the sound may be shifted either way, on the .04 s grid.
            others: the clips that the seconds are of, for pairs that do not correspond; by default `keys`. A second
                of another clip begins where it would for a random frame of that clip, shifted alike.
            naive: let seconds of other clips begin anywhere instead: the ablation of the shortcut prevention.

        Returns:
            Frames (B, size, size, 3) uint8, of clips with motion what `model.motion.around` tells, and waveforms
            (B, 48000) float32.
        """
        frames, seconds = [], []
        for position, key in enumerate(keys):
            clip = self.clip(key)
            index = _frame(clip, rng)
            frames.append(clip.moment(index))
            if others is None:
                seconds.append(_second(clip, _start(clip, index, rng, misalignment)))
                continue
            other = self.clip(others[position])
            if naive:
                start = int(rng.integers(max(1, len(other.audio) - SAMPLE_RATE + 1)))
            else:
                start = _start(other, _frame(other, rng), rng, misalignment)
            seconds.append(_second(other, start))
        waves = np.stack(seconds).astype(np.float32) / 32768
        return torch.from_numpy(np.stack(frames)), torch.from_numpy(waves)


def _frame(clip: AnyClip, rng: np.random.Generator) -> int:
    """A random frame with its whole second inside the clip; any frame where the clip is too short for that."""
    first = clip.steps - _BEFORE
    whole = np.flatnonzero((first >= 0) & (first <= _last_step(clip)))
    return int(rng.choice(whole)) if len(whole) else int(rng.integers(len(first)))


def _start(clip: AnyClip, index: int, rng: np.random.Generator, misalignment: float) -> int:
    """The first sample of the second around a frame, misaligned by a whole number of steps that stay in the clip."""
    last, most = _last_step(clip), round(misalignment / GRID)
    middle = min(max(int(clip.steps[index]) - _BEFORE, 0), last)
    return int(rng.integers(max(middle - most, 0), min(middle + most, last) + 1)) * _STEP


def _last_step(clip: AnyClip) -> int:
    return max(0, (len(clip.audio) - SAMPLE_RATE) // _STEP)


def _second(clip: AnyClip, start: int) -> np.ndarray:
    second = clip.audio[start : start + SAMPLE_RATE]
    return np.pad(second, (0, SAMPLE_RATE - len(second)))


def augment_images(frames: Tensor, size: int, rng: torch.Generator) -> Tensor:
    """Random crop, horizontal flip, brightness and saturation jitter (section 3.2), one for all that a moment shows.

    Flow is cropped and mirrored with its frame, and its vectors with it: mirrored they point the other way, in a crop
    they are a larger share of the picture.

    Args:
        frames: (B, s, s, 3), (B, 25, s, s, 3) or (B, s, s, 23) uint8, see `model.motion.around`, on any device.
        size: pixels a side of the result.
        rng: draws it all, on the CPU: the same on every device.

    Returns:
        (B, 3, size, size), (B, 3, 25, size, size) or (B, 23, size, size) float32, RGB in 0..1 and flow in -1..1.
    """
    images = planes(frames)
    count = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return (torch.rand(count, generator=rng) * (high - low) + low).to(frames.device)

    scale_x, scale_y = uniform(0.7, 1.0), uniform(0.7, 1.0)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3, device=frames.device)
    theta[:, 0, 0], theta[:, 1, 1] = scale_x * flip, scale_y
    theta[:, 0, 2], theta[:, 1, 2] = uniform(-1, 1) * (1 - scale_x), uniform(-1, 1) * (1 - scale_y)
    grid = F.affine_grid(theta, [count, 3, size, size], align_corners=False)
    images = F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    brightness, saturation = uniform(0.7, 1.3), uniform(0.6, 1.4)
    if frames.shape[-1] == 3:
        return _recoloured(moments(images), brightness, saturation)
    images[:, 3::2] *= (flip / scale_x)[:, None, None, None]
    images[:, 4::2] *= (1 / scale_y)[:, None, None, None]
    return torch.cat([_recoloured(images[:, :3], brightness, saturation), images[:, 3:].clamp(-1, 1)], 1)


def _recoloured(images: Tensor, brightness: Tensor, saturation: Tensor) -> Tensor:
    """Pictures (B, 3, ...) made brighter and more colourful by factors (B,)."""
    each = (-1,) + (1,) * (images.ndim - 1)
    images = images * brightness.view(each)
    grey = images.mean(1, keepdim=True)
    return (grey + (images - grey) * saturation.view(each)).clamp_(0, 1)


def augment_sounds(waves: Tensor, rng: torch.Generator) -> Tensor:
    """Random amplitude of each second, within 8 dB either way (section 3.2): (B, 48000) -> (B, 48000)."""
    gain = 10 ** ((torch.rand(len(waves), 1, generator=rng) * 16 - 8) / 20)
    return waves * gain.to(waves.device)


def mix_sounds(
    waves: Tensor, share: float, rng: torch.Generator, *, worlds: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Mix another second of the batch into some, so that two pictures belong to what is heard.

    Args:
        waves: (B, 48000).
        share: of the seconds, to mix another into.
        rng: draws which, and how loud: on the CPU, the same on every device.
        worlds: (B,) seconds of different ones are not mixed.

    Returns:
        Waves (B, 48000), and (B, B) float32: 1 where second i is heard in the new second j.
    """
    count = len(waves)
    partner = torch.arange(count).roll(1)
    mixed = torch.rand(count, generator=rng) < share
    if worlds is not None:
        mixed &= (worlds == worlds[partner]).cpu()
    decibels = (2 * torch.rand(count, 1, generator=rng) - 1) * _MIXED
    gains = torch.where(mixed[:, None], 10 ** (decibels / 20), 0.0)
    heard = torch.eye(count)
    heard[partner[mixed], torch.arange(count)[mixed]] = 1
    return waves + gains.to(waves.device) * waves.roll(1, 0), heard.to(waves.device)
