import numpy as np
import pytest
import torch

from model.frontends.log_power import log_spectrogram
from model.localization import localize
from model.networks import NETWORKS, AVOLNet, NetworkConfig
from model.responses import BATCH, correspondence_logits, localization_maps, sound_embeddings

FRAMES, SECONDS = BATCH + 6, 5


@pytest.fixture(scope="module")
def network() -> AVOLNet:
    torch.manual_seed(1)
    return AVOLNet(NetworkConfig(image_size=32, width=0.1)).eval()


@pytest.fixture(scope="module")
def media() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames, seconds, and pairs of them in no order, some frames never and some twice."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (FRAMES, 32, 32, 3), dtype=np.uint8)
    seconds = rng.normal(0, 0.1, (SECONDS, 48_000)).astype(np.float32)
    pairs = np.stack([rng.permutation(np.r_[1:FRAMES, 3, 9]), rng.integers(0, SECONDS, FRAMES + 1)], 1)
    return frames, seconds, pairs


def heard(network: AVOLNet, seconds: np.ndarray) -> torch.Tensor:
    return sound_embeddings(network, torch.from_numpy(seconds))


def test_maps_are_those_that_boxes_are_drawn_from(network, media):
    frames, seconds, pairs = media
    maps = localization_maps(
        network,
        frames,
        heard(network, seconds),
        pairs,
        lambda _done, _of: None,
    )
    expected = localize(network, frames[pairs[:, 0]], seconds[pairs[:, 1]])
    np.testing.assert_allclose(maps, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["avol", "ave", "l3"])
def test_logits_are_the_networks_own_verdict(media, kind):
    frames, seconds, pairs = media
    torch.manual_seed(1)
    network = NETWORKS[kind](NetworkConfig(image_size=32, width=0.1)).eval()
    logits = correspondence_logits(
        network,
        frames,
        heard(network, seconds),
        pairs,
        lambda _done, _of: None,
    )
    images = torch.from_numpy(frames[pairs[:, 0]]).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        expected = network(images, log_spectrogram(torch.from_numpy(seconds[pairs[:, 1]])))
    np.testing.assert_allclose(logits, expected.numpy(), atol=1e-5)


def test_progress_counts_each_frame_once_and_no_pairs_are_no_error(network, media):
    frames, seconds, pairs = media
    sounds = heard(network, seconds)
    seen: list[tuple[int, int]] = []
    correspondence_logits(network, frames, sounds, pairs, lambda done, of: seen.append((done, of)))
    assert seen == [(BATCH, FRAMES - 1), (FRAMES - 1, FRAMES - 1)]
    nothing = np.zeros((0, 2), np.int64)
    assert localization_maps(network, frames, sounds, nothing, lambda _done, _of: None).shape == (0, 4, 4)
