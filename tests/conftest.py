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


@pytest.fixture(scope="session")
def untrained_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model version whose small networks are seeded and untrained: it runs, and knows nothing."""
    import torch

    from model import checkpoints
    from model.networks import AVENet, AVOLNet, NetworkConfig

    folder = tmp_path_factory.mktemp("untrained")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for network, name in ((AVOLNet(NetworkConfig()), "avol"), (AVENet(NetworkConfig()), "ave")):
            checkpoints.save(folder / f"{name}.safetensors", network, {"trained_on": "nothing"})
    (folder / checkpoints.CARD).write_text('{"trained_on": "nothing"}\n', encoding="utf-8")
    return folder
