"""Rehearsal: the clips are made once, and only a network that knows them goes on with them."""

from pathlib import Path

import pytest

from model import checkpoints
from model.checkpoints import SHIPPED
from training_jobs import rehearsal
from training_jobs.rehearsal import knows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six clips to rehearse, made after an attempt that was broken off."""
    folder = tmp_path_factory.mktemp("rehearsal")

    class KilledError(Exception):
        pass

    def kill(_what: str, there: int) -> None:
        if there == 3:
            raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsal, "VIDEOS", 6)
        patch.setattr(rehearsal, "PIECE", 2)
        patch.setattr(rehearsal, "SECONDS", 3.0)
        with pytest.raises(KilledError):
            rehearsal.rehearsal(folder, on_done=kill)
        later: list[tuple[str, int]] = []
        rehearsal.rehearsal(folder, on_done=lambda *told: later.append(told))
        assert later[0] == ("made", 2)  # what a piece had before is not made again
        assert later[-6:] == [("decoded", count) for count in range(1, 7)]
    return folder


def test_the_clips_are_made_once(made: Path) -> None:
    heard: list[tuple[str, int]] = []
    source = rehearsal.rehearsal(made, on_done=lambda *told: heard.append(told))
    assert not heard
    assert len(set(source.keys)) == 6
    assert all(len(source.clip(key).frames) == 15 for key in source.keys)
    assert not (made / "videos").exists()


def test_only_what_a_network_knows_is_rehearsed(made: Path, tiny_version: Path) -> None:
    source = rehearsal.rehearsal(made)
    assert knows(checkpoints.load(SHIPPED / "avol.safetensors"), source)
    assert not knows(checkpoints.load(tiny_version / "avol.safetensors"), source)
