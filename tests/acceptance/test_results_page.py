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
    monkeypatch.setattr(measure, "KEPT", folder)
    monkeypatch.setattr(page, "PAGE", tmp_path / "results.md")
    return folder


def figure(value: float, **rows: float) -> dict:
    intervals = {name: [row - 0.01, row + 0.01] for name, row in rows.items()}
    return {"model": value, "n": 9, "ci95": [value - 0.01, value + 0.01], "intervals": intervals, **rows}


def training(*, videos: int = 180, minutes: float = 1.0) -> dict:
    curve = [{"step": 1, "pairs": 64, "area": 0.7, "accuracy": 0.6, "loss": 4.0, "seconds": 1.0}]
    about = {"steps": 10, "threads": 2, "seconds": 60 * minutes, "pairs": 640, "curve": curve, "verdict": "ok"}
    return {**about, "videos": videos, "held_out": 20}


def keep(kept: Path, name: str, **subjects: dict) -> None:
    result = {"name": name, "shows": name, "train": training(), "commands": [f"earmark train {name}"], **subjects}
    (kept / f"{name}.json").write_text(json.dumps(result))


def located(value: float) -> dict:
    controls = {"centre": 0.1, "random_weights": 0.05, "silence": 0.2}
    found = {name: figure(value, **controls) for name in ("pointing", "swap_pointing", "box_iou50", "mean_iou")}
    found["right_of_two"] = figure(value, chance=0.5, silence=0.51)
    found["avc"] = figure(value - 0.1, ceiling=0.95)
    groups = {"by_class": {"owl": {"pointing": figure(0.3), "box_iou50": figure(0.2)}}}
    return {**found, **groups, "videos": 250}


def test_what_was_not_measured_is_said(kept: Path) -> None:
    text = page.write().read_text()
    assert "| AVOL-Net | .819 | not measured |" in text
    assert "| standard | not measured |" in text and "| hard | not measured |" in text
    assert "where the negatives' starts betray them, that is not measured" in text
    assert ".png" not in text


def test_what_was_measured_stands_beside_its_controls(kept: Path) -> None:
    for name in ("avol", "videos-200", "hard", "composites"):
        keep(kept, name, localization=located(0.8))
    text = page.write().read_text()
    assert "| standard, 200 videos | .800 (.790-.810) |" in text
    assert "    earmark train hard" in text and "(trainings on 2 threads, where their report tells)" in text
    for world in ("On `standard`, beside its controls:", "On `hard`, beside its controls:", "On 250 scenes:"):
        controls = text.split(world)[1].split("\n\n")[1]
        assert "| silence | .200 (.190-.210) | .200 (.190-.210) | .510 (.500-.520) |" in controls
    hard = next(line for line in text.splitlines() if line.startswith("| hard, 200 videos, no mixtures"))
    assert hard.endswith("| .700 (.690-.710) | .950 (.940-.960) | 10 steps, 1 min |")
    assert "| owl | .300 (.290-.310) | .200 (.190-.210) | 9 | .300 (.290-.310) | .200 (.190-.210) | 9 |" in text
    assert (kept / "videos.png").is_file() and (kept / "networks.png").is_file()


def test_trainings_whose_intervals_overlap_are_not_told_apart(kept: Path) -> None:
    for name, value in (("ave-500", 0.8), ("ave-mf", 0.81), ("ave-of", 0.9)):
        keep(kept, name, avc={"avc": figure(value)})
    text = page.write().read_text()
    assert "| ave-mf |" not in text and "| .810 (.800-.820) | not told apart | 10 steps, 1 min |" in text
    assert "| .900 (.890-.910) | above | 10 steps, 1 min |" in text


def test_the_shortcut_is_judged_where_it_would_show(kept: Path) -> None:
    for name, naive in (("ave-avc", 0.8), ("ave-avc-naive", 0.9)):
        keep(kept, name, avc={"avc": figure(0.8)}, **{"avc --negatives naive": {"avc": figure(naive)}})
    text = page.write().read_text()
    assert (
        "Where starts tell nothing, the network trained on such negatives is not told apart from the other; where the "
        "negatives' starts betray them, the network trained on such negatives is above the other." in text
    )
    assert "| the same, negatives that begin anywhere | .800 (.790-.810) | .900 (.890-.910) |" in text
