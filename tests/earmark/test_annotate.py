import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earmark.cli import app
from label_config import Timeline, problems, read_config, template

KEYS = ["file", "result", "reason", "seconds", "model_version"]
PLAIN = '<View><Video name="v" value="$v" frameRate="$fps"/><VideoRectangle name="b" toName="v"/></View>'


def run(*arguments: object, version: Path) -> Result:
    return CliRunner().invoke(app, ["annotate", *map(str, arguments), "--model", str(version)])


def lines(result: Result) -> list[dict]:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clip_gets_results_that_label_studio_shows(sounding_clip: Path, untrained_version: Path) -> None:
    result = run(sounding_clip, "--json", "--strict", version=untrained_version)
    assert result.exit_code == 0
    (line,) = lines(result)
    assert list(line) == KEYS
    assert line["file"] == str(sounding_clip)
    assert {item["type"] for item in line["result"]} == {"videorectangle", "timelinelabels"}
    assert line["reason"] is None
    duration = line["result"][0]["value"]["duration"]
    assert problems(line["result"], read_config(template()), Timeline(25, duration)) == []


def test_every_file_gets_its_line_and_only_strict_fails(
    sounding_clip: Path, untrained_version: Path, tmp_path: Path
) -> None:
    empty, text, pipe = tmp_path / "empty.mp4", tmp_path / "text.mp4", tmp_path / "pipe.mp4"
    empty.touch()
    text.write_text("not a video")
    os.mkfifo(pipe)
    files = [tmp_path / "absent.mp4", tmp_path, empty, text, pipe, "/dev/zero", sounding_clip]
    result = run(*files, "--json", version=untrained_version)
    assert result.exit_code == 0
    assert [line["file"] for line in lines(result)] == [str(file) for file in files]
    for line, words in zip(
        lines(result), ("no such file", "not a file", "empty", "read", "not a file", "not a file", None), strict=True
    ):
        assert (line["reason"] is None) == bool(line["result"])
        assert line["reason"] is None if words is None else words in line["reason"]
    assert "Traceback" not in result.output
    assert run(empty, "--json", "--strict", version=untrained_version).exit_code == 1


def test_without_json_a_line_is_for_reading(sounding_clip: Path, untrained_version: Path, tmp_path: Path) -> None:
    undecodable = str(tmp_path / "caf\udce9.mp4")
    result = run(sounding_clip, undecodable, version=untrained_version)
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{sounding_clip}: 1 box, 1 segment (")
    assert second.endswith("no such file. (0.0 s)")


def test_a_projects_config_decides_what_is_written(
    sounding_clip: Path, untrained_version: Path, tmp_path: Path
) -> None:
    (config := tmp_path / "config.xml").write_text(PLAIN)
    result = run(sounding_clip, "--json", "--config", config, "--frame-rate", 50, version=untrained_version)
    (line,) = lines(result)
    (item,) = line["result"]
    assert item["from_name"] == "b"
    assert item["value"]["framesCount"] == Timeline(50, item["value"]["duration"]).frames
    assert "boxes carry no label" in " ".join(result.stderr.split())


def test_the_overlay_is_a_video(sounding_clip: Path, untrained_version: Path, tmp_path: Path) -> None:
    from model.video import probe

    overlay = tmp_path / "overlay.mp4"
    assert run(sounding_clip, "--overlay", overlay, version=untrained_version).exit_code == 0
    info = probe(overlay)
    assert info.has_audio
    assert info.duration == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--overlay", "out.avi"], "must end in .mp4"),
        (["--overlay", "/nowhere/out.mp4"], "is not a folder"),
        (["--overlay", "clip.mp4"], "is the video itself"),
        (["other.mp4", "--overlay", "out.mp4"], "2 files were given"),
        (["--config", "absent.xml"], "No such file"),
        (["--config", "config.xml"], "no Video, Image or Audio tag"),
        (["--frame-rate", "0"], "not from 1 to 1000"),
        (["--frame-rate", "nan"], "not from 1 to 1000"),
        (["--model", "."], "not a model version"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_any_work(
    options: list[str], words: str, untrained_version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    Path("clip.mp4").touch()
    Path("config.xml").write_text("<View/>")
    arguments = ["annotate", "clip.mp4", "--model", str(untrained_version), *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr


def test_a_file_that_takes_too_long_is_given_up(sounding_clip: Path, untrained_version: Path) -> None:
    result = run(sounding_clip, "--json", "--timeout", 0.01, version=untrained_version)
    assert result.exit_code == 0
    (line,) = lines(result)
    assert (line["result"], line["reason"]) == ([], "it took longer than 0.01 s and was ended.")


def test_every_recorded_file_gets_its_line(shared_media: Path, untrained_version: Path) -> None:
    # The odd containers, and the clips whose kind Label Studio takes from storage only.
    clips = [path for path in (shared_media / "clips").iterdir() if path.suffix != ".mp4"]
    files = sorted([*(shared_media / "odd").iterdir(), *clips])
    result = run(*files, "--json", version=untrained_version)
    assert result.exit_code == 0
    found = lines(result)
    assert [line["file"] for line in found] == [str(file) for file in files]
    assert all(list(line) == KEYS and bool(line["result"]) == (line["reason"] is None) for line in found)
