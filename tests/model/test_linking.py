import numpy as np
import pytest

from model.boxes import Box, as_box, iou
from model.linking import TrackRule, link, thin
from model.localization import Region
from model.tracks import box_at

RATE = 5.0


def region(x: float, y: float = 0.5, size: float = 0.2, score: float = 0.9) -> Region:
    box = as_box(np.array([x - size / 2, y - size / 2, x + size / 2, y + size / 2]))
    return Region(box, score, (x, y))


def moving(time: float, speed: float = 0.05) -> Region:
    return region(0.2 + speed * time)


def sampled(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def test_a_moving_source_is_one_track_of_few_keyframes():
    times = sampled(6)
    tracks, segments = link(times, [[moving(t)] for t in times], [(0.0, 6.0)])
    assert len(tracks) == 1
    assert len(tracks[0].keyframes) <= 3
    assert not tracks[0].keyframes[-1].visible
    assert [(s.start, s.end, s.track) for s in segments] == [(0.0, 6.0, 0)]
    for t in times:
        assert iou(box_at(tracks[0], t), moving(t).box) > 0.8


def test_the_box_goes_while_nothing_sounds_and_comes_back():
    times = sampled(6)
    sounding = [(0.5, 2.0), (3.5, 5.0)]
    heard = [[moving(t)] if any(a <= t < b for a, b in sounding) else [] for t in times]
    tracks, segments = link(times, heard, sounding)
    assert len(tracks) == 1
    assert [(s.start, s.end) for s in segments] == sounding
    assert box_at(tracks[0], 0.2) is None
    assert box_at(tracks[0], 1.0) is not None
    assert box_at(tracks[0], 2.5) is None
    assert box_at(tracks[0], 4.0) is not None
    assert box_at(tracks[0], 5.5) is None
    assert tracks[0].reason == "sounds 0.5-2.0, 3.5-5.0 s; map peak 0.90"


def test_a_sound_that_moves_to_another_object_is_split():
    times = sampled(6)
    found = [[region(0.2)] if t < 3 else [region(0.8)] for t in times]
    tracks, segments = link(times, found, [(0.0, 6.0)])
    assert len(tracks) == 2
    first, second = segments
    assert first.track != second.track
    assert first.end == pytest.approx(3.0, abs=1 / RATE)
    assert second.start == pytest.approx(3.0, abs=1 / RATE)


def test_two_sources_together_are_two_tracks_whatever_their_order():
    times = sampled(4)
    rng = np.random.default_rng(0)
    found = []
    for _ in times:
        pair = [region(0.2, score=0.9), region(0.8, score=0.7)]
        found.append(pair if rng.random() < 0.5 else pair[::-1])
    tracks, segments = link(times, found, [(0.0, 4.0)])
    assert [round(track.keyframes[0].box[0], 2) for track in tracks] == [0.1, 0.7]
    assert tracks[0].score > tracks[1].score
    assert [(s.start, s.end) for s in segments] == [(0.0, 4.0)] * 2


def test_what_the_picture_does_not_explain_gives_no_track():
    times = sampled(3)
    assert link(times, [[region(0.5, score=0.2)] for _ in times], [(0.0, 3.0)]) == ([], [])
    assert link(times, [[region(0.5)] for _ in times], []) == ([], [])
    assert link(np.zeros(0), [], [(0.0, 3.0)]) == ([], [])


def test_weak_maps_continue_a_track_but_make_none():
    times = sampled(4)
    rule = TrackRule(score=0.6, weak=0.4)
    faint = [[region(0.3, score=0.5)] for _ in times]
    assert link(times, faint, [(0.0, 4.0)], rule=rule) == ([], [])
    faint[8] = [region(0.3, score=0.7)]
    _, segments = link(times, faint, [(0.0, 4.0)], rule=rule)
    assert [(s.start, s.end) for s in segments] == [(0.0, 4.0)]


def test_a_faint_source_counts_beside_one_that_explains_the_sound():
    times = sampled(4)
    rule = TrackRule(score=0.7, beside=0.3)
    both = [[region(0.2), region(0.8, score=0.4)] for _ in times]
    tracks, segments = link(times, both, [(0.0, 4.0)], rule=rule)
    assert len(tracks) == 2 and [(s.start, s.end) for s in segments] == [(0.0, 4.0)] * 2
    fainter = [[region(0.2), region(0.8, score=0.25)] for _ in times]
    assert len(link(times, fainter, [(0.0, 4.0)], rule=rule)[0]) == 1
    # By itself it explains nothing: not before the other begins, nor after the other is gone.
    outlasting = [here if t < 2 else here[1:] for t, here in zip(times, both, strict=True)]
    assert len(link(times, outlasting, [(0.0, 4.0)], rule=rule)[0]) == 1


def test_one_wrong_map_neither_makes_a_track_nor_breaks_one():
    times = sampled(4)
    found = [[region(0.3)] for _ in times]
    found[7] = [region(0.9)]
    tracks, segments = link(times, found, [(0.0, 4.0)])
    assert len(tracks) == 1
    assert len(segments) == 1
    assert iou(box_at(tracks[0], times[7]), region(0.3).box) > 0.8


def test_a_sound_shorter_than_the_sampling_and_a_single_frame_have_a_track():
    times = sampled(2)
    tracks, segments = link(times, [[region(0.3)] for _ in times], [(1.05, 1.15)])
    assert len(tracks) == 1
    assert [(s.start, s.end) for s in segments] == [(1.05, 1.15)]
    tracks, _ = link(np.zeros(1), [[region(0.3)]], [(0.0, 0.04)])
    assert box_at(tracks[0], 0.02) == pytest.approx(region(0.3).box)


def test_jitter_is_smoothed_and_keyframes_stay_under_one_a_second():
    times = sampled(20)
    rng = np.random.default_rng(3)
    true = [region(0.5 + 0.3 * np.sin(t / 3), 0.5, 0.3) for t in times]
    found = [[Region(as_box(np.array(r.box) + rng.normal(0, 0.03, 4)), 0.9, r.peak)] for r in true]
    tracks, _ = link(times, found, [(0.0, 20.0)])
    assert len(tracks[0].keyframes) <= 20
    overlap = [iou(box_at(tracks[0], t), r.box) for t, r in zip(times, true, strict=True)]
    raw = [iou(f[0].box, r.box) for f, r in zip(found, true, strict=True)]
    assert np.mean(overlap) > np.mean(raw)


def interpolated(times: np.ndarray, boxes: np.ndarray, kept: list[int]) -> np.ndarray:
    return np.stack([np.interp(times, times[kept], column) for column in boxes[kept].T], axis=1)


@pytest.mark.parametrize("tolerance", [0.005, 0.02, 0.1])
def test_thinning_keeps_every_box_within_tolerance(tolerance):
    rng = np.random.default_rng(4)
    times = np.arange(200) / RATE
    boxes = np.cumsum(rng.normal(0, 0.01, (200, 4)), axis=0)
    kept = thin(times, boxes, tolerance)
    assert kept[0] == 0
    assert kept[-1] == 199
    assert np.abs(interpolated(times, boxes, kept) - boxes).max() <= tolerance + 1e-9


def test_thinning_keeps_only_the_corners_of_a_bent_path():
    times = np.arange(21) / RATE
    bend = np.interp(times, [0, 2, 4], [0.1, 0.5, 0.1])
    boxes = np.stack([bend, bend, bend + 0.2, bend + 0.2], axis=1)
    assert thin(times, boxes, 0.01) == [0, 10, 20]
    assert thin(times[:1], boxes[:1], 0.01) == [0]


def test_a_wider_tolerance_never_needs_more_keyframes():
    times = sampled(10)
    rng = np.random.default_rng(5)
    found = [[Region(as_box(np.array(moving(t).box) + rng.normal(0, 0.02, 4)), 0.9, (0.5, 0.5))] for t in times]
    counts = []
    for tolerance in (0.01, 0.03, 0.1):
        tracks, _ = link(times, found, [(0.0, 10.0)], rule=TrackRule(tolerance=tolerance))
        counts.append(len(tracks[0].keyframes))
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 2


def test_an_hour_of_one_source_is_thinned_in_seconds():
    times = sampled(3600)
    path: list[list[Region]] = [[region(0.5 + 0.3 * np.sin(t / 60))] for t in times]
    tracks, _ = link(times, path, [(0.0, 3600.0)])
    found: Box | None = box_at(tracks[0], 1800.0)
    assert found is not None
    assert iou(found, path[9000][0].box) > 0.8
    assert len(tracks[0].keyframes) < 360
