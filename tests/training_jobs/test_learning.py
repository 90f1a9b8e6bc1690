"""Learning: when there is too little to learn from, and what is told of the rest."""

import copy
from pathlib import Path

import pytest
import torch

from model import checkpoints
from model.calibration import pair_scores
from model.clips import ClipCache
from model.pairs import PairSource
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


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(("clips", "distance"), [(0, 0.0), (learning.TRUSTED_CLIPS, 0.5), (10**9, 1.0)])
def test_the_fewer_clips_the_more_of_the_parents_calibration_stays(
    tiny_version: Path, hums: list[Path], tmp_path: Path, clips: int, distance: float
) -> None:
    cache = ClipCache(tmp_path)
    source = PairSource([cache.add(path) for path in hums[:4]], cache.load)
    parent = checkpoints.load(tiny_version / "avol.safetensors")
    network = copy.deepcopy(parent)
    with torch.no_grad():
        network.recalibrate(1.0, 5.0)
    learning.carry_calibration(network, parent, source, clips)
    old, new = (torch.cat(pair_scores(net, source, source.keys)).mean() for net in (parent, network))
    assert float(new - old) == pytest.approx(5.0 * distance, abs=0.05)


def test_a_version_may_lie_between_parent_and_learnt(tiny_version: Path) -> None:
    parent = checkpoints.load(tiny_version / "avol.safetensors")
    learnt = copy.deepcopy(parent)
    with torch.no_grad():
        for weight in learnt.parameters():
            weight.add_(1.0)
    for weight, start in zip(learning.towards(parent, learnt, 0.25).parameters(), parent.parameters(), strict=True):
        torch.testing.assert_close(weight, start + 0.25)
