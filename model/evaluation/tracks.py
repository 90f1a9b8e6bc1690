"""How good tracks are: against what was visible and sounding, and by the work they leave to an annotator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from model.boxes import Box, iou
from model.linking import thin
from model.tracks import Segment, Track, box_at
from model.truth import Truth, union

RATE = 10.0  # Hz at which tracks are compared
COLLAR = 0.25  # seconds by which an edge may be off
REDRAWN = 0.9  # IoU down to which a redrawn track follows the truth

Interval = tuple[float, float]


@dataclass(frozen=True)
class Source:
    """One object that sounds while it is in view.

    Attributes:
        times: (n,) seconds, a grid of 1 / RATE, at which it sounds and is visible.
        boxes: (n, 4) where it then is.
        intervals: half-open seconds of the same.
    """

    times: np.ndarray
    boxes: np.ndarray
    intervals: list[Interval]

    def box(self, time: float) -> Box:
        """Where it is at the moment of `times` nearest to a time."""
        x1, y1, x2, y2 = self.boxes[int(np.abs(self.times - time).argmin())].tolist()
        return x1, y1, x2, y2


def sources(truth: Truth, frame_rate: float, duration: float) -> list[Source]:
    """What sounds in view in a video, object by object; two of one class that sound at once count as two."""
    grid = np.arange(0.0, duration, 1 / RATE)
    found = []
    for index in range(len(truth.classes)):
        spans = union([(s.start, s.end) for s in truth.segments if s.object == index])
        seen = [
            (time, box)
            for time in grid
            if any(start <= time < end for start, end in spans)
            and (box := truth.box_at(index, float(time), frame_rate)) is not None
        ]
        if not seen:
            continue
        times, boxes = np.array([time for time, _ in seen]), np.array([box for _, box in seen])
        found.append(Source(times, boxes, _intervals(times)))
    return found


@dataclass(frozen=True)
class Compared:
    """One video's tracks beside its sources.

    Attributes:
        overlap: sum over the sources' moments of the IoU with the track that follows the source, 0 where none does.
        moments: how many moments those are.
        right_time: seconds of the tracks' segments that lie, within COLLAR, where their source sounds.
        track_time: seconds of the tracks' segments.
        found_time: seconds of the sources that lie, within COLLAR, in their track's segments.
        source_time: seconds of the sources.
        found_together: seconds of `found_time` in which another source sounds too.
        together: seconds of `source_time` in which another source sounds too.
        keyframes: of all tracks.
        seconds: of the video.
        right: for each track whether its mean IoU with its source, over the track's own time, reaches .5.
    """

    overlap: float
    moments: int
    right_time: float
    track_time: float
    found_time: float
    source_time: float
    found_together: float
    together: float
    keyframes: int
    seconds: float
    right: list[bool]


def compare(tracks: Sequence[Track], segments: Sequence[Segment], truth: Sequence[Source], seconds: float) -> Compared:
    """Compare a video's tracks with its sources; each source has at most one track, and each track one source."""
    shares = overlaps(tracks, truth)
    pairs = matched(truth, shares)
    spans = [[(s.start, s.end) for s in segments if s.track == index] for index in range(len(tracks))]
    right_time = found_time = found_together = 0.0
    together = [_with_others(truth, number) for number in range(len(truth))]
    right = [False] * len(tracks)
    for track, source in pairs.items():
        right_time += _shared(spans[track], _widened(truth[source].intervals))
        found_time += _shared(truth[source].intervals, _widened(spans[track]))
        found_together += _shared(together[source], _widened(spans[track]))
        inside = _overlaps(tracks[track], truth[source])
        shown = [value for value in inside if value is not None]
        outside = _length(spans[track]) - _shared(spans[track], _widened(truth[source].intervals))
        right[track] = sum(shown) / max(len(shown) + outside * RATE, 1e-9) >= 0.5
    return Compared(
        overlap=sum(shares[track, source] * len(truth[source].times) for track, source in pairs.items()),
        moments=sum(len(source.times) for source in truth),
        right_time=right_time,
        track_time=sum(_length(own) for own in spans),
        found_time=found_time,
        source_time=sum(_length(source.intervals) for source in truth),
        found_together=found_together,
        together=sum(_length(spans) for spans in together),
        keyframes=sum(len(track.keyframes) for track in tracks),
        seconds=seconds,
        right=right,
    )


def _with_others(truth: Sequence[Source], number: int) -> list[Interval]:
    """The seconds of a source in which another sounds too."""
    others = union([span for place, source in enumerate(truth) if place != number for span in source.intervals])
    return [
        (max(start, first), min(end, last))
        for start, end in truth[number].intervals
        for first, last in others
        if start < last and first < end
    ]


def overlaps(tracks: Sequence[Track], truth: Sequence[Source]) -> np.ndarray:
    """(tracks, sources) mean IoU over each source's moments, 0 where the track is gone."""
    found = np.zeros((len(tracks), len(truth)))
    for row, track in enumerate(tracks):
        for column, source in enumerate(truth):
            found[row, column] = np.mean([value or 0.0 for value in _overlaps(track, source)])
    return found


def matched(truth: Sequence[Source], shares: np.ndarray) -> dict[int, int]:
    """Which track follows which source: the pairing of the greatest total overlap, by time and IoU (`overlaps`)."""
    if not shares.size:
        return {}
    weights = shares * [len(source.times) for source in truth]
    rows, columns = linear_sum_assignment(-weights)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if weights[row, column] > 0}


def _overlaps(track: Track, source: Source) -> list[float | None]:
    """IoU at each of the source's moments; None where the track is gone."""
    found: list[float | None] = []
    for time, box in zip(source.times, source.boxes, strict=True):
        own = box_at(track, float(time))
        x1, y1, x2, y2 = box
        found.append(None if own is None else iou(own, (x1, y1, x2, y2)))
    return found


def keyframes_needed(source: Source, level: float = REDRAWN) -> int:
    """The fewest keyframes with which linear interpolation follows a source at IoU >= `level`."""
    count = 0
    for start, end in source.intervals:
        inside = (source.times >= start) & (source.times < end)
        count += len(_fewest(source.times[inside], source.boxes[inside], level))
    return count


def _fewest(times: np.ndarray, boxes: np.ndarray, level: float) -> list[int]:
    """Indices of keyframes of one interval; the tolerance of a corner is narrowed until every IoU reaches `level`."""
    side = float(np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]).min())
    tolerance = side / 4
    while True:
        kept = thin(times, boxes, tolerance)
        between = np.stack([np.interp(times, times[kept], boxes[kept, k]) for k in range(4)], 1)
        if len(kept) == len(times) or min(_iou(a, b) for a, b in zip(between, boxes, strict=True)) >= level:
            return kept
        tolerance *= 0.8


def _iou(first: np.ndarray, second: np.ndarray) -> float:
    x1, y1, x2, y2 = first
    u1, v1, u2, v2 = second
    return iou((x1, y1, x2, y2), (u1, v1, u2, v2))


def _intervals(times: np.ndarray) -> list[Interval]:
    """Half-open seconds that moments of a grid of 1 / RATE stand for."""
    breaks = np.flatnonzero(np.diff(times) > 1.5 / RATE)
    firsts, lasts = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(times) - 1]])
    return [(float(times[a]), float(times[b]) + 1 / RATE) for a, b in zip(firsts, lasts, strict=True)]


def _widened(spans: Sequence[Interval]) -> list[Interval]:
    return union([(start - COLLAR, end + COLLAR) for start, end in spans])


def _length(spans: Sequence[Interval]) -> float:
    return sum(end - start for start, end in spans)


def _shared(spans: Sequence[Interval], others: Sequence[Interval]) -> float:
    """Seconds that two lists of disjoint spans share."""
    return sum(max(0.0, min(b, d) - max(a, c)) for a, b in spans for c, d in others)
