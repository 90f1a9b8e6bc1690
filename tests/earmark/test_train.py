"""`earmark train`: weights from a folder of videos, and refusals in one sentence."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark.cli import app
from model import checkpoints
from model.networks import AVENet
from tests.model.test_video import write_video


def test_a_folder_of_videos_gives_weights_with_their_card(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for index in range(10):
        write_video(folder / f"{index}.mp4", click=0.5 + index / 20)
    (folder / "truth.json").write_text("this is never opened")
    out = tmp_path / "ave.safetensors"
    arguments = ["train", str(folder), "--out", str(out), "--model", "ave", "--minutes", "0.1"]
    result = CliRunner().invoke(app, [*arguments, "--cache", str(tmp_path / "clips")])
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["network"] == "ave" and report["videos"] == 9 and report["steps"] > 0
    assert isinstance(checkpoints.load(out), AVENet)
    assert checkpoints.card_of(out)["steps"] == report["steps"]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda _folder: None, "no such folder"),
        (lambda folder: folder.mkdir(), "no video"),
        (lambda folder: (folder.mkdir(), write_video(folder / "a.mp4")), "too few videos to learn from (1)"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path: Path, prepare, words: str) -> None:
    prepare(tmp_path / "videos")
    arguments = ["train", str(tmp_path / "videos"), "--out", str(tmp_path / "a.safetensors")]
    result = CliRunner().invoke(app, [*arguments, "--cache", str(tmp_path / "clips")])
    assert result.exit_code == 1
    assert words in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "a.safetensors").exists()
