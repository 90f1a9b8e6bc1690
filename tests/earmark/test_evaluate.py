"""`earmark evaluate` as a person runs it: one line for programs, a table for people, one sentence when it cannot."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark.cli import app
from model import truth
from tests.model.humming import write_humming


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six labelled videos, and a seventh that is none."""
    folder = tmp_path_factory.mktemp("some videos")
    write_humming(folder)
    (folder / "broken.mp4").write_bytes(b"\x00" * 100)
    truth.write(folder, [*truth.read(folder), truth.Truth("broken.mp4", ["dog"], [], {})])
    return folder


def evaluate(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env={"COLUMNS": "120"})


def test_json_is_one_line_and_the_table_is_on_stderr(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version / "avol.safetensors", "--json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    figures = json.loads(ran.stdout)
    assert {"pointing", "swap_pointing", "box_iou50", "mean_iou", "avc"} <= set(figures)
    for name in ("pointing", "box_iou50", "mean_iou"):
        assert figures[name]["n"] > 0
        low, high = figures[name]["ci95"]
        assert 0 <= low <= figures[name]["model"] <= high <= 1
    assert figures["videos"] == 6
    assert [one["file"] for one in figures["skipped"]] == ["broken.mp4"]
    assert "Left out: broken.mp4: not a media file that can be read" in ran.stderr
    assert "anywhere" in ran.stderr


def test_without_json_the_table_is_the_result(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version / "avol.safetensors")
    assert ran.exit_code == 0, ran.stderr
    for words in ("avol.safetensors on 6 videos", "1 left out", "picture's centre", "labels' ceiling"):
        assert words in " ".join(ran.stdout.split())  # whatever the width
    assert "anywhere" not in ran.stderr


def test_weights_that_draw_no_boxes_are_refused(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version / "ave.safetensors", "--json")
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert "localization needs AVOL-Net; this is AVENet." in ran.stderr


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", None])
def test_what_are_no_weights_is_said_in_one_sentence(videos: Path, tmp_path: Path, content: bytes | None) -> None:
    weights = tmp_path / "mine [1].pt"
    if content is not None:
        weights.write_bytes(content)
    ran = evaluate("localization", "--data", videos, "--model", weights)
    assert ran.exit_code == 1
    assert "mine [1].pt" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_folder_without_labels_is_refused(tmp_path: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", tmp_path, "--model", untrained_version / "avol.safetensors")
    assert ran.exit_code == 1
    assert "is no dataset known here: it holds none of truth.json" in ran.stderr


def test_an_unknown_subject_or_folder_is_a_usage_error(tmp_path: Path) -> None:
    assert evaluate("everything", "--data", tmp_path).exit_code == 2
    assert evaluate("localization", "--data", tmp_path / "nowhere").exit_code == 2
    assert evaluate("localization").exit_code == 2
