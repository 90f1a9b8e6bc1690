"""What kind of weights a file holds is judged by its bytes."""

import zipfile
from pathlib import Path

import pytest
import torch

from model.released import files
from model.released.files import Format, ReleaseError, format_of
from tests.model.released.published import write_state_dict

STATE = {"layer.weight": torch.ones(2, 2)}


def test_both_layouts_of_pytorch_are_known(tmp_path: Path) -> None:
    assert format_of(write_state_dict(tmp_path / "old.pt", STATE)) is Format.TORCH
    torch.save(STATE, tmp_path / "new.pt")
    assert format_of(tmp_path / "new.pt") is Format.TORCH


def test_other_archives_and_swollen_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("notes.txt", "nothing")
    with pytest.raises(ReleaseError, match="not weights in a format known here"):
        format_of(tmp_path / "a.pt")
    with zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/data.pkl", bytes(100_000))
    monkeypatch.setattr(files, "MOST_BYTES", 50_000)
    with pytest.raises(ReleaseError, match="not weights in a format known here"):
        format_of(tmp_path / "b.pt")
