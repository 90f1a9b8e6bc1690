"""The simulated annotator's work, on cases counted by hand."""

import numpy as np
import pytest

from model.evaluation.effort import blank, drawn, mending
from model.evaluation.tracks import Source, compare, keyframes_needed, sources
from model.tracks import Keyframe, Segment, Track
from model.truth import Segment as Sounding
from model.truth import Truth

LEFT, RIGHT = (0.1, 0.2, 0.3, 0.6), (0.6, 0.2, 0.8, 0.6)


def still(box=LEFT, start=0.0, end=4.0) -> Source:
    times = np.arange(start, end, 0.1)
    return Source(times, np.tile(box, (len(times), 1)), [(start, end)])


def moving() -> Source:
    """There and back again: three keyframes."""
    times = np.arange(0.0, 4.0, 0.1)
    x = 0.3 * (1 - np.abs(times - 2) / 2)
    return Source(times, np.stack([0.1 + x, 0 * x + 0.2, 0.3 + x, 0 * x + 0.6], 1), [(0.0, 4.0)])


def track(box=LEFT, start=0.0, end=4.0) -> Track:
    return Track((Keyframe(start, box), Keyframe(end, box, visible=False)), 0.9, "")


def shifted(by: float):
    return (LEFT[0] + by, LEFT[1], LEFT[2] + by, LEFT[3])


def test_drawing_costs_the_box_and_its_keyframes() -> None:
    assert keyframes_needed(still()) == 2
    assert keyframes_needed(moving()) == 3
    assert drawn(moving()) == 4
    assert blank([still(), moving()]) == 7
    assert blank([]) == 0


@pytest.mark.parametrize(
    ("tracks", "truth", "cost"),
    [
        ([track()], [still()], 0),  # right: accepted as it is
        ([], [still()], 3),  # missed: drawn
        ([track(), track(RIGHT)], [still()], 1),  # one too many: deleted
        ([track(RIGHT)], [], 1),
        ([track(shifted(0.05))], [still()], 0),  # IoU .6 is let be
        ([track(shifted(0.12))], [still()], 1 + 3),  # IoU .25: deleted and drawn anew
        ([track(end=3.5)], [still()], 1),  # ends too early by more than the collar
        ([track(end=3.85)], [still()], 0),  # within the collar
        ([track(LEFT), track(RIGHT)], [still(), still(RIGHT)], 0),
    ],
)
def test_mending_costs_what_the_rules_say(tracks, truth, cost) -> None:
    assert mending(tracks, truth) == cost


def test_a_track_that_loses_its_source_half_way_is_repaired_keyframe_by_keyframe() -> None:
    static = Track((Keyframe(0.0, (0.2, 0.2, 0.4, 0.6)), Keyframe(4.0, (0.2, 0.2, 0.4, 0.6), visible=False)), 0.9, "")
    gentle = Source(moving().times, moving().boxes * [0.5, 1, 0.5, 1] + [0.1, 0, 0.15, 0], [(0.0, 4.0)])
    assert 1 <= mending([static], [gentle]) <= drawn(gentle)
    trembling = Source(gentle.times, gentle.boxes + np.where(np.arange(40) % 2, 0.003, 0)[:, None], gentle.intervals)
    assert mending([static], [trembling], accepted=0.99) == 1 + drawn(trembling)  # never more than drawing it anew


def test_an_annotator_who_accepts_less_works_more() -> None:
    costs = [mending([track(shifted(0.03))], [still()], accepted=level) for level in (0.5, 0.7, 0.8)]
    assert costs == sorted(costs) and costs[0] == 0 and costs[-1] > 0


def test_tracks_are_compared_source_by_source() -> None:
    truth = [still(end=2.0), still(RIGHT, 2.0, 4.0)]
    tracks = [track(end=2.2), track(RIGHT, 2.0, 3.0)]
    segments = [Segment(0.0, 2.2, 0), Segment(2.0, 3.0, 1)]
    found = compare(tracks, segments, truth, 4.0)
    assert found.overlap / found.moments == pytest.approx(0.75)  # one whole, one half of the time
    assert (found.right_time, found.track_time) == pytest.approx((3.2, 3.2))  # .2 s late is within the collar
    assert (found.found_time, found.source_time) == pytest.approx((2.0 + 1.25, 4.0))
    assert found.right == [True, True]
    swapped = compare(tracks[:1], [Segment(0.0, 4.0, 0)], truth, 4.0)
    assert swapped.right_time == pytest.approx(2.25)  # sounding while its source is silent is wrong


def test_what_is_found_of_two_that_sound_at_once_is_told_apart() -> None:
    truth = [still(end=3.0), still(RIGHT, 2.0, 4.0)]  # both from 2 to 3 s
    found = compare([track(end=3.0)], [Segment(0.0, 3.0, 0)], truth, 4.0)
    assert (found.found_together, found.together) == pytest.approx((1.0, 2.0))
    assert (found.found_time, found.source_time) == pytest.approx((3.0, 5.0))
    alone = compare([track(end=2.0)], [Segment(0.0, 2.0, 0)], [still(end=2.0), still(RIGHT, 2.0, 4.0)], 4.0)
    assert alone.together == 0


def test_an_object_counts_while_it_sounds_and_is_in_view() -> None:
    boxes = {0: [LEFT] * 50 + [None] * 50, 1: [RIGHT] * 100}
    truth = Truth("a.mp4", ["dog", "cat"], [Sounding(1.0, 3.0, 0)], boxes)
    [source] = sources(truth, 25.0, 4.0)
    assert source.intervals == [pytest.approx((1.0, 2.0))]
    assert source.box(1.5) == LEFT
