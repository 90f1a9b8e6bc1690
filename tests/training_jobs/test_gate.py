"""The gate: what a comparison leads to."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from model import checkpoints
from model.clips import ClipCache
from model.pairs import PairSource
from tests.model.humming import write_humming
from training_jobs import gate
from training_jobs.checks import Check, boxes, held_out


def verdict(*outcomes: str) -> gate.Verdict:
    """A verdict of checks that ended so."""
    checks = [Check(f"check {n}", outcome, 0.5, 0.6, 0.02, f"It is {outcome}.") for n, outcome in enumerate(outcomes)]
    return gate.Verdict(tuple(checks), {}, 12)


def test_every_check_must_pass_and_the_first_that_fails_is_the_reason() -> None:
    assert verdict("passed", "passed").passed
    assert verdict("passed", "passed").reason == "It is passed."
    refused = verdict("undecided", "failed", "passed")
    assert not refused.passed and refused.state == "refused" and refused.failed == ["check 1"]
    assert refused.reason == "It is failed, so it does not serve."
    unclear = verdict("passed", "undecided")
    assert not unclear.passed and unclear.state == "candidate"
    assert unclear.reason == "It is undecided, so it does not serve."
    assert refused.to_dict()["passed"] is False and refused.to_dict()["checks"][1]["outcome"] == "failed"


@pytest.fixture
def clips(hums: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[PairSource, list[str]]:
    """Six held-out clips."""
    monkeypatch.setattr(held_out, "ROUNDS", 4)
    cache = ClipCache(tmp_path / "clips")
    keys = [cache.add(path) for path in hums[:6]]
    return PairSource(keys, cache.load), keys


@pytest.mark.usefixtures("one_thread")
def test_the_same_version_passes_and_a_deaf_one_is_refused_for_not_listening(
    tiny_version: Path, clips: tuple[PairSource, list[str]]
) -> None:
    current = checkpoints.load_models(tiny_version)
    share, same = gate.judge({1.0: copy.deepcopy(current)}, current, *clips)
    assert share == 1.0 and same.passed and same.held_out == 6
    assert same.metrics["avc"] == same.metrics["avc_of_parent"]
    deaf = copy.deepcopy(current)
    with torch.no_grad():
        deaf.avol.sound_head.fc2.weight.zero_()
    _, refused = gate.judge({1.0: deaf}, current, *clips)
    assert "listening" in refused.failed and "no longer listens" in refused.reason


@pytest.mark.usefixtures("one_thread")
def test_the_furthest_that_passes_serves_and_else_the_furthest_that_is_not_refused_is_kept(
    tiny_version: Path, clips: tuple[PairSource, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    current = checkpoints.load_models(tiny_version)
    candidates = {1.0: current, 0.5: current, 0.25: current}
    for outcomes, share in (
        (["failed", "passed", "passed"], 0.5),
        (["failed", "undecided", "failed"], 0.5),
        (["failed", "failed", "failed"], 1.0),
        (["undecided", "failed", "passed"], 0.25),
    ):
        told = iter(outcomes)
        monkeypatch.setattr(gate, "_verdict", lambda *_figures, told=told: verdict(next(told)))
        assert gate.judge(candidates, current, *clips)[0] == share


@pytest.mark.usefixtures("one_thread")
def test_checked_boxes_count_when_there_are_enough(
    tiny_version: Path, tmp_path: Path, clips: tuple[PairSource, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that points elsewhere than people boxed is refused, however it tells pairs."""
    current, other = checkpoints.load_models(tiny_version), checkpoints.load_models(tiny_version)
    folder = tmp_path / "boxed"
    folder.mkdir()
    write_humming(folder)
    pointed = boxes.pointing(folder, [current.avol])
    assert pointed.shape == (1, 6) and 0 <= pointed.min() <= pointed.max() <= 1
    found = np.array([[1.0, 1.0, 1.0, 0.8, 1.0, 1.0], [0.5, 0.6, 0.5, 0.4, 0.5, 0.5]])
    monkeypatch.setattr(boxes, "pointing", lambda *_: found)
    _, refused = gate.judge({1.0: other}, current, *clips, boxes=folder)
    assert refused.failed == [boxes.NAME] and "what people boxed worse" in refused.reason
    assert refused.metrics["pointing"] == 0.5
    monkeypatch.setattr(boxes, "pointing", lambda *_: found[:, :2])  # two videos say nothing
    assert gate.judge({1.0: other}, current, *clips, boxes=folder)[1].passed
