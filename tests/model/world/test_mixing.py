import numpy as np
import pytest

from model.world.mixing import envelope, mix, segments, track
from model.world.scenes import Scene, Voicing
from model.world.synthesis import SAMPLE_RATE


def tone(*stretches: tuple[float, float, float], seconds: float = 4.0) -> np.ndarray:
    """A tone with the given level (dB) in each (start, end, level)."""
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    level = np.zeros(len(times))
    for start, end, decibels in stretches:
        level[(times >= start) & (times < end)] = 10 ** (decibels / 20)
    return level * np.sin(2 * np.pi * 500 * times)


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([(0.5, 2.0, 0)], [(0.5, 2.0)]),
        ([(0.5, 1.0, 0), (1.49, 2.0, 0)], [(0.5, 2.0)]),  # a gap below half a second is closed
        ([(0.5, 1.0, 0), (1.5, 2.0, 0)], [(0.5, 1.0), (1.5, 2.0)]),
        ([(0.5, 1.0, 0), (3.0, 3.5, -39)], [(0.5, 1.0), (3.0, 3.5)]),
        ([(0.5, 1.0, 0), (3.0, 3.5, -41)], [(0.5, 1.0)]),  # below -40 dB of the peak nothing is heard
        ([(0.0, 4.0, -60)], [(0.0, 4.0)]),  # the peak is the track's own
        ([], []),
    ],
)
def test_segments_are_the_envelope_above_40_db_below_its_peak(stretches, expected) -> None:
    assert segments(tone(*stretches)) == expected


def test_segments_are_where_a_voice_is_put() -> None:
    for name in ("kettle", "drum", "dog", "clock"):
        own = track(Voicing(name, 3, 0.0, [(0.5, 2.5), (3.5, 5.0)]), 6 * SAMPLE_RATE)
        found = segments(own)
        assert len(found) == 2
        for (start, end), (begins, ends) in zip(found, [(0.5, 2.5), (3.5, 5.0)], strict=True):
            # A beat falls late by a tenth of its period at most; the last one may end half a second early.
            assert begins - 0.011 <= start <= begins + 0.1
            assert ends - 0.5 <= end <= ends + 0.011
        loud = envelope(own)
        assert not loud[round(found[0][1] * 100) : round(found[1][0] * 100)].max() > loud.max() / 100


def test_each_object_has_the_segments_of_its_own_voice() -> None:
    voices = [
        Voicing("bee", 1, 0.0, [(0.0, 2.0)]),
        Voicing("kettle", 2, -6.0, [(1.0, 4.0)]),
        Voicing("dog", 3, 0.0, []),
    ]
    scene = Scene([], voices, [], [Voicing("car", 4, 0.0, [(4.5, 5.5)])])
    mixed, found = mix(np.random.default_rng(0), scene, 6.0)
    assert found == [[(0.0, 2.0)], [(1.0, 4.0)], []]
    assert mixed.shape == (6 * SAMPLE_RATE,)
    assert mixed.dtype == np.float32
    loud = envelope(mixed)
    assert loud[460:540].mean() > 2 * loud[560:].mean()  # what sounds off screen is heard, and in no segment
    assert np.abs(mixed).max() < 1


def test_a_silent_scene_is_mixed_to_noise() -> None:
    mixed, found = mix(np.random.default_rng(0), Scene([], [Voicing("dog", 3, 0.0, [])], []), 2.0)
    assert found == [[]]
    assert np.isfinite(mixed).all()
    assert mixed.std() > 0
