"""From a localization map to boxes: where in the frame the sound comes from.

A map is a (g, g) grid of logits over a frame squashed to a square; cell (row, column) covers the rectangle
[column/g, (column+1)/g] x [row/g, (row+1)/g] of the frame. All here is numpy except `localize`, which runs
the network.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy import ndimage

from model.boxes import Box, as_box
from model.networks import AVOLNet, to_input
from model.spectrogram import log_spectrogram

# Points a grid cell is divided into along each axis before thresholding: box edges land on 1/8 of a cell.
_FINENESS = 8
# Local peaks looked at: a map of pure noise has dozens.
_MOST_CANDIDATES = 6


@dataclass(frozen=True)
class BoxRule:
    """How a map becomes boxes. The defaults are the values chosen on validation videos.

    Levels are shares of the way from the map's median to its highest peak.

    Attributes:
        threshold: level that the points of a box reach.
        second: level that a further peak reaches to be a region of its own.
        dip: the level between a further peak and the higher ones falls below this share of its own.
        most: regions a map yields at most.
    """

    threshold: float = 0.35
    second: float = 0.6
    dip: float = 0.6
    most: int = 3


@dataclass(frozen=True)
class Region:
    """One place in one frame that explains the sound.

    Attributes:
        box: its extent.
        score: sigmoid of the logit at its peak, the calibrated probability of correspondence, 0..1.
        peak: (x, y) in 0..1.
    """

    box: Box
    score: float
    peak: tuple[float, float]


@torch.inference_mode()
def localize(network: AVOLNet, frames: np.ndarray, waveforms: np.ndarray, *, flip: bool = True) -> np.ndarray:
    """Localization maps of frames, each with the audio second around it.

    Args:
        network: on any device.
        frames: (B, height, width, 3) uint8. Memory grows with B: 64 is plenty.
        waveforms: (B, 48000) float32.
        flip: average each map with the one of the mirrored frame, mirrored back (twice the work for the
            picture, none for the sound).

    Returns:
        (B, g, g) float32 logits.
    """
    device = next(network.parameters()).device
    images = to_input(frames, network.config).to(device)
    sound = network.sound(log_spectrogram(torch.from_numpy(waveforms).to(device)))  # (B, 128)
    if flip:
        both = network.vision(torch.cat([images, images.flip(-1)]))  # (2B, 128, g, g)
        straight, mirrored = network.maps(both, torch.cat([sound, sound])).chunk(2)
        maps = (straight + mirrored.flip(-1)) / 2
    else:
        maps = network.maps(network.vision(images), sound)
    return maps.float().cpu().numpy()


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Sigmoid of logits of any shape, float32."""
    return torch.from_numpy(np.asarray(logits, np.float32)).sigmoid().numpy()


def peak(logits: np.ndarray) -> tuple[float, float]:
    """The highest point of a map (g, g), as (x, y) in 0..1."""
    fine = _refine(logits)
    return _position(_summit(fine), len(fine))


def box_of_map(logits: np.ndarray, rule: BoxRule = BoxRule()) -> Box:
    """The box around the highest peak of a map (g, g)."""
    level = _levels(_refine(logits))
    return _extent(level >= rule.threshold, _summit(level))


def regions(logits: np.ndarray, rule: BoxRule = BoxRule()) -> list[Region]:
    """Every really separate peak of a map (g, g) with its box, highest score first.

    The first region is always there, and has the box of `box_of_map` unless another is cut off from it; its
    score says whether it means anything.
    """
    fine = _refine(logits)
    level = _levels(fine)
    summits = _summits(level, rule)
    found = []
    for point in summits:
        bar = rule.threshold * level[point]
        # Where the box would reach over to another peak, the bar rises to the saddle between the two.
        while len(_reached(level >= bar, point, summits)) > 1:
            bar += 0.05
        score = float(1 / (1 + np.exp(-np.clip(fine[point], -50, 50))))
        found.append(
            Region(
                box=_extent(level >= bar, point),
                score=score,
                peak=_position(point, len(fine)),
            )
        )
    return found


def _refine(logits: np.ndarray) -> np.ndarray:
    """Bilinear upsampling of a map (g, g) by `_FINENESS`, edges held: (8g, 8g)."""
    weights = _interpolation(len(logits))
    return weights @ np.asarray(logits, np.float64) @ weights.T


@lru_cache
def _interpolation(grid: int) -> np.ndarray:
    """(8g, g) matrix of linear interpolation between cell centres."""
    positions = np.clip((np.arange(grid * _FINENESS) + 0.5) / _FINENESS - 0.5, 0, grid - 1)
    return np.maximum(0.0, 1.0 - np.abs(positions[:, None] - np.arange(grid)))


def _levels(fine: np.ndarray) -> np.ndarray:
    """A map scaled so that its median is 0 and its peak 1; a flat map is 1 everywhere."""
    median, top = float(np.median(fine)), float(fine.max())
    if top - median < 1e-9:
        return np.ones_like(fine)
    return (fine - median) / (top - median)


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
        if not kept or not _reached(level > rule.dip * level[candidate], candidate, kept):
            kept.append(candidate)
        if len(kept) == rule.most:
            break
    return kept


def _reached(inside: np.ndarray, start: tuple[int, int], points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The points that lie in the connected part of `inside` holding `start`."""
    parts, _ = ndimage.label(inside)
    return [point for point in points if parts[point] == parts[start] and parts[point] > 0]


def _extent(inside: np.ndarray, point: tuple[int, int]) -> Box:
    """The box around the connected part of `inside` (n, n) that holds a point."""
    parts, _ = ndimage.label(inside)
    rows, columns = np.nonzero(parts == parts[point])
    size = len(inside)
    return as_box(np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float64) / size)


def _position(point: tuple[int, int], size: int) -> tuple[float, float]:
    return (point[1] + 0.5) / size, (point[0] + 0.5) / size
