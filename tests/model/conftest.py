"""Files and models that several tests of the model look at; each test module makes its own."""

from pathlib import Path

import pytest

from model.checkpoints import Models
from tests.model.humming import write_humming
from tests.model.scene import seeing, write_scene


@pytest.fixture(scope="module")
def humming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of labelled videos of humming squares."""
    folder = tmp_path_factory.mktemp("humming")
    write_humming(folder)
    return folder


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a drifting square that sounds twice."""
    return write_scene(tmp_path_factory.mktemp("scene") / "scene.mp4")


@pytest.fixture(scope="module")
def models() -> Models:
    """Models that find the square."""
    return seeing()
