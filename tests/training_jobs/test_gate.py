"""The gate: what is held out, and what a comparison leads to."""

import copy
from pathlib import Path

import pytest
import torch

from model import checkpoints
from model.clips import ClipCache
from model.pairs import PairSource
from training_jobs import gate

KEYS = [f"{number:020x}" for number in range(400)]


def test_a_clip_stays_held_out_as_others_come() -> None:
    _, few = gate.hold_out(KEYS[:100])
    learn, many = gate.hold_out(KEYS)
    assert set(few) <= set(many)
    assert not set(learn) & set(many)
    assert 0.15 < len(many) / len(KEYS) < 0.25


def test_with_few_clips_enough_are_held_out() -> None:
    for count in (gate.HELD_OUT_LEAST, 5, 10):
        learn, held = gate.hold_out(KEYS[:count])
        assert len(held) >= gate.HELD_OUT_LEAST
        assert sorted(learn + held) == KEYS[:count]


def test_lower_correspondence_does_not_serve() -> None:
    worse = gate.Comparison(candidate=0.70, current=0.71, pairs=2000, videos=8, gained=20, lost=40)
    assert not worse.passed
    assert "0.700 against 0.710 on 2000 pairs of 8 held-out videos, 20 gained and 40 lost" in worse.reason
    assert worse.to_dict()["passed"] is False


def test_what_chance_explains_is_not_lower() -> None:
    assert gate.Comparison(candidate=0.71, current=0.71, pairs=2000, videos=8, gained=0, lost=0).passed
    assert gate.Comparison(candidate=0.708, current=0.71, pairs=2000, videos=8, gained=18, lost=22).passed
    # However few the pairs, two points less are too much.
    assert not gate.Comparison(candidate=0.65, current=0.70, pairs=20, videos=4, gained=0, lost=1).passed


@pytest.mark.usefixtures("one_thread")
def test_both_are_measured_on_the_same_pairs(
    tiny_version: Path, hums: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PAIRS", 40)
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:4]]
    network = checkpoints.load(tiny_version / "avol.safetensors")
    same = gate.compare(copy.deepcopy(network), network, PairSource(keys, cache.load), keys)
    assert same.candidate == same.current
    assert same.videos == 4
    assert same.pairs == 2 * gate.PAIRS
    # One that answers "corresponds" to everything is right half of the time.
    ruined = copy.deepcopy(network)
    with torch.no_grad():
        ruined.recalibrate(0.0, 100.0)
    assert gate.compare(ruined, network, PairSource(keys, cache.load), keys).candidate == 0.5


@pytest.mark.usefixtures("one_thread")
def test_the_furthest_that_is_not_lower_serves(
    tiny_version: Path, hums: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PAIRS", 40)
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:4]]
    network = checkpoints.load(tiny_version / "avol.safetensors")

    def right(count: int) -> torch.Tensor:
        return torch.arange(100) < count

    told = iter(map(right, [80, 70, 80, 90]))  # the current version's, then each candidate's
    monkeypatch.setattr("model.calibration.right", lambda *_scores: next(told))
    candidates = {1.0: network, 0.5: network, 0.25: network}
    share, comparison = gate.furthest(candidates, network, PairSource(keys, cache.load), keys)
    assert share == 0.5 and comparison.passed
    told = iter(map(right, [80, 70, 73, 75]))
    share, comparison = gate.furthest(candidates, network, PairSource(keys, cache.load), keys)
    assert share == 1.0 and comparison.candidate == pytest.approx(0.7) and not comparison.passed
