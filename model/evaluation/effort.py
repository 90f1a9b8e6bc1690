"""An annotator's work, counted: from a blank screen, and from what was drawn beforehand."""

from collections.abc import Sequence
from dataclasses import replace

from model.boxes import iou
from model.evaluation.tracks import COLLAR, RATE, Source, keyframes_needed, matched, overlaps
from model.tracks import Keyframe, Track, box_at

REPAIRED = 0.5  # mean IoU from which a track is repaired; below, it is deleted and drawn anew


def blank(truth: Sequence[Source]) -> int:
    """What drawing every source costs on a blank screen: its box, and the keyframes it needs."""
    return sum(drawn(source) for source in truth)


def drawn(source: Source) -> int:
    """Drawing one source: 1, and 1 for each keyframe that it needs to be followed at IoU >= .9."""
    return 1 + keyframes_needed(source)


def mending(tracks: Sequence[Track], truth: Sequence[Source], *, accepted: float = 0.5) -> int:
    """What making tracks right costs an annotator.

    A track of no source is deleted (1). A track whose mean IoU with its source reaches REPAIRED is repaired by
    placing or moving single keyframes, 1 each, until every moment's box reaches `accepted` and no edge in time is
    off by more than the collar; it is deleted and drawn anew where that is less work, or where it is worse than that. A
    source without a track is drawn.

    Args:
        tracks: of one video.
        truth: what sounds in view in it.
        accepted: IoU from which an annotator lets a box be.
    """
    shares = overlaps(tracks, truth)
    pairs = matched(truth, shares)
    cost = 0
    for index, track in enumerate(tracks):
        if index not in pairs:
            cost += 1
            continue
        source = truth[pairs[index]]
        anew = 1 + drawn(source)
        cost += min(anew, _repair(track, source, accepted, anew)) if shares[index, pairs[index]] >= REPAIRED else anew
    return cost + sum(drawn(source) for number, source in enumerate(truth) if number not in pairs.values())


def _repair(track: Track, source: Source, accepted: float, most: int) -> int:
    """Keyframes to place or move, up to `most`: first at the edges in time, then wherever a box is off the worst."""
    cost = 0
    shown = _shown(track)
    for start, end in shown:
        if not any(a < end and start < b for a, b in source.intervals):
            cost += 1  # an interval in which nothing sounds is switched off
    for start, end in source.intervals:
        own = [(a, b) for a, b in shown if a < end and start < b]
        if not own:
            cost += 2  # switched on and off; its boxes follow below
            track = _with(track, Keyframe(start, source.box(start)), Keyframe(end, source.box(end), visible=False))
            continue
        first, last = own[0][0], own[-1][1]
        gaps = len(own) - 1
        cost += (abs(first - start) > COLLAR) + (abs(last - end) > COLLAR) + gaps
        track = _spanning(track, source, start, end, first, last, gaps)
    while cost < most:
        worst, time = min(
            (iou(here, source.box(float(t))) if (here := box_at(track, float(t))) is not None else 1.0, float(t))
            for t in source.times
        )
        if worst >= accepted:
            break
        track = _with(track, Keyframe(time, source.box(time)))
        cost += 1
    return cost


def _shown(track: Track) -> list[tuple[float, float]]:
    """Half-open seconds in which a track is on screen; to the end of time where it never goes."""
    spans: list[tuple[float, float]] = []
    since: float | None = None
    for keyframe in track.keyframes:
        if keyframe.visible and since is None:
            since = keyframe.time
        elif not keyframe.visible and since is not None:
            spans.append((since, keyframe.time))
            since = None
    return spans if since is None else [*spans, (since, float("inf"))]


def _spanning(track: Track, source: Source, start: float, end: float, first: float, last: float, gaps: int) -> Track:
    """The track with its edges moved to those of an interval, and without the gaps inside it."""
    if first - start > COLLAR:
        track = _with(track, Keyframe(start, source.box(start)))
    if end - last > COLLAR or gaps:
        inner = [k for k in track.keyframes if k.visible or not start < k.time < end - COLLAR]
        track = _with(replace(track, keyframes=tuple(inner)), Keyframe(end, source.box(end), visible=False))
    return track


def _with(track: Track, *keyframes: Keyframe) -> Track:
    """The track with these keyframes, in place of any other within a sample of them."""
    kept = [one for one in track.keyframes if all(abs(one.time - new.time) > 0.5 / RATE for new in keyframes)]
    return replace(track, keyframes=tuple(sorted([*kept, *keyframes], key=lambda one: one.time)))
