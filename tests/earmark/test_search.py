"""`earmark search` and `earmark groups`: hits with tasks, links and times; one sentence where there is nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.identity import PredictionIdentity
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.tasks import TaskStates
from backend.versions import VersionStore
from earmark.cli import app
from label_config import template
from model import checkpoints
from model.annotator import annotate
from model.checkpoints import load_models
from model.networks import AVENet, AVOLNet, NetworkConfig
from model.retrieval import ClipIndex
from model.truth import Segment
from tests.model.humming import LEFT, RIGHT, hum
from tests.training_jobs.fake_label_studio import FakeLabelStudio


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a version of small, seeded networks."""
    folder = tmp_path_factory.mktemp("version")
    config = NetworkConfig(image_size=64, width=0.0625)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, network in (("avol", AVOLNet(config)), ("ave", AVENet(config))):
            checkpoints.save(folder / f"{name}.safetensors", network)
    (folder / checkpoints.CARD).write_text("{}\n")
    return folder


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    hum(folder, "red.mp4", [("red", LEFT)], [Segment(0.0, 4.0, 0)], frame_rate=10)
    hum(folder, "blue.mp4", [("blue", RIGHT)], [Segment(0.0, 4.0, 0)], frame_rate=10)
    return [folder / "red.mp4", folder / "blue.mp4"]


@pytest.fixture
def connected(
    tmp_path: Path, redis, redis_server: EmbeddedRedis, version: Path, monkeypatch: pytest.MonkeyPatch
) -> ProjectKey:
    """A home connected to project 1 of a fake Label Studio."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    fake = FakeLabelStudio(template(["bell"]))
    key = ProjectKey.of_row(fake.url, fake.project)
    settings = settings_module.load()
    VersionStore(settings).seed(version)
    settings_module.save_connection(settings, url=fake.url, token="0123456789abcdef" * 2, project=str(key))
    for _ in range(3):
        fake.add_task(None)
    yield key
    fake.close()


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_project_is_searched_with_its_own_version_and_links(
    connected: ProjectKey, redis, version: Path, videos: list[Path]
) -> None:
    models = load_models(version)
    index = ClipIndex(settings_module.load().home / "index")
    for task, path in enumerate(videos, start=1):
        clip = annotate(path, models)
        index.add(str(connected), task, "m", models.version, clip.image_embedding, clip.sound_embedding,
                  moments=clip.moments)  # fmt: skip
    told = run("search", "--video", videos[1], "--limit", 1, "--json")
    assert told.exit_code == 0, told.stderr
    hits = [json.loads(line) for line in told.stdout.splitlines()]
    assert [hit["direction"] for hit in hits] == ["im-im", "im-aud", "aud-im", "aud-aud"]
    assert hits[0] | {"time": 0, "similarity": 0} == {
        "direction": "im-im",
        "task": 2,
        "link": f"{connected.address}/projects/1/data?task=2",
        "time": 0,
        "similarity": 0,
        "duplicate": True,
    }
    assert told.stderr == ""
    TaskStates(redis, str(connected)).queued([PredictionIdentity(3, "m", "config", models.version)], "annotate-1")
    told = run("search", "--video", videos[1], "--for", "image", "--limit", 1)
    assert told.stderr.startswith("Compared with 2 of 3 clips so far") and len(told.stderr.splitlines()) == 1
    shown = told.stdout
    assert "nearly the same clip" in shown and "Sounds like the sound" not in shown


def test_without_an_index_it_says_what_to_do(connected: ProjectKey, videos: list[Path]) -> None:
    for arguments in (("search", "--video", videos[0]), ("groups",)):
        refused = run(*arguments)
        assert refused.exit_code == 1
        assert "no clips" in refused.stderr and "earmark worker" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1


def test_a_folder_is_searched_without_label_studio(
    tmp_path: Path, version: Path, videos: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(checkpoints, "load_models", lambda: load_models(version))
    told = run("search", "--audio", videos[0], "--in", videos[0].parent, "--for", "sound", "--json")
    assert told.exit_code == 0, told.stderr
    best, other = [json.loads(line) for line in told.stdout.splitlines()]
    assert best["file"] == str(videos[0]) and best["similarity"] >= other["similarity"]
    assert not best["duplicate"]  # a sound alone is no clip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name one file"),
        (("--audio", "a.wav", "--image", "b.png"), "Name one file"),
        (("--audio", "nothing.wav"), "no such file"),
        (("--audio", __file__), "earmark connect"),
        (("--audio", __file__, "--in", "/nowhere"), "holds no videos"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    refused = run("search", *arguments)
    assert refused.exit_code != 0
    assert words in refused.stderr and "Traceback" not in refused.stderr


def test_groups_hold_alike_clips_that_nobody_has_worked_on(connected: ProjectKey, version: Path) -> None:
    settings = settings_module.load()
    index, name = ClipIndex(settings.home / "index"), VersionStore(settings).current(str(connected))
    one, other = np.eye(128, dtype=np.float32)[:2]
    for task, vector in ((1, one), (2, other), (3, one)):
        index.add(str(connected), task, "m", name, vector, vector)
    [line] = run("groups", "--json").stdout.splitlines()
    assert json.loads(line) == {"group": 1, "tasks": [1, 3], "link": f"{connected.address}/projects/1/data?task=1"}
    assert "Group 1: 2 clips, tasks 1, 3" in run("groups", "--project", 1).stdout
