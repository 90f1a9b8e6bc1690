"""Fixtures of the front door's tests: a real Redis, and settings of a connected backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from backend.redis_server import EmbeddedRedis
from backend.settings import Settings

SECRET = "correct horse"
LABEL_STUDIO = "http://localhost:8080"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """A running embedded Redis, for the whole session."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("a home with spaces"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    """An empty Redis."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client


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
