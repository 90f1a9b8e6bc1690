"""Checkpoint: what is kept of a training until it is over, here and where another worker finds it."""

from pathlib import Path

from backend.storage import Storage
from training_jobs.checkpoint import Checkpoint, Plan

PLAN = Plan("a", "earmark-000000000001", [1, 2], "<View/>", 3.0)


def test_a_training_finds_what_it_kept_and_no_other_does(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path, "p", "a", Storage(tmp_path, tmp_path))
    assert first.open() is None
    first.keep(PLAN)
    (first.snapshots / "avol.snapshot").write_bytes(b"step 20")
    again = Checkpoint(tmp_path, "p", "a", Storage(tmp_path, tmp_path))
    assert again.open() == PLAN
    assert (again.snapshots / "avol.snapshot").read_bytes() == b"step 20"
    assert again.outcome() is None
    again.keep_outcome({"version": "v"})
    assert Checkpoint(tmp_path, "p", "a", Storage(tmp_path, tmp_path)).outcome() == {"version": "v"}
    other = Checkpoint(tmp_path, "p", "b", Storage(tmp_path, tmp_path))
    assert other.open() is None
    assert list(other.snapshots.iterdir()) == []
    other.drop()
    assert not (tmp_path / "training" / "p").exists()


def test_a_worker_elsewhere_takes_up_what_was_shared(tmp_path: Path) -> None:
    shared = Storage(tmp_path / "shared", tmp_path / "cache")
    here = Checkpoint(tmp_path / "here", "p", "a", shared)
    here.open()
    here.keep(PLAN)
    (here.snapshots / "avol.snapshot").write_bytes(b"step 20")
    assert here.share()
    (here.folder / "request.json").write_text("{}")  # of this machine alone
    assert not here.share()  # no other snapshot since
    here.version.mkdir()
    (here.version / "card.json").write_text("{}")
    here.keep_outcome({"version": "v"})
    there = Checkpoint(tmp_path / "there", "p", "a", shared)
    assert there.open() == PLAN
    assert (there.snapshots / "avol.snapshot").read_bytes() == b"step 20"
    assert (there.version / "card.json").read_text() == "{}"
    assert there.outcome() == {"version": "v"}
    assert not (there.folder / "request.json").exists()
    there.drop()
    assert shared.names() == []
    assert Checkpoint(tmp_path / "third", "p", "a", shared).open() is None
