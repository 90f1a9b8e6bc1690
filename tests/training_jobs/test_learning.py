"""Learning: when there is too little to learn from, and what is told of the rest."""

from model.training import Progress
from training_jobs import learning


def test_too_few_says_how_many_more_would_do() -> None:
    assert learning.too_few(learning.FEWEST) is None
    reason = learning.too_few(learning.FEWEST - 1, ["task 7: it is broken."])
    assert reason is not None
    assert "at least 1 more" in reason
    assert "1 more could not be used, the first because task 7: it is broken)" in reason


def test_progress_spans_both_networks() -> None:
    half = Progress(step=50, steps=100, loss=1.0, accuracy=None, seconds_left=30.0)
    share, left = learning.steps_left("avol", half, minutes=2.0)
    assert share == learning.AVOL_SHARE / 2
    assert left == 30.0 + 120.0 * (1 - learning.AVOL_SHARE)
    share, left = learning.steps_left("ave", half, minutes=2.0)
    assert share == learning.AVOL_SHARE + (1 - learning.AVOL_SHARE) / 2
    assert left == 30.0
    unmeasured = Progress(step=3, steps=0, loss=1.0, accuracy=None, seconds_left=60.0)
    assert learning.steps_left("avol", unmeasured, minutes=2.0)[0] == 0.0
