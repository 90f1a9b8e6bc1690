"""Collapse: each way to lose grip is told as what it is."""

import copy
from pathlib import Path

import pytest
import torch

from model import checkpoints
from model.clips import ClipCache
from model.pairs import PairSource
from training_jobs.checks.collapse import KEPT, Grip, compare, grip
from training_jobs.checks.held_out import HeldOut


@pytest.fixture
def moments(hums: list[Path], tmp_path: Path) -> HeldOut:
    cache = ClipCache(tmp_path)
    keys = [cache.add(path) for path in hums[:3]]
    return HeldOut(PairSource(keys, cache.load), keys)


def failed(candidate: Grip, current: Grip) -> list[str]:
    return [check.name for check in compare(candidate, current) if not check.passed]


@pytest.mark.usefixtures("one_thread")
def test_each_collapse_is_seen(moments: HeldOut, tiny_version: Path) -> None:
    models = checkpoints.load_models(tiny_version)
    whole = grip(models.avol, models.ave, moments)
    assert whole.seen > 0 and whole.heard > 0 and whole.focus > 0 and whole.listening > 0
    assert failed(whole, whole) == []
    deaf, blind, alike = copy.deepcopy(models.avol), copy.deepcopy(models.avol), copy.deepcopy(models.ave)
    with torch.no_grad():
        deaf.sound_head.fc2.weight.zero_()
        blind.conv6.weight.zero_()
        alike.image_head.fc2.weight.zero_()
    hears_nothing = grip(deaf, models.ave, moments)
    assert hears_nothing.listening == pytest.approx(0, abs=1e-6)
    assert "listening" in failed(hears_nothing, whole)
    flat = grip(blind, models.ave, moments)
    assert flat.focus == pytest.approx(0, abs=1e-6) and "map focus" in failed(flat, whole)
    assert failed(grip(models.avol, alike, moments), whole) == ["spread of pictures"]


def test_what_is_kept_is_measured_by_the_current_version() -> None:
    current = Grip(0.8, 0.7, 0.2, 0.5)
    assert failed(Grip(KEPT * 0.8, KEPT * 0.7, KEPT * 0.2, KEPT * 0.5), current) == []
    assert failed(Grip(0.8, 0.7, 0.2, 0.2), current) == ["listening"]
    [said] = [check.said for check in compare(Grip(0.8, 0.7, 0.2, 0.2), current) if not check.passed]
    assert "no longer listens" in said and "(0.200 against 0.500)" in said
