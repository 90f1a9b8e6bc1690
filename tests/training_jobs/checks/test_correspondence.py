"""Correspondence on held-out clips: what is counted, and what few clips can tell."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from model import checkpoints
from model.clips import ClipCache
from model.pairs import PairSource
from training_jobs.checks import held_out
from training_jobs.checks.correspondence import Answers, answers, compare
from training_jobs.checks.held_out import HeldOut


def made(n: int, own: float, spread: float, seed: int = 0) -> Answers:
    """Answers of a network that is right about this share of the pairs, clips differing by `spread`."""
    rng = np.random.default_rng(seed)
    each = np.clip(own + rng.normal(0, spread, n), 0, 1)
    above = (each[:, None] + each[None]) / 2
    return Answers(above, above)


@pytest.mark.usefixtures("one_thread")
def test_accuracy_and_area_are_those_of_all_pairs(
    tiny_version: Path, hums: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "ROUNDS", 3)
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:6]]
    moments = HeldOut(PairSource(keys, cache.load), keys)
    network = checkpoints.load(tiny_version / "avol.safetensors")
    found = answers(network, moments)
    own, other, mean_area = [], [], []
    for part, seen, heard in moments.seen_and_heard(network):
        with torch.inference_mode():
            logits = network.pair_logits(seen, heard).numpy()
        off = ~np.eye(len(part), dtype=bool)
        own.append((logits.diagonal() > 0).mean())
        other.append((logits[off] <= 0).mean())
        beaten = (logits.diagonal()[:, None] > logits)[off].mean() + (logits.diagonal()[:, None] > logits.T)[off].mean()
        mean_area.append(beaten / 2)
    assert found.accuracy == pytest.approx((np.mean(own) + np.mean(other)) / 2)
    assert found.area == pytest.approx(np.mean(mean_area))
    # One that answers "corresponds" to everything is right half of the time.
    yes = copy.deepcopy(network)
    with torch.no_grad():
        yes.recalibrate(0.0, 100.0)
    assert answers(yes, moments).accuracy == 0.5
    same = compare("AVOL-Net", found, answers(copy.deepcopy(network), moments))
    assert same.passed and same.candidate == same.current


def test_better_passes_worse_fails_and_few_clips_cannot_tell() -> None:
    current = made(12, 0.6, 0.05, seed=1)
    assert compare("AVOL-Net", made(12, 0.75, 0.05, seed=2), current).passed
    worse = compare("AVOL-Net", made(12, 0.5, 0.05, seed=2), current)
    assert worse.outcome == "failed" and "worse than the current version" in worse.said
    unclear = compare("AVOL-Net", made(12, 0.62, 0.15, seed=3), made(12, 0.6, 0.15, seed=4))
    assert unclear.outcome == "undecided"
    assert "12 held-out videos are too few" in unclear.said and "held out of" in unclear.said


def test_clips_that_never_met_do_not_count() -> None:
    whole = made(6, 0.7, 0.1)
    above = whole.above.copy()
    above[0, 5] = above[5, 0] = np.nan
    assert 0.5 < Answers(above, above).area < 0.9


def test_moments_of_many_clips_are_drawn_in_parts_of_equal_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "CHUNK", 4)

    class Source:
        """Draws nothing."""

        def draw(self, keys, _rng, misalignment):
            assert misalignment == 0.0
            return torch.zeros(len(keys), 2, 2, 3, dtype=torch.uint8), torch.zeros(len(keys), 8)

    moments = HeldOut(Source(), [str(number) for number in range(9)])
    parts = [len(part) for part, _, _ in moments._drawn]
    assert set(parts) == {3} and len(parts) == 3 * moments.rounds
    with pytest.raises(ValueError, match="at least two"):
        HeldOut(Source(), ["one"])
