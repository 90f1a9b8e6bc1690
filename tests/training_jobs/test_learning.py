"""Learning: when there is too little to learn from, and what is told of the rest."""

import copy
from pathlib import Path

import pytest
import torch

from model import checkpoints
from model.calibration import pair_scores
from model.clips import ClipCache
from model.pairs import PairSource
from model.training import Progress, TrainingError, demand_enough
from training_jobs import learning
from training_jobs.holding_out import hold_out


def test_too_few_says_how_many_more_would_do() -> None:
    assert learning.too_few(learning.FEWEST) is None
    reason = learning.too_few(learning.FEWEST - 1)
    assert reason is not None
    assert "at least 1 more" in reason


def test_progress_spans_both_networks() -> None:
    half = Progress(step=50, steps=100, loss=1.0, accuracy=None, seconds_left=30.0)
    share, left = learning.steps_left("avol", half, minutes=2.0)
    assert share == learning.AVOL_SHARE / 2
    assert left == 30.0 + 120.0 * (1 - learning.AVOL_SHARE)
    share, left = learning.steps_left("ave", half, minutes=2.0)
    assert share == learning.AVOL_SHARE + (1 - learning.AVOL_SHARE) / 2
    assert left == 30.0
    quick = Progress(step=50, steps=100, loss=1.0, accuracy=None, seconds_left=5.0)
    assert learning.steps_left("avol", quick, minutes=2.0)[1] == 5.0 + 10.0
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


@pytest.mark.parametrize("clips", [20, 48, 1280])
def test_the_recipe_is_as_short_as_the_clips_are_few(clips: int) -> None:
    config, more = learning.recipe(clips), learning.recipe(4 * clips)
    assert config.most_steps is not None and more.most_steps is not None
    assert more.most_steps == pytest.approx(2 * config.most_steps, rel=0.1)
    assert more.tolerance == pytest.approx(config.tolerance / 2, rel=0.2)
    assert config.most_steps * 32 / clips < 300  # passes, of 32 clips a step
    demand_enough(clips, config)


def test_the_fewest_clips_are_enough_to_train_on() -> None:
    learn, _ = hold_out([str(number) for number in range(learning.FEWEST)])
    demand_enough(len(learn), learning.recipe(len(learn)))
    with pytest.raises(TrainingError):
        demand_enough(len(learn) - 2, learning.recipe(len(learn) - 2))


class KilledError(Exception):
    """What a test ends a training with."""


@pytest.mark.usefixtures("one_thread")
def test_a_learning_broken_off_goes_on_where_it_was(tiny_version: Path, hums: list[Path], tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:6]]
    models = checkpoints.load_models(tiny_version)
    told: list[tuple[str, int]] = []

    def learn(name: str, kill: bool = False) -> dict:
        told.clear()

        def progress(kind: str, progress: Progress) -> None:
            told.append((kind, progress.step))
            if kill and kind == "ave" and progress.step == 2:
                raise KilledError

        return learning.learn(
            models,
            PairSource(keys, cache.load),
            tmp_path / name,
            steps=3,
            snapshots=tmp_path / f"{name} snapshots",
            on_progress=progress,
        )

    learn("whole")
    with pytest.raises(KilledError):
        learn("killed", kill=True)
    learn("killed")
    for name in checkpoints.FILES:
        both = (checkpoints.load(tmp_path / folder / name).state_dict().values() for folder in ("whole", "killed"))
        assert all(torch.equal(once, twice) for once, twice in zip(*both, strict=True))
    assert told == [("ave", 2), ("ave", 3)]  # the first network was done, and step 2's snapshot was not yet written


@pytest.mark.usefixtures("one_thread")
def test_what_another_learning_left_is_not_used(tiny_version: Path, hums: list[Path], tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:7]]
    models = checkpoints.load_models(tiny_version)
    for name, own in (("other", keys[:6]), ("this", keys)):
        card = learning.learn(
            models, PairSource(own, cache.load), tmp_path / name, steps=1, snapshots=tmp_path / "snapshots"
        )
        assert card["clips"] == sorted(own)
    assert checkpoints.version_of(tmp_path / "this") != checkpoints.version_of(tmp_path / "other")
