"""Snapshots: what cannot be gone on with is refused in a sentence, and nothing but tensors is unpickled."""

import os
from pathlib import Path

import pytest
import torch

from model.training.snapshot import Snapshot, SnapshotError, about


def test_a_snapshot_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = Snapshot(about(kind="avol"), step=7, planned=20, curve=[{"area": 0.5}], best={"weight": torch.ones(2)})
    kept.save(tmp_path / "a.training")
    found = Snapshot.load(tmp_path / "a.training", about(kind="avol"))
    assert (found.step, found.planned, found.curve) == (7, 20, [{"area": 0.5}])
    assert torch.equal(found.best["weight"], torch.ones(2))
    assert [path.name for path in tmp_path.iterdir()] == ["a.training"]


class Harmful:
    """What a forged file would hold: unpickling it would make a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_forged_snapshot_runs_nothing(tmp_path: Path) -> None:
    torch.save({"about": Harmful(tmp_path / "harm")}, tmp_path / "a.training")
    with pytest.raises(SnapshotError, match="not a training that can be gone on with"):
        Snapshot.load(tmp_path / "a.training", {})
    assert not (tmp_path / "harm").exists()


def test_a_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.training").write_bytes(b"half")
    with pytest.raises(SnapshotError, match=r"a\.training"):
        Snapshot.load(tmp_path / "a.training", {})


def test_what_differs_is_named(tmp_path: Path) -> None:
    Snapshot(about(config={"seed": 1, "minutes": 2.0}, videos="a" * 64)).save(tmp_path / "a.training")
    with pytest.raises(SnapshotError, match=r"with other seed \(1, not 3\), videos;"):
        Snapshot.load(tmp_path / "a.training", about(config={"seed": 3, "minutes": 2.0}, videos="b" * 64))
