"""Fixtures of the front door's tests: settings of a connected backend, over a real Redis."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis

from backend.app import create_app
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings
from backend.versions import VersionStore
from tests.backend.calls import LABEL_STUDIO, SECRET


@pytest.fixture
def settings(tmp_path: Path, redis_server: EmbeddedRedis) -> Settings:
    """Settings as they are after `earmark connect`."""
    return Settings(
        home=tmp_path / "home",
        redis_url=redis_server.url,
        label_studio_url=LABEL_STUDIO,
        label_studio_token="0123456789abcdef0123456789abcdef01234567",
        secret=SECRET,
    )


@pytest.fixture
def version(settings: Settings, tmp_path: Path) -> str:
    """The stored base version's name; its weights are no networks, which nothing here loads."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (folder / name).write_text("weights")
    (folder / "card.json").write_text("{}")
    return VersionStore(settings.home).seed(folder)


@pytest.fixture
def client(settings: Settings, version: str, redis: Redis) -> FlaskClient:
    """A client of the application of a connected backend."""
    return create_app(settings).test_client()
