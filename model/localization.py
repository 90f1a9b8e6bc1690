"""From a localization map to boxes: where in the frame the sound comes from.

A map is a (g, g) grid of logits over a frame squashed to a square; cell (row, column) covers the rectangle
[column/g, (column+1)/g] x [row/g, (row+1)/g] of the frame. All here is numpy except `localize`, `listen` and
`look`, which run the network.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from torch import Tensor

from model.boxes import Box, as_box, iou
from model.networks import AVOLNet, to_input
from model.outline import OutlineRule, outline

# Points a grid cell is divided into along each axis before thresholding: box edges land on 1/8 of a cell.
_FINENESS = 8
# Local peaks looked at: a map of pure noise has dozens.
_MOST_CANDIDATES = 6


@dataclass(frozen=True)
class BoxRule:
    """How a map becomes boxes. The defaults are the values chosen on validation videos.

    Levels are shares of the way from the map's background to its highest peak.

    Attributes:
        background: percentage of the frame, coldest first, whose hottest point is the background's level.
        threshold: level that the points of a box reach, where there is no frame to look at.
        second: level that a further peak reaches to be a region of its own.
        dip: the level between a further peak and the higher ones falls below this share of its own.
        most: regions a map yields at most.
        outline: how the frame's colours refine a box.
        agreement: an outline whose box has less than this IoU with the heat's own box is not believed.
    """

    background: float = 65.0
    threshold: float = 0.4
    second: float = 0.45
    dip: float = 0.6
    most: int = 3
    outline: OutlineRule = field(default_factory=OutlineRule)
    agreement: float = 0.25


@dataclass(frozen=True)
class Region:
    """One place in one frame that explains the sound.

    Attributes:
        box: its extent.
        score: sigmoid of the logit at its peak, the calibrated probability of correspondence, 0..1.
        peak: (x, y) in 0..1.
        vector: (e,) float32, the mean of the picture's vectors under the box; None where nobody asked for it.
    """

    box: Box
    score: float
    peak: tuple[float, float]
    vector: np.ndarray | None = field(default=None, compare=False, repr=False)


@torch.inference_mode()
def localize(network: AVOLNet, frames: np.ndarray, waveforms: np.ndarray, *, flip: bool = True) -> np.ndarray:
    """Localization maps of frames, each with the audio second around it.

    Args:
        network: on any device.
        frames: (B, height, width, 3) uint8. Memory grows with B: 64 is plenty.
        waveforms: (B, 48000) float32.
        flip: as for `look`.

    Returns:
        (B, g, g) float32 logits.
    """
    return look(network, frames, listen(network, waveforms), flip=flip)[0]


@torch.inference_mode()
def listen(network: AVOLNet, waveforms: np.ndarray) -> Tensor:
    """The sound vectors that places in a picture are compared with: (B, 48000) float32 -> (B, e), on its device."""
    return network.sound(network.spectrogram(torch.from_numpy(waveforms).to(network.device)))


@torch.inference_mode()
def look(network: AVOLNet, frames: np.ndarray, heard: Tensor, *, flip: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Where in frames something looks like what is heard.

    Args:
        network: on any device.
        frames: (B, height, width, 3) uint8.
        heard: (B, e) from `listen`.
        flip: average each map with the one of the mirrored frame, mirrored back (twice the work for the picture).

    Returns:
        Maps (B, g, g) and the picture's vector in each of their cells (B, e, g, g), both float32; maps are logits.
    """
    images = to_input(frames, network.config).to(network.device)
    if not flip:
        seen = network.vision(images)
        return network.maps(seen, heard).float().cpu().numpy(), seen.float().cpu().numpy()
    both = network.vision(torch.cat([images, images.flip(-1)]))  # (2B, e, g, g)
    straight, mirrored = network.maps(both, torch.cat([heard, heard])).chunk(2)
    maps = (straight + mirrored.flip(-1)) / 2
    return maps.float().cpu().numpy(), both[: len(frames)].float().cpu().numpy()


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Sigmoid of logits of any shape, float32."""
    return torch.from_numpy(np.asarray(logits, np.float32)).sigmoid().numpy()


def peak(logits: np.ndarray) -> tuple[float, float]:
    """The highest point of a map (g, g), as (x, y) in 0..1."""
    fine = _refine(logits)
    return _position(_summit(fine), len(fine))


def regions(logits: np.ndarray, frame: np.ndarray | None = None, *, rule: BoxRule = BoxRule()) -> list[Region]:
    """Every really separate peak of a map with its box, highest score first.

    Args:
        logits: (g, g).
        frame: (height, width, 3) uint8, the frame the map belongs to: boxes end where its colours do. Without
            it they end where the heat does, which is as coarse as the grid.
        rule: how.

    Returns:
        At least one region; its score says whether it means anything.
    """
    fine = _refine(logits)
    level = _levels(fine, rule)
    picture = None if frame is None else _squashed(frame, len(fine))
    summits = _summits(level, rule)
    owner = _nearest(summits, len(fine))
    return [
        Region(
            box=_box(level / level[summit], picture, summit, owner == index, rule),
            score=float(1 / (1 + np.exp(-np.clip(fine[summit], -50, 50)))),
            peak=_position(summit, len(fine)),
        )
        for index, summit in enumerate(summits)
    ]


def _box(level: np.ndarray, picture: np.ndarray | None, summit: tuple[int, int], own: np.ndarray, rule: BoxRule) -> Box:
    """The box of one peak, whose level is 1, among the points (n, n) nearer to it than to any other."""
    by_heat = _extent(own & (level >= rule.threshold), summit)
    if picture is None:
        return by_heat
    by_colour = _extent(outline(level, picture, summit, own=own, rule=rule.outline), summit)
    return by_colour if iou(by_colour, by_heat) >= rule.agreement else by_heat


def _refine(logits: np.ndarray) -> np.ndarray:
    """Bilinear upsampling of a map (g, g) by `_FINENESS`, edges held: (8g, 8g)."""
    weights = _interpolation(len(logits))
    return weights @ np.asarray(logits, np.float64) @ weights.T


@lru_cache
def _interpolation(grid: int) -> np.ndarray:
    """(8g, g) matrix of linear interpolation between cell centres."""
    positions = np.clip((np.arange(grid * _FINENESS) + 0.5) / _FINENESS - 0.5, 0, grid - 1)
    return np.maximum(0.0, 1.0 - np.abs(positions[:, None] - np.arange(grid)))


def _levels(fine: np.ndarray, rule: BoxRule) -> np.ndarray:
    """A map scaled so that its background is 0 and its peak 1; a flat map is 1 everywhere."""
    background, top = float(np.percentile(fine, rule.background)), float(fine.max())
    if top - background < 1e-9:
        return np.ones_like(fine)
    return (fine - background) / (top - background)


def _squashed(frame: np.ndarray, size: int) -> np.ndarray:
    """A frame as (size, size, 3)."""
    if frame.shape[:2] == (size, size):
        return frame
    return np.asarray(Image.fromarray(frame).resize((size, size), Image.Resampling.BOX))


def _nearest(points: list[tuple[int, int]], size: int) -> np.ndarray:
    """(size, size) index of the point nearest to each place."""
    rows, columns = np.mgrid[:size, :size]
    return np.argmin([(rows - row) ** 2 + (columns - column) ** 2 for row, column in points], axis=0)


def _summit(level: np.ndarray) -> tuple[int, int]:
    row, column = np.unravel_index(int(level.argmax()), level.shape)
    return int(row), int(column)


def _summits(level: np.ndarray, rule: BoxRule) -> list[tuple[int, int]]:
    """(row, column) of the peaks that stand apart, highest first."""
    highest = ndimage.maximum_filter(level, size=2 * _FINENESS + 1, mode="nearest")
    rows, columns = np.nonzero((level == highest) & (level >= rule.second))
    candidates = sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda p: -level[p])
    kept: list[tuple[int, int]] = []
    for candidate in candidates[:_MOST_CANDIDATES]:
        if not _reaches_any(level >= rule.dip * level[candidate], candidate, kept):
            kept.append(candidate)
        if len(kept) == rule.most:
            break
    return kept


def _reaches_any(inside: np.ndarray, start: tuple[int, int], points: list[tuple[int, int]]) -> bool:
    """Whether the connected part of `inside` holding `start` holds any of the points."""
    parts, _ = ndimage.label(inside)
    return any(parts[point] == parts[start] for point in points)


def _extent(inside: np.ndarray, point: tuple[int, int]) -> Box:
    """The box around the connected part of `inside` (n, n) that holds a point."""
    parts, _ = ndimage.label(inside)
    rows, columns = np.nonzero(parts == parts[point])
    size = len(inside)
    return as_box(np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float64) / size)


def _position(point: tuple[int, int], size: int) -> tuple[float, float]:
    return (point[1] + 0.5) / size, (point[0] + 0.5) / size
