from pathlib import Path

import pytest

from model.truth import Truth
from model.world.generation import generate

SEED = 5


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Truth]]:
    """Three videos of six seconds and their truth."""
    folder = tmp_path_factory.mktemp("a small world")
    return folder, generate(folder, videos=3, seed=SEED, workers=1)
