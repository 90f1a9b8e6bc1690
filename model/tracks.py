"""Tracks: regions through time, by sparse keyframes, and the seconds each sounds in."""

from dataclasses import dataclass, field

import numpy as np

from model.boxes import Box, as_box


@dataclass(frozen=True)
class Keyframe:
    """A box at one moment; between keyframes it moves linearly.

    Attributes:
        time: seconds.
        box: its extent.
        visible: False means gone from this time on, until the next visible keyframe.
    """

    time: float
    box: Box
    visible: bool = True


@dataclass(frozen=True)
class Track:
    """One sounding object through time.

    Attributes:
        keyframes: sorted by time, as few as the tolerance allows.
        score: probability that it follows something that sounds, 0..1, see `model.confidence`.
        reason: one line for an annotator.
        vector: (e,) float32 of unit length, the mean of its regions' vectors; None where they have none.
        evidence: what its score was made from.
    """

    keyframes: tuple[Keyframe, ...]
    score: float
    reason: str
    vector: np.ndarray | None = field(default=None, compare=False, repr=False)
    evidence: tuple[float, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Segment:
    """Half-open seconds [start, end) in which a track sounds; `track` is its index."""

    start: float
    end: float
    track: int


def box_at(track: Track, time: float) -> Box | None:
    """A track's box at a time in seconds by linear interpolation; None while it is gone."""
    before = after = None
    for keyframe in track.keyframes:
        if keyframe.time <= time:
            before = keyframe
        else:
            after = keyframe
            break
    if before is None or not before.visible:
        return None
    if after is None:
        return before.box
    share = (time - before.time) / (after.time - before.time)
    return as_box((1 - share) * np.array(before.box) + share * np.array(after.box))
