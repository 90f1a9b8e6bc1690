"""`earmark train`: weights from a folder of videos, and refusals in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark.cli import app
from model import checkpoints
from model.checkpoints import SHIPPED
from model.networks import AVENet
from model.training.snapshot import Snapshot
from tests.model.test_video import write_video
from tests.model.test_workers import wait_until


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten short videos."""
    folder = tmp_path_factory.mktemp("train") / "videos"
    folder.mkdir()
    for index in range(10):
        write_video(folder / f"{index}.mp4", click=0.5 + index / 20)
    (folder / "truth.json").write_text("this is never opened")
    return folder


def run(videos: Path, out: Path, *options: str):
    clips = videos.parent / "clips"
    return CliRunner().invoke(app, ["train", str(videos), "--out", str(out), "--cache", str(clips), *options])


def test_a_folder_of_videos_gives_weights_with_their_card(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "ave.safetensors"
    result = run(videos, out, "--model", "ave", "--minutes", "0.1")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["network"] == "ave" and report["videos"] == 8 and report["steps"] > 0
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


def test_too_few_videos_are_known_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Path] = []

    def add(_cache: object, path: Path) -> tuple[None, str]:
        decoded.append(path)
        return None, f"{path.name}: broken."

    def train(count: int) -> str:
        folder = tmp_path / str(count)
        folder.mkdir()
        for index in range(count):
            (folder / f"{index:02}.mp4").touch()
        arguments = ["train", str(folder), "--out", str(tmp_path / "a.safetensors"), "--cache", str(tmp_path / "clips")]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
        return result.stderr

    monkeypatch.setattr("model.workers.available", lambda: 1)
    monkeypatch.setattr("model.clips._add", add)
    assert "too few videos to learn from (9): at least 10 are needed" in train(9)
    assert decoded == []
    assert "too few videos to learn from (9): at least 10 are needed" in train(12)
    assert len(decoded) == 3


def test_an_interrupted_training_is_not_lost_by_mistake(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    snapshot = tmp_path / "a.safetensors.training"
    snapshot.write_bytes(b"of an hour's work")
    refused = run(videos, out, "--steps", "2")
    assert refused.exit_code == 1 and "--resume" in refused.stderr and "--anew" in refused.stderr
    assert snapshot.read_bytes() == b"of an hour's work"
    assert run(videos, out, "--steps", "2", "--resume").exit_code == 1  # it is no snapshot
    began = run(videos, out, "--steps", "2", "--anew")
    assert began.exit_code == 0, began.stderr
    assert not snapshot.exists()


def test_finished_weights_are_not_written_over_by_mistake(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    assert run(videos, out, "--model", "ave", "--steps", "2").exit_code == 0
    before = out.read_bytes()
    for options in ([], ["--start", str(out)]):
        refused = run(videos, out, "--model", "ave", "--steps", "3", *options)
        assert refused.exit_code == 1 and f"{out} is there already" in refused.stderr and "--anew" in refused.stderr
        assert "decoding" not in refused.stderr
        assert out.read_bytes() == before
    again = run(videos, out, "--model", "ave", "--steps", "3", "--anew", "--start", str(out))
    assert again.exit_code == 0, again.stderr
    assert checkpoints.card_of(out)["steps"] == 3


def test_what_an_interrupted_training_was_of_is_compared_before_decoding(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.safetensors"
    kept = Snapshot.save

    def save_and_stop(snapshot: Snapshot, path: Path) -> None:
        kept(snapshot, path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Snapshot, "save", save_and_stop)
        assert run(videos, out, "--steps", "2").exit_code == 130
    others = tmp_path / "others"
    others.mkdir()
    for index in range(10):
        write_video(others / f"{index}.mp4", click=0.3 + index / 20)
    for folder, options, words in (
        (videos, ["--model", "ave"], "differs in --model (avol, not ave): go on"),
        (videos, ["--seed", "3", "--size", "paper"], "differs in --seed (0, not 3), --size: go on"),
        (videos, ["--negatives", "naive", "--objective", "avc"], "--objective (contrastive, not avc)"),
        (others, [], "differs in the videos: go on"),
    ):
        refused = run(folder, out, "--steps", "2", "--resume", *options)
        assert refused.exit_code == 1 and words in refused.stderr
        assert "decoding" not in refused.stderr
    finished = run(videos, out, "--steps", "2", "--resume")
    assert finished.exit_code == 0, finished.stderr


def test_who_interrupts_a_training_is_told_how_to_go_on(
    videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.safetensors"

    def interrupted(*_arguments: object, snapshot: Path, **_options: object) -> None:
        snapshot.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("model.training.train", interrupted)
    result = run(videos, out)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "Interrupted: the same command with --resume goes on."


def test_a_training_told_to_end_while_it_decodes_ends_in_a_sentence(videos: Path, tmp_path: Path) -> None:
    """Flow takes a second a video: SIGTERM comes while worker processes compute it."""
    command = [sys.executable, "-m", "earmark", "train", str(videos), "--out", str(tmp_path / "a.safetensors")]
    command += ["--model", "ave-of", "--cache", str(tmp_path / "clips")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as training:
        try:
            wait_until(lambda: list(tmp_path.glob("clips/*-flow*")) or training.poll() is not None, seconds=240)
            training.terminate()
            _, told = training.communicate(timeout=240)
        finally:
            training.kill()
    assert training.returncode == 130, told
    assert told.splitlines()[-1] == "Interrupted: what was decoded is kept, nothing learnt."
    assert "resource_tracker" not in told


def test_nothing_learnt_is_said_and_not_hidden(videos: Path, tmp_path: Path) -> None:
    """Ten videos of one second's click teach nothing."""
    result = run(videos, tmp_path / "a.safetensors", "--steps", "2")
    assert result.exit_code == 0
    assert "Nothing was learnt that held-out videos confirm" in result.stderr
    assert "more different videos" in result.stderr
    assert json.loads(result.stdout)["learnt"] is False


def test_tensorboard_can_read_what_was_measured(videos: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    out, folder = tmp_path / "a.safetensors", tmp_path / "board"
    result = run(videos, out, "--steps", "3", "--tensorboard", str(folder))
    assert result.exit_code == 0, result.stderr
    events = EventAccumulator(str(folder)).Reload()
    assert [event.step for event in events.Scalars("loss")] == [1, 2, 3]


def test_two_processes_train_one_network(videos: Path, tmp_path: Path) -> None:
    """Under torchrun: one file, one line, from pairs of both."""
    out = tmp_path / "a.safetensors"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "earmark"]
    options = ["--steps", "2", "--batch", "4", "--device", "cpu", "--cache", str(videos.parent / "clips")]
    ran = subprocess.run(
        [*command, "train", str(videos), "--out", str(out), *options],
        capture_output=True, text=True, timeout=240, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["pairs"] == 2 * 4 * 2
    assert checkpoints.load(out).kind == "avol"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--negatives", "naive"], "ablation of --objective avc"),
        (["--mixed", "0.3", "--objective", "avc"], "--mixed is of the contrastive objective"),
        (["--model", "ave", "--hard"], "ave has no map"),
        (["--model", "ave", "--head", "distance"], "ave has no map"),
        (["--model", "ave", "--fine"], "ave has no map"),
        (["--model", "ave", "--mixed", "0.3"], "ave has no map"),
        (["--start", str(SHIPPED / "avol.safetensors"), "--head", "product"], "its head is distance"),
        (["--device", "gpu"], "there is no device gpu here"),
        (["--objective", "avc", "--batch", "2"], "a step needs 4 pairs"),
    ],
)
def test_what_would_have_no_effect_or_cannot_be_is_refused(
    videos: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    result = run(videos, tmp_path / "a.safetensors", "--steps", "2", *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_is_said_before_the_training(videos: Path, tmp_path: Path) -> None:
    result = run(videos, tmp_path, "--steps", "2")
    assert result.exit_code == 1 and "is a folder" in result.stderr and "decoding" not in result.stderr
    result = run(videos, tmp_path / "a.pt", "--steps", "2")
    assert result.exit_code == 1 and "as .safetensors" in result.stderr and "decoding" not in result.stderr


def test_videos_without_sound_teach_nothing_and_are_named(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    for name in "abcdefghij":
        (tmp_path / "videos" / f"{name}.mp4").write_bytes(b"no video")
    result = run(tmp_path / "videos", tmp_path / "a.safetensors")
    assert result.exit_code == 1
    assert "passed over a.mp4" in result.stderr and "too few videos to learn from (9)" in result.stderr


def test_a_training_that_is_done_is_not_done_again(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.safetensors"
    assert run(videos, out, "--steps", "2").exit_code == 0
    before = out.read_bytes()
    again = run(videos, out, "--steps", "2", "--resume")
    assert again.exit_code == 0 and "its training is done" in again.stderr
    assert out.read_bytes() == before


def test_the_card_tells_what_the_training_began_from(videos: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    assert run(videos, first, "--model", "ave", "--steps", "2").exit_code == 0
    assert run(videos, second, "--start", str(first), "--steps", "2").exit_code == 0
    start = checkpoints.card_of(second)["start"]
    assert start["file"] == "a.safetensors" and start["card"]["network"] == "ave"
    refused = run(videos, second, "--start", str(first), "--steps", "2", "--fine")
    assert refused.exit_code == 1 and "they come from the weights" in refused.stderr
