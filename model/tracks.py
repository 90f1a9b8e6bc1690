"""Regions through time: linked to tracks, reduced to sparse keyframes, with the seconds in which each sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.boxes import Box
from model.localization import Region


@dataclass(frozen=True)
class Keyframe:
    """A box at one moment; between keyframes it moves linearly."""

    time: float  # seconds
    box: Box
    visible: bool = True  # False: gone from this time on, until the next visible keyframe


@dataclass(frozen=True)
class Track:
    """One sounding object through time."""

    keyframes: tuple[Keyframe, ...]  # sorted by time, sparse
    score: float  # probability that it explains the sound, 0..1
    reason: str  # one line for an annotator


@dataclass(frozen=True)
class Segment:
    """Half-open seconds [start, end) in which a track sounds."""

    start: float
    end: float
    track: int  # index into the tracks


@dataclass(frozen=True)
class TrackRule:
    """How regions become tracks. The defaults are the values chosen on validation videos."""

    score: float = 0.5  # a region below this probability explains nothing
    reach: float = 0.25  # farthest a source moves between samples, as a share of the frame
    tolerance: float = 0.03  # farthest a corner may be from the smoothed track after thinning, share of the frame


def link(
    times: np.ndarray,
    regions: Sequence[Sequence[Region]],
    sounding: Sequence[tuple[float, float]],
    *,
    rule: TrackRule = TrackRule(),
) -> tuple[list[Track], list[Segment]]:
    """Tracks and time segments from the regions of sampled frames.

    times: (T,) seconds, evenly spaced; regions: per time, in any order; sounding: half-open seconds in which anything
    is heard, sorted and disjoint. A track's segments lie within them. Tracks come highest score first.
    """
    raise NotImplementedError


def box_at(track: Track, time: float) -> Box | None:
    """A track's box at a time in seconds by linear interpolation; None while it is gone."""
    raise NotImplementedError
