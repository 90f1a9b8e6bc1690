"""Fixtures of the front door's tests: settings of a connected backend, over a real Redis."""

from pathlib import Path

import pytest

from backend.redis_server import EmbeddedRedis
from backend.settings import Settings

SECRET = "correct horse"
LABEL_STUDIO = "http://localhost:8080"


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
