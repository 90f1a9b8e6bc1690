"""From a localization map to boxes: where in the frame the sound comes from.

A map is a (g, g) grid of logits over a frame squashed to a square; cell (row, column) covers the rectangle
[column/g, (column+1)/g] x [row/g, (row+1)/g] of the frame. Everything here is numpy except `localize`, which runs
the network.
"""

from dataclasses import dataclass

import numpy as np
import torch

from model.boxes import Box
from model.networks import AVOLNet


@dataclass(frozen=True)
class BoxRule:
    """How a map becomes boxes. The defaults are the values chosen on validation videos."""

    threshold: float = 0.35  # share of the way from the map's median to its peak that a box's cells must reach
    separation: float = 0.5  # a second peak counts where the map dips below this share between it and a higher one
    second: float = 0.6  # ... and where it reaches this share of the way from the median to the highest peak
    most: int = 3  # regions a map yields at most


@dataclass(frozen=True)
class Region:
    """One place in one frame that explains the sound."""

    box: Box
    score: float  # sigmoid of the logit at the peak: the calibrated probability of correspondence, 0..1
    peak: tuple[float, float]  # (x, y) in 0..1


def localize(network: AVOLNet, frames: np.ndarray, waveforms: np.ndarray, *, flip: bool = True) -> np.ndarray:
    """Localization maps of frames with the audio second around each.

    frames: (B, h, w, 3) uint8; waveforms: (B, 48000) float32. With `flip` the map is averaged with the one of the
    mirrored frame, mirrored back. Returns logits (B, g, g) float32. The caller chooses B; memory grows with it.
    """
    raise NotImplementedError


def peak(logits: np.ndarray) -> tuple[float, float]:
    """The map's highest point, (x, y) in 0..1, for pointing. logits: (g, g)."""
    raise NotImplementedError


def box_of_map(logits: np.ndarray, rule: BoxRule = BoxRule()) -> Box:
    """The box around the map's highest peak. logits: (g, g)."""
    raise NotImplementedError


def regions(logits: np.ndarray, rule: BoxRule = BoxRule()) -> list[Region]:
    """Every really separate peak of a map with its box, highest score first, at least one. logits: (g, g)."""
    raise NotImplementedError
