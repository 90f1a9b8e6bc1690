"""Fixtures of the jobs' tests: a connected project in a fake Label Studio, over a real Redis."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from redis import Redis

from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings, save_connection
from backend.versions import VersionStore
from label_config import template
from model import checkpoints
from model.networks import AVENet, AVOLNet, NetworkConfig
from model.truth import Segment
from tests.model.humming import COLOURS, hum
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.learning import FEWEST
from training_jobs.project import Project


@pytest.fixture
def label_studio() -> Iterator[FakeLabelStudio]:
    """A fake Label Studio with an empty project under the shipped labelling config."""
    fake = FakeLabelStudio(template(["bell", "drum"]))
    yield fake
    fake.close()


@pytest.fixture
def connected(
    tmp_path: Path,
    redis: Redis,
    redis_server: EmbeddedRedis,
    label_studio: FakeLabelStudio,
    untrained_version: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """Settings after `earmark connect`, as every job reads them; the untrained version serves."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "a home"))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    settings = settings_module.load()
    key = ProjectKey.of_row(label_studio.url, label_studio.project)
    VersionStore(settings).seed(untrained_version)
    return save_connection(settings, url=label_studio.url, token="0123456789abcdef" * 2, project=str(key))


@pytest.fixture
def project(connected: Settings, redis: Redis) -> Iterator[Project]:
    """The project as a job sees it."""
    with closing(Project.open(connected.projects[0], connected, redis)) as opened:
        yield opened


@pytest.fixture(scope="session")
def hums(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """As many small videos as a training needs at least, and a few more; no two are alike."""
    folder = tmp_path_factory.mktemp("hums")
    found = []
    for number in range(FEWEST + 2):
        colour = list(COLOURS)[number % len(COLOURS)]
        left = 0.02 * number
        box = (left, 0.2, left + 0.3, 0.7)
        hum(folder, f"{number:02d}.mp4", [(colour, box)], [Segment(0.5, 3.5, 0)], frame_rate=10)
        found.append(folder / f"{number:02d}.mp4")
    return found


@pytest.fixture(scope="session")
def tiny_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded, untrained version of networks so small that training them takes seconds."""
    folder = tmp_path_factory.mktemp("tiny")
    config = NetworkConfig(image_size=64, width=0.0625)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, network in (("avol", AVOLNet(config)), ("ave", AVENet(config))):
            checkpoints.save(folder / f"{name}.safetensors", network)
    (folder / checkpoints.CARD).write_text("{}\n")
    return folder


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread for torch, here and in child processes: on networks this small more only wait for each other."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
