"""Fixtures shared by every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

import earmark  # noqa: F401 (before torch is loaded: how its threads wait, as in the command)
from backend.redis_server import EmbeddedRedis

SHARED_MEDIA = Path(__file__).parents[2] / "shared" / "media"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of recorded clips, odd files and photos; the test is skipped where it is absent."""
    if not SHARED_MEDIA.is_dir():
        pytest.skip("the recorded media (../shared/media) are not here")
    return SHARED_MEDIA


@pytest.fixture(scope="session")
def shared_label_studio() -> Path:
    """The folder of recorded webhooks, configs and predictions; the test is skipped where it is absent."""
    folder = SHARED_MEDIA.parent / "label-studio"
    if not folder.is_dir():
        pytest.skip("the recorded payloads (../shared/label-studio) are not here")
    return folder


@pytest.fixture(scope="session")
def untrained_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model version with seeded, untrained networks: it runs, and boxes whatever sounds."""
    import torch

    from model import checkpoints
    from model.networks import AVENet, AVOLNet, NetworkConfig

    folder = tmp_path_factory.mktemp("untrained")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        avol, ave = AVOLNet(NetworkConfig(head="product")), AVENet(NetworkConfig())
        # An untrained map is .5 nearly everywhere; moved above it, every frame that sounds has a region.
        avol.conv7.bias.data.fill_(1.0)
        for network, name in ((avol, "avol"), (ave, "ave")):
            checkpoints.save(folder / f"{name}.safetensors", network, {"trained_on": "nothing"})
    (folder / checkpoints.CARD).write_text('{"trained_on": "nothing"}\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def sounding_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of H.264/AAC mp4, 160 x 120 at 25 fps, in which a disc moves and a tone sounds from .5 to 1.5 s."""
    import av
    import numpy as np

    path = tmp_path_factory.mktemp("clips") / "sounding clip.mp4"
    rows, columns = np.mgrid[:120, :160]
    times = np.arange(96_000) / 48_000
    tone = np.where((times >= 0.5) & (times < 1.5), 0.5 * np.sin(2 * np.pi * 440 * times), 0).astype(np.float32)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(50):
            disc = (columns - 30 - 2 * number) ** 2 + (rows - 60) ** 2 < 20**2
            pixels = np.where(disc[..., None], np.uint8([250, 160, 20]), np.uint8([40, 50, 70]))
            container.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        samples = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        samples.sample_rate = 48_000
        container.mux(sound.encode(samples))
        container.mux(picture.encode(None))
        container.mux(sound.encode(None))
    return path


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
