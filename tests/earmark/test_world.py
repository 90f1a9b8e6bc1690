"""`earmark world` as a person runs it: videos and their labels, a measurement, one sentence when it cannot."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark.cli import app
from model import truth
from model.truth import Truth
from model.world import benchmark, generation
from model.world.benchmark import SPLITS, Split
from model.world.levels import Level
from tests.model.humming import write_humming

SHORT = ("--seconds", 3, "--seed", 5, "--workers", 1)


def world(*arguments: object):
    return CliRunner().invoke(app, ["world", *map(str, arguments)], env={"COLUMNS": "140"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of three seconds, made by the command."""
    folder = tmp_path_factory.mktemp("made") / "some videos"
    ran = world(folder, "--videos", 2, *SHORT)
    assert ran.exit_code == 0, ran.stderr
    assert "holds 2 videos of 3 s, 2 of them made in" in ran.stdout
    return folder


def test_the_videos_and_their_truth_are_there(made: Path) -> None:
    truths = truth.read(made)
    assert [entry.file for entry in truths] == ["00000.mp4", "00001.mp4"]
    assert {len(track) for entry in truths for track in entry.boxes.values()} == {75}
    assert all((made / entry.file).stat().st_size > 10_000 for entry in truths)


def test_a_second_run_makes_nothing_anew(made: Path) -> None:
    ran = world(made, "--videos", 2, *SHORT, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    expected = {"folder": str(made), "videos": 2, "made": 0, "level": "standard", "seed": 5, "seconds": 3.0}
    assert json.loads(ran.stdout) == expected
    assert "none of them new" in ran.stderr


def test_an_interrupted_run_says_how_to_go_on_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(folder: Path, seed: int, index: int, *_more: object) -> Truth:
        if index == 2:
            raise KeyboardInterrupt
        (folder / f"{index:05d}.mp4").write_bytes(b"a video")
        return Truth(f"{index:05d}.mp4", ["dog"], [], {})

    monkeypatch.setattr(generation, "make_video", make)
    ran = world(tmp_path, "--videos", 4, *SHORT, "--json")
    assert (ran.exit_code, ran.stdout) == (130, "")
    assert ran.stderr.strip() == f"Interrupted: the same command goes on with {tmp_path} where it stopped."
    assert [entry.file for entry in truth.read(tmp_path)] == ["00000.mp4", "00001.mp4"]
    monkeypatch.undo()
    ran = world(tmp_path, "--videos", 4, *SHORT, "--json")
    assert json.loads(ran.stdout)["made"] == 2


def test_another_world_is_not_mixed_in(made: Path) -> None:
    before = (made / "truth.json").read_bytes()
    ran = world(made, "--videos", 3, "--seconds", 3, "--seed", 6, "--json")
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert ran.stderr.strip() == f"{made} holds the world of seed 5 with videos of 3 s; choose an empty folder."
    assert (made / "truth.json").read_bytes() == before


def test_the_hard_level_is_made_and_not_mixed_with_the_standard_one(made: Path, tmp_path: Path) -> None:
    ran = world(made, "--videos", 3, "--level", "hard", *SHORT)
    assert ran.exit_code == 1
    assert "holds the world of seed 5" in ran.stderr
    ran = world(tmp_path / "hard", "--videos", 1, "--level", "hard", *SHORT, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout)["level"] == "hard"
    assert len(truth.read(tmp_path / "hard")[0].extras["distractors"]) >= 2


def test_the_benchmark_is_three_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("validation", "test"):
        monkeypatch.setitem(SPLITS[Level.STANDARD], name, Split(1, SPLITS[Level.STANDARD][name].seed))
    monkeypatch.setattr(benchmark, "SECONDS", 3.0)
    ran = world(tmp_path, "--benchmark", "--videos", 1, "--workers", 1, "--json")
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)["splits"]
    assert told["test"] == {"videos": 1, "made": 1, "seed": 7_250_250}
    assert {split: len(truth.read(tmp_path / "standard" / split)) for split in told} == dict.fromkeys(told, 1)
    assert "test holds 1 videos" in ran.stderr


@pytest.mark.parametrize("arguments", [("--seed", 0), ("--seconds", 6), ("--check",)])
def test_the_benchmark_takes_no_seed_length_or_check(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    ran = world(tmp_path, "--benchmark", *arguments)
    assert ran.exit_code == 2
    assert "seeds and a length of its own" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_measures_what_is_there_and_fails_where_a_bound_is_broken(tmp_path: Path) -> None:
    write_humming(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    ran = world(tmp_path, "--check", "--workers", 1, "--json")
    assert ran.exit_code == 1, ran.stderr
    assert ran.stdout.count("\n") == 1
    result = json.loads(ran.stdout)
    assert result["holds"] is False
    assert result["check"]["centre"]["n"] > 0
    broken = {name for name, one in result["check"].items() if not one["holds"]}
    assert {"pitch_loudness", "quiet"} <= broken  # every class hums at a pitch of its own, all the time
    assert ran.stderr.count("BROKEN") == len(broken)
    assert "most contrasting pixel on what sounds" in ran.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_making_and_checking_go_together(made: Path) -> None:
    ran = world(made, "--videos", 2, *SHORT, "--check", "--json")
    result = json.loads(ran.stdout)
    assert result["videos"] == 2
    assert result["made"] == 0
    assert ran.exit_code == (0 if result["holds"] else 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [("gone", "truth.json is missing"), ("broken", "truth.json cannot be read as JSON")],
)
def test_check_says_what_it_lacks(tmp_path: Path, name: str, words: str) -> None:
    if name == "broken":
        (tmp_path / name).mkdir()
        (tmp_path / name / "truth.json").write_text("[")
    ran = world(tmp_path / name, "--check")
    assert ran.exit_code == 1
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("arguments", [("--videos", 0), ("--seed", -1), ("--seconds", 1), ("--workers", 0)])
def test_impossible_numbers_are_refused(tmp_path: Path, arguments: tuple[str, int]) -> None:
    ran = world(tmp_path, *arguments)
    assert ran.exit_code == 2
    assert arguments[0] in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_is_one_sentence_and_leaves_no_half_video(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: writing fails in the middle of a video."""
    ran = subprocess.run(
        [sys.executable, "-m", "earmark", "world", str(tmp_path / "full"), "--videos", "2", *map(str, SHORT)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "COLUMNS": "140"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 1
    assert ran.stderr.strip().splitlines()[-1].endswith("full cannot be written to: File too large.")
    assert "Traceback" not in ran.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["world.json"]
