"""Linking regions through time to tracks, thinned to sparse keyframes, with the seconds each sounds in."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from model.boxes import Box, as_box, iou
from model.confidence import TRACK, track_evidence
from model.likeness import mean_direction
from model.localization import Region
from model.tracks import Keyframe, Segment, Track

# Samples between two keyframes at most; bounds the work on long recordings.
_LONGEST_STEP = 300


@dataclass(frozen=True)
class TrackRule:
    """How regions become tracks. The defaults are the values chosen on validation videos.

    Distances are shares of the frame.

    Attributes:
        score: probability that the best region of a track's every stretch of sound reaches: it explains the sound.
        beside: the same where another track explains the sound meanwhile: of a mixture each source explains a part.
        weak: probability below which a region does not even continue a stretch.
        reach: farthest a source moves from one sample to the next.
        patience: seconds a source may be missed within one sound before it is another.
        support: share of the samples of its span that a track must be seen in.
        shortest: seconds; a track seen for less is noise.
        snap: seconds; a track that begins or ends this close to the sound's own edge takes that edge, because
            the audio second around each sample blurs time.
        drift: how far a silent source may have moved a second by the time it sounds again.
        position_smoothing: seconds, standard deviation of the smoothing of a box's middle.
        size_smoothing: seconds, likewise of its width and height, which change more slowly.
        tolerance: farthest any corner may lie from the smoothed track after thinning.
        density: keyframes a second of sound at most; the tolerance is widened until so.
    """

    score: float = 0.7
    beside: float = 0.3
    weak: float = 0.2
    reach: float = 0.2
    patience: float = 0.8
    support: float = 0.5
    shortest: float = 0.3
    snap: float = 0.4
    drift: float = 0.1
    position_smoothing: float = 0.3
    size_smoothing: float = 1.0
    tolerance: float = 0.02
    density: float = 1.0


@dataclass
class _Tracklet:
    """A source followed through one sound without interruption."""

    start: float  # seconds in which it sounds, half-open
    end: float
    samples: list[int] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The highest score of its regions."""
        return max(region.score for region in self.regions)


def link(
    times: np.ndarray,
    regions: Sequence[Sequence[Region]],
    sounding: Sequence[tuple[float, float]],
    *,
    rule: TrackRule = TrackRule(),
) -> tuple[list[Track], list[Segment]]:
    """Tracks and time segments from the regions of sampled frames.

    Args:
        times: (T,) seconds, evenly spaced.
        regions: for each time, in any order.
        sounding: half-open seconds in which anything is heard, sorted and disjoint.
        rule: how.

    Returns:
        Tracks, highest score first, and segments, by start, which lie within `sounding`.
    """
    chains: list[list[_Tracklet]] = []
    for start, end in sounding:
        inside = samples_in(times, start, end)
        seen = [[r for r in regions[k] if r.score >= rule.weak] for k in inside]
        for tracklet in _follow(times, inside, seen, (start, end), rule):
            _attach(chains, tracklet, rule)
    explained = Counter(index for chain in chains for tracklet in chain for index in tracklet.samples)
    known = [(_evidence(chain, explained), chain) for chain in chains]
    scored = sorted(
        ((TRACK.probability(evidence), evidence, chain) for evidence, chain in known), key=lambda one: -one[0]
    )
    tracks, segments = [], []
    for index, (score, evidence, chain) in enumerate(scored):
        spans = [(tracklet.start, tracklet.end) for tracklet in chain]
        tracks.append(Track(_keyframes(times, chain, rule), score, _reason(spans, chain), _vector(chain), evidence))
        segments += [Segment(start, end, index) for start, end in spans]
    return tracks, sorted(segments, key=lambda segment: (segment.start, segment.track))


def thin(times: np.ndarray, boxes: np.ndarray, tolerance: float) -> list[int]:
    """Indices of the fewest samples between which every box is within `tolerance` of linear interpolation.

    Args:
        times: (T,) increasing.
        boxes: (T, 4).
        tolerance: greatest distance of any of the four numbers.

    Returns:
        Sorted indices, first and last included: the shortest path over all admissible steps.
    """
    count = len(times)
    steps, previous = np.full(count, count, int), np.zeros(count, int)
    steps[0] = 0
    for first in range(count - 1):
        ahead = slice(first + 1, first + 1 + _LONGEST_STEP)
        lengths = (times[ahead] - times[first])[:, None]  # (n, 1)
        slopes = (boxes[ahead] - boxes[first]) / lengths  # (n, 4)
        # The slopes that pass every box up to here within tolerance: a cone that only narrows.
        low = np.maximum.accumulate(slopes - tolerance / lengths)
        high = np.minimum.accumulate(slopes + tolerance / lengths)
        admissible = np.all((slopes[1:] >= low[:-1]) & (slopes[1:] <= high[:-1]), axis=1)
        ends = first + 1 + np.flatnonzero(np.concatenate([[True], admissible]))
        better = ends[steps[ends] > steps[first] + 1]
        steps[better], previous[better] = steps[first] + 1, first
    path = [count - 1]
    while path[-1] != 0:
        path.append(int(previous[path[-1]]))
    return path[::-1]


def samples_in(times: np.ndarray, start: float, end: float) -> list[int]:
    """Indices of the samples within half-open seconds; the nearest one where they fall between two."""
    inside = np.flatnonzero((times >= start) & (times < end)).tolist()
    if not inside and len(times):
        nearest = int(np.abs(times - (start + end) / 2).argmin())
        inside = [nearest] if abs(times[nearest] - (start + end) / 2) <= _step(times) / 2 else []
    return inside


def _step(times: np.ndarray) -> float:
    """Seconds from one sample to the next; a lone frame stands for all the time there is."""
    return float(times[1] - times[0]) if len(times) > 1 else math.inf


def _follow(
    times: np.ndarray,
    inside: list[int],
    seen: list[list[Region]],
    sound: tuple[float, float],
    rule: TrackRule,
) -> list[_Tracklet]:
    """The sources of one sound, each linked from sample to sample."""
    step = _step(times)
    open_: list[_Tracklet] = []
    closed: list[_Tracklet] = []
    for index, found in zip(inside, seen, strict=True):
        still = [t for t in open_ if times[index] - times[t.samples[-1]] <= rule.patience + step / 2]
        closed += [t for t in open_ if t not in still]
        open_ = still
        taken = set()
        for tracklet, region in _matches(open_, found, rule.reach):
            tracklet.samples.append(index)
            tracklet.regions.append(region)
            taken.add(region)
        for region in found:
            if region not in taken:
                open_.append(_Tracklet(0.0, 0.0, [index], [region]))
    lasting = [tracklet for tracklet in closed + open_ if _lasts(tracklet, step, sound, len(inside), rule)]
    kept = _explaining(lasting, rule)
    for tracklet in kept:
        tracklet.start = float(times[tracklet.samples[0]] - step / 2)
        tracklet.end = float(times[tracklet.samples[-1]] + step / 2)
        if tracklet.start - sound[0] < rule.snap:
            tracklet.start = sound[0]
        if sound[1] - tracklet.end < rule.snap:
            tracklet.end = sound[1]
    return sorted(kept, key=lambda t: t.start)


def _lasts(tracklet: _Tracklet, step: float, sound: tuple[float, float], looked_at: int, rule: TrackRule) -> bool:
    """Whether a tracklet is seen often and long enough for the sound it is of; `looked_at`: samples of that sound."""
    span = tracklet.samples[-1] - tracklet.samples[0] + 1
    wanted = min(rule.shortest, 0.6 * (sound[1] - sound[0]))
    if len(tracklet.samples) < rule.support * span or (span > 1 and span * step < wanted):
        return False
    return span > 1 or looked_at <= 2


def _explaining(tracklets: list[_Tracklet], rule: TrackRule) -> list[_Tracklet]:
    """Those that explain the sound, by themselves or beside one that does."""
    alone = [tracklet for tracklet in tracklets if tracklet.best >= rule.score]
    explained = {index for tracklet in alone for index in tracklet.samples}
    return alone + [
        tracklet
        for tracklet in tracklets
        if rule.beside <= tracklet.best < rule.score and explained.issuperset(tracklet.samples)
    ]


def _matches(open_: list[_Tracklet], found: list[Region], reach: float) -> list[tuple[_Tracklet, Region]]:
    """The pairing of tracklets and new regions with the least total distance, none farther than `reach`."""
    if not open_ or not found:
        return []
    distances = np.array([[_distance(t.regions[-1].box, r.box) for r in found] for t in open_])
    rows, columns = linear_sum_assignment(np.where(distances <= reach, distances, 10.0))
    return [
        (open_[row], found[column])
        for row, column in zip(rows, columns, strict=True)
        if distances[row, column] <= reach
    ]


def _distance(first: Box, second: Box) -> float:
    """Distance of two boxes' middles."""
    delta = np.array(first) - np.array(second)
    return float(np.hypot(delta[0] + delta[2], delta[1] + delta[3]) / 2)


def _attach(chains: list[list[_Tracklet]], tracklet: _Tracklet, rule: TrackRule) -> None:
    """Continue the source that was last heard nearest, or begin a new one."""
    best, nearest = None, np.inf
    for chain in chains:
        last = chain[-1]
        pause = tracklet.start - last.end
        if pause < 0:
            continue
        distance = _distance(last.regions[-1].box, tracklet.regions[0].box)
        if distance <= rule.reach + rule.drift * pause and distance < nearest:
            best, nearest = chain, distance
    if best is None:
        chains.append([tracklet])
    else:
        best.append(tracklet)


def _evidence(chain: list[_Tracklet], explained: Counter[int]) -> tuple[float, ...]:
    """What is known of a source; `explained`: by sample, how many sources it holds."""
    found = [region for tracklet in chain for region in tracklet.regions]
    samples = [index for tracklet in chain for index in tracklet.samples]
    pairs = [pair for tracklet in chain for pair in pairwise(tracklet.regions)]
    return track_evidence(
        [region.score for region in found],
        support=len(samples) / sum(tracklet.samples[-1] - tracklet.samples[0] + 1 for tracklet in chain),
        seconds=sum(tracklet.end - tracklet.start for tracklet in chain),
        steadiness=float(np.mean([iou(one.box, other.box) for one, other in pairs])) if pairs else 1.0,
        rivalry=float(np.mean([explained[index] > 1 for index in samples])),
    )


def _vector(chain: list[_Tracklet]) -> np.ndarray | None:
    vectors = [region.vector for tracklet in chain for region in tracklet.regions if region.vector is not None]
    return mean_direction(vectors) if vectors else None


def _reason(spans: list[tuple[float, float]], chain: list[_Tracklet]) -> str:
    listed = ", ".join(f"{start:.1f}-{end:.1f}" for start, end in spans[:6])
    more = f" and {len(spans) - 6} more times" if len(spans) > 6 else ""
    peak = np.mean([region.score for tracklet in chain for region in tracklet.regions])
    return f"sounds {listed} s{more}; map peak {peak:.2f}"


def _keyframes(times: np.ndarray, chain: list[_Tracklet], rule: TrackRule) -> tuple[Keyframe, ...]:
    """The sparse keyframes of one source: smoothed, thinned, gone after each tracklet."""
    paths = [_smooth_path(times, tracklet, rule) for tracklet in chain]
    length = sum(tracklet.end - tracklet.start for tracklet in chain)
    tolerance = rule.tolerance
    while True:
        kept = [thin(moments, boxes, tolerance) for moments, boxes in paths]
        count = sum(len(indices) for indices in kept)
        if count <= max(rule.density * length, 2 * len(paths)):
            break
        tolerance *= 1.25
    keyframes = []
    for (moments, boxes), indices in zip(paths, kept, strict=True):
        keyframes += [Keyframe(float(moments[k]), as_box(boxes[k])) for k in indices[:-1]]
        keyframes.append(Keyframe(float(moments[-1]), as_box(boxes[-1]), visible=False))
    return tuple(keyframes)


def _smooth_path(times: np.ndarray, tracklet: _Tracklet, rule: TrackRule) -> tuple[np.ndarray, np.ndarray]:
    """A tracklet's moments (n,) from its start to its end and smoothed boxes (n, 4)."""
    seen = times[tracklet.samples]
    boxes = np.array([region.box for region in tracklet.regions])
    between = times[(times > tracklet.start + 1e-6) & (times < tracklet.end - 1e-6)]
    moments = np.concatenate([[tracklet.start], between, [tracklet.end]])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    sizes = boxes[:, 2:] - boxes[:, :2]
    paths = []
    for values, smoothing in ((middles, rule.position_smoothing), (sizes, rule.size_smoothing)):
        filled = np.stack([np.interp(moments, seen, column) for column in values.T], axis=1)
        # A median first: one wrong map must not pull the box towards it.
        steadied = ndimage.median_filter(filled, size=(5, 1), mode="nearest")
        paths.append(ndimage.gaussian_filter1d(steadied, max(smoothing / _step(times), 1e-3), axis=0, mode="nearest"))
    middles, sizes = paths
    return moments, np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
