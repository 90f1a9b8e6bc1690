"""What raises and what lowers the scores that annotators see, and that Label Studio orders tasks by."""

import pytest

from model.confidence import CLIP, EMPTY, TRACK, clip_evidence, empty_evidence, track_evidence

CLEAR = {"support": 1.0, "seconds": 3.0, "steadiness": 0.9, "rivalry": 0.0}


def track(scores: list[float], **changes: float) -> float:
    return TRACK.probability(track_evidence(scores, **{**CLEAR, **changes}))


def test_a_clear_track_is_likely_right_and_each_doubt_makes_it_less_so() -> None:
    clear = track([0.95] * 15)
    assert clear > 0.85
    assert clear > track([0.6] * 15) > track([0.3] * 15)
    assert clear > track([0.95] * 15, support=0.5)
    assert clear > track([0.95] * 15, steadiness=0.3)


def test_certainty_itself_stays_within_bounds() -> None:
    for scores in ([0.0], [1.0], [1.0] * 1000):
        assert 0.0 < track(scores, seconds=0.0) < 1.0


def test_a_clip_is_accepted_less_often_the_more_there_is_to_get_wrong() -> None:
    one = CLIP.probability(clip_evidence([0.95], segments=1, unexplained=0.0))
    assert one > CLIP.probability(clip_evidence([0.95, 0.95], segments=2, unexplained=0.0))
    assert one > CLIP.probability(clip_evidence([0.5], segments=1, unexplained=0.0))
    assert one > CLIP.probability(clip_evidence([0.95], segments=1, unexplained=0.6))


@pytest.mark.parametrize(("weaker", "stronger"), [(0.05, 0.3), (0.3, 0.54)])
def test_an_empty_prediction_is_surer_the_less_the_picture_fits_the_sound(weaker: float, stronger: float) -> None:
    assert EMPTY.probability(empty_evidence(weaker)) > EMPTY.probability(empty_evidence(stronger))
