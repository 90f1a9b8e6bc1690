"""Fixtures of the front door's tests: settings of a connected backend, over a real Redis."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from backend.app import create_app, poll
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
    return VersionStore(settings).seed(folder)


@pytest.fixture
def application() -> Iterator[Callable[[Settings], Flask]]:
    """Makes applications, whose connections are closed at the test's end."""
    with ExitStack() as made:

        def make(settings: Settings) -> Flask:
            app = create_app(settings)
            made.callback(poll(app).redis.close)
            return app

        yield make


@pytest.fixture
def client(settings: Settings, version: str, redis: Redis, application: Callable[[Settings], Flask]) -> FlaskClient:
    """A client of the application of a connected backend."""
    return application(settings).test_client()
