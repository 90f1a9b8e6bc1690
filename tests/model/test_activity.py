import numpy as np
import pytest

from model.activity import ActivityRule, close_gaps, runs, sounding_intervals

RATE = 48_000


def tone(seconds: float, spans: list[tuple[float, float]], pitch: float = 440.0) -> np.ndarray:
    """A tone that sounds only in the given spans."""
    t = np.arange(round(seconds * RATE)) / RATE
    gate = np.zeros(len(t))
    for start, end in spans:
        gate[(t >= start) & (t < end)] = 1
    return (0.2 * gate * np.sin(2 * np.pi * pitch * t)).astype(np.float32)


def noise(seconds: float, below_tone: float, seed: int = 0) -> np.ndarray:
    """White noise `below_tone` dB under the tone."""
    level = 0.2 / np.sqrt(2) * 10 ** (-below_tone / 20)
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize(("snr", "within"), [(5, 0.4), (15, 0.06), (25, 0.06), (60, 0.06)])
def test_edges_are_found_in_background_noise(snr, within):
    spans = [(0.7, 2.1), (3.4, 4.9)]
    found = sounding_intervals(tone(6, spans) + noise(6, snr))
    assert len(found) == 2
    np.testing.assert_allclose(found, spans, atol=within)  # .06: three windows of 20 ms


def test_short_pauses_are_closed_and_clicks_dropped():
    found = sounding_intervals(tone(5, [(1.0, 1.5), (1.8, 2.5), (4.0, 4.03)]) + noise(5, 40))
    assert len(found) == 1
    np.testing.assert_allclose(found, [(1.0, 2.5)], atol=0.06)


def test_silence_has_no_intervals_and_a_steady_sound_has_one():
    assert sounding_intervals(np.zeros(0, np.float32)) == []
    assert sounding_intervals(np.zeros(RATE * 3, np.float32)) == []
    assert sounding_intervals(noise(3, 90)) == []  # hiss far below hearing
    assert sounding_intervals(tone(3, [(0, 3)])) == [(0.0, 3.0)]


def test_a_soft_sound_far_below_the_peak_has_ended():
    loud, soft = tone(4, [(0.5, 1.5)]), tone(4, [(2.5, 3.5)]) / 300  # 50 dB below
    found = sounding_intervals(loud + soft, ActivityRule(below_peak=40))
    assert len(found) == 1
    assert found[0] == pytest.approx((0.5, 1.5), abs=0.06)


def test_long_recordings_are_measured_in_pieces_without_seams():
    spans = [(59.5, 60.8), (120.1, 130.0)]
    found = sounding_intervals(tone(140, spans) + noise(140, 20))
    assert len(found) == 2
    np.testing.assert_allclose(found, spans, atol=0.06)


def test_runs_and_gaps():
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert runs(np.zeros(3, bool)) == []
    assert close_gaps([(0, 1), (1.2, 2), (3, 4)], 0.5) == [(0, 2), (3, 4)]
