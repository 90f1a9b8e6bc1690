"""Fixtures of the jobs' tests: a connected project in a fake Label Studio, over a real Redis."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings, save_connection
from backend.versions import VersionStore
from label_config import template
from tests.training_jobs.fake_label_studio import FakeLabelStudio
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
    VersionStore(settings.home).seed(untrained_version)
    return save_connection(settings, url=label_studio.url, token="0123456789abcdef" * 2, project=str(key))


@pytest.fixture
def project(connected: Settings, redis: Redis) -> Iterator[Project]:
    """The project as a job sees it."""
    with closing(Project.open(connected.projects[0], connected, redis)) as opened:
        yield opened
