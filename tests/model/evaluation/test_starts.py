"""When the seconds of pairs begin that show the paper's shortcut."""

import numpy as np

from model.evaluation.correspondence import correspondence_pairs
from model.evaluation.starts import NaiveStarts, twins
from model.samples import Sample

TIMES = [0.5 + k / 4 for k in range(21)]  # of a video of six seconds


def twinned(videos: int) -> list[Sample]:
    choose = NaiveStarts(0, whole=False)
    found = []
    for video in range(videos):
        own = [Sample(video, k, time, ("a",), {}, frozenset(), steady=True) for k, time in enumerate(TIMES)]
        found += choose(own)
    return found


def test_matching_seconds_begin_on_the_grid_and_mismatched_ones_anywhere_near() -> None:
    samples = twinned(200)
    pairs, together = correspondence_pairs(samples, negatives=twins(samples))
    starts = np.array([samples[second].time - 0.5 for second in pairs[:, 1]])
    off = starts / 0.04 - np.floor(starts / 0.04 + 1e-6)  # of a step
    np.testing.assert_allclose(off[together], 0, atol=1e-6)
    # Uniform: of a few thousand, as many in each fifth of a step.
    counts, _ = np.histogram(off[~together], bins=5, range=(0, 1))
    assert (np.abs(counts / counts.sum() - 0.2) < 0.03).all()
    assert starts.min() >= 0 and starts.max() <= 5.0 + 1e-9
    assert (pairs[together, 0] == pairs[together, 1]).all()
    assert sorted(pairs[together, 0]) == sorted(pairs[~together, 0])  # the very same frames


def test_a_twin_is_its_samples_frame_up_to_an_eighth_of_a_second_away() -> None:
    samples = twinned(3)
    of = twins(samples)
    assert (of >= 0).sum() == 3 * len(TIMES)
    for own, twin in ((samples[k], samples[of[k]]) for k in np.flatnonzero(of >= 0)):
        assert (own.video, own.index) == (twin.video, twin.index)
        assert abs(TIMES[own.index] - twin.time) <= 0.125


def test_where_samples_cost_much_only_whole_seconds_are_used() -> None:
    own = [Sample(0, k, k / 25, (), {}, frozenset(), steady=True) for k in range(13, 60)]
    assert [one.index for one in NaiveStarts(0, whole=True)(own)] == [25, 50, 25, 50]
    assert NaiveStarts(0, whole=True)(own[:3]) == []
