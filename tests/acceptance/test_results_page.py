"""The results page says what was measured and nothing else."""

import json
from pathlib import Path

import pytest

from acceptance.results import measure, page


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results of its own, empty at first."""
    folder = tmp_path / "results"
    folder.mkdir()
    for module in (measure, page):
        monkeypatch.setattr(module, "KEPT", folder)
    monkeypatch.setattr(page, "PAGE", tmp_path / "results.md")
    return folder


def figure(value: float, **rows: float) -> dict:
    intervals = {name: [row - 0.01, row + 0.01] for name, row in rows.items()}
    return {"model": value, "n": 9, "ci95": [value - 0.01, value + 0.01], "intervals": intervals, **rows}


def test_what_was_not_measured_is_said(kept: Path) -> None:
    text = page.write().read_text()
    assert "| AVOL-Net | .819 | not measured |" in text
    assert "| standard, 1600 videos | not measured |" in text
    assert "results/videos.png" not in text and "results/swapped.png" not in text


def test_what_was_measured_stands_beside_its_controls(kept: Path) -> None:
    curve = [{"step": 1, "pairs": 64, "area": 0.7, "accuracy": 0.6, "loss": 4.0, "seconds": 1.0}]
    train = {"steps": 10, "seconds": 60.0, "pairs": 640, "videos": 180, "held_out": 20, "curve": curve, "verdict": "ok"}
    located = {
        name: figure(0.8, centre=0.1, random_weights=0.05)
        for name in ("pointing", "swap_pointing", "box_iou50", "mean_iou", "right_of_two")
    }
    result = {
        "name": "avol",
        "shows": "AVOL-Net",
        "train": train,
        "localization": located,
        "commands": ["earmark train x"],
    }
    (kept / "avol.json").write_text(json.dumps(result))
    (kept / "videos-200.json").write_text(json.dumps(result))
    text = page.write().read_text()
    assert "| standard, 1600 videos | .800 (.790-.810) |" in text
    assert "centre .100" in text and "    earmark train x" in text
    assert (kept / "videos.png").is_file()
