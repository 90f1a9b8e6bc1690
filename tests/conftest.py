"""Fixtures shared by every test."""

from pathlib import Path

import pytest

SHARED_MEDIA = Path(__file__).parents[2] / "shared" / "media"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of recorded clips, odd files and photos; the test is skipped where it is absent."""
    if not SHARED_MEDIA.is_dir():
        pytest.skip("the recorded media (../shared/media) are not here")
    return SHARED_MEDIA
