from pathlib import Path

import pytest

from model import truth
from model.world import benchmark
from model.world.benchmark import SPLITS, Split
from model.world.generation import level_of
from model.world.levels import Level


def test_no_video_is_in_two_splits() -> None:
    """The test videos of the standard level are those the shipped weights were measured on."""
    splits = [split for level in Level for split in SPLITS[level].values()]
    assert len({split.seed for split in splits}) == 3 * len(Level)
    assert {tuple(split.videos for split in SPLITS[level].values()) for level in Level} == {(1600, 100, 250)}
    assert SPLITS[Level.STANDARD]["test"].seed == 7_250_250


def test_each_split_is_a_folder_that_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"train": Split(9, seed=1), "validation": Split(1, seed=2), "test": Split(1, seed=3)}
    monkeypatch.setitem(SPLITS, Level.HARD, small)
    monkeypatch.setattr(benchmark, "SECONDS", 3.0)
    benchmark.make(tmp_path, Level.HARD, train=1, workers=1)
    heard: list[tuple[str, int, int]] = []
    made = benchmark.make(tmp_path, Level.HARD, train=2, workers=1, progress=lambda *all_: heard.append(all_))
    assert heard == [("train", 1, 2), ("train", 2, 2), ("validation", 1, 1), ("test", 1, 1)]
    for name, own in made.items():
        folder = tmp_path / "hard" / name
        assert level_of(folder) is Level.HARD
        assert truth.read(folder) == own
        assert len(list(folder.glob("*.mp4"))) == len(own)
    assert made["validation"][0].segments != made["test"][0].segments
