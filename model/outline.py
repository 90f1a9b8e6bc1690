"""The outline of an object under a peak of heat: where its colours end, which is finer than the map's grid.

The heat's core is surely the object and the cold around it surely is not; how much likelier a colour is in the one
than in the other says, together with the heat itself, which points in between belong to the object.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

_BINS = 12  # shades of each of red, green and blue that are told apart
# Colours next to one that was seen count as half seen.
_BLUR = 0.9  # standard deviation, in shades
_UNSEEN = 0.01  # share of either histogram that is spread over all colours
_MOST = 3.0  # limit of the evidence of one point's colour, as a log-likelihood ratio


@dataclass(frozen=True)
class OutlineRule:
    """How heat and colour are weighed. The defaults are the values chosen on validation videos.

    Levels are shares of the way from the background of the map to the object's own peak.

    Attributes:
        core: level from which a point is surely the object.
        edge: level at which the heat itself says nothing either way.
        heat: weight of the heat, per unit of level.
        colour: weight of the colour's log-likelihood ratio.
        cold: level below which a point is surely not the object.
        margin: share of the frame around the warm part that the object is compared with.
    """

    core: float = 0.82
    edge: float = 0.49
    heat: float = 3.7
    colour: float = 3.25
    cold: float = 0.0
    margin: float = 0.13


def outline(
    level: np.ndarray, frame: np.ndarray, peak: tuple[int, int], *, own: np.ndarray, rule: OutlineRule = OutlineRule()
) -> np.ndarray:
    """The points of the object under a peak.

    Args:
        level: (n, n) heat, 0 in the background and 1 at the peak.
        frame: (n, n, 3) uint8, squashed to the same square.
        peak: (row, column), always inside.
        own: (n, n) bool, the points that no other peak claims.
        rule: how.

    Returns:
        (n, n) bool, connected, the peak included.
    """
    warm = _part(own & (level >= rule.cold), peak)
    core = warm & (level >= rule.core)
    around = ndimage.distance_transform_edt(~warm) <= rule.margin * len(level)
    shades = _shades(frame)
    likelier = np.log(_histogram(shades, core) / _histogram(shades, around & ~warm))[shades]
    evidence = ndimage.gaussian_filter(np.clip(likelier, -_MOST, _MOST), 1.0)
    inside = own & (rule.heat * (level - rule.edge) + rule.colour * evidence > 0)
    # Opening removes threads of the same colour that lead away from the object.
    return _part(ndimage.binary_opening(inside) | (own & (level >= 0.9)), peak)


def _part(inside: np.ndarray, point: tuple[int, int]) -> np.ndarray:
    """The connected part of `inside` that holds a point."""
    parts, _ = ndimage.label(inside)
    return parts == parts[point]


def _shades(frame: np.ndarray) -> np.ndarray:
    """(n, n, 3) uint8 -> (n, n) index of the colour among _BINS cubed."""
    red, green, blue = np.moveaxis(frame.astype(int) * _BINS // 256, -1, 0)
    return (red * _BINS + green) * _BINS + blue


def _histogram(shades: np.ndarray, where: np.ndarray) -> np.ndarray:
    """(_BINS cubed,) probability of each colour at the points `where`; never 0."""
    counts = np.bincount(shades[where], minlength=_BINS**3).astype(float).reshape(_BINS, _BINS, _BINS)
    counts = ndimage.gaussian_filter(counts, _BLUR, mode="constant", truncate=2)
    return (counts / max(counts.sum(), 1e-9) + _UNSEEN / _BINS**3).ravel()
