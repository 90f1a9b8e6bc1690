"""What networks keep of moments, and the distances between these."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.evaluation.retrieval.encoders import DIRECTIONS, Features, Pictures, Places, Vectors, encode, encoder_of
from model.evaluation.retrieval.moments import Moment
from model.networks import AVEMFNet, AVENet, AVOLNet, L3Net, NetworkConfig, to_input
from model.networks.network import Network
from model.vgg16 import VGG16

SMALL = NetworkConfig(image_size=48, width=0.1, embedding=16, sound_pool=4)
ALL = slice(None)


def moments(count: int) -> list[Moment]:
    rng = np.random.default_rng(0)
    return [
        Moment(
            rng.integers(0, 256, (64, 64, 3), dtype=np.uint8),
            rng.standard_normal(48_000).astype(np.float32) * rng.uniform(0.01, 1),
            frozenset(),
            frozenset(),
        )
        for _ in range(count)
    ]


def made(kind: type[Network], config: NetworkConfig = SMALL) -> Network:
    torch.manual_seed(0)
    return kind(config).eval()


def seen_and_heard(network: Network, given: list[Moment]) -> tuple[torch.Tensor, torch.Tensor]:
    images = to_input(np.stack([one.frame for one in given]), network.config)
    return images, network.spectrogram(torch.from_numpy(np.stack([one.second for one in given])))


def test_distances_are_euclidean_at_unit_length() -> None:
    space = Vectors(np.array([[3.0, 0.0], [0.0, 2.0]]), np.array([[-1.0, 0.0], [0.0, 5.0]]))
    root = np.sqrt(2)
    assert space.distances("im-im", ALL) == pytest.approx(np.array([[0, root], [root, 0]]))
    assert space.distances("im-aud", slice(0, 1)) == pytest.approx(np.array([[2, root]]))
    assert space.distances("aud-im", ALL) == pytest.approx(np.array([[2, root], [root, 0]]))


def test_vectors_that_differ_by_little_keep_their_order() -> None:
    """Cosines of single precision would put all of these at distance 0."""
    steps = np.array([[1.0, 0.0], [1.0, 1e-5], [1.0, 2e-5], [1.0, 4e-5]])
    found = Vectors(steps, None).distances("im-im", slice(0, 1))
    assert found == pytest.approx(np.array([[0, 1e-5, 2e-5, 4e-5]]), rel=1e-2, abs=1e-9)


def test_what_cannot_be_compared_has_no_distance() -> None:
    assert Vectors(np.eye(3), None).distances("im-aud", ALL) is None
    assert Vectors(np.eye(3), None).distances("aud-aud", ALL) is None
    assert Vectors(np.eye(3), np.eye(3)[:, :2]).distances("aud-im", ALL) is None
    assert Vectors(np.zeros((2, 3)), None).distances("im-im", ALL) == pytest.approx(np.zeros((2, 2)))


@pytest.mark.parametrize("kind", [AVENet, L3Net])
def test_embeddings_are_those_of_the_network_in_batches_of_any_size(kind: type[Network]) -> None:
    network, given = made(kind), moments(5)
    encoder = encoder_of(network)
    encode(given, [encoder], batch=2)
    assert isinstance(encoder, Features)
    images, sounds = seen_and_heard(network, given)
    torch.testing.assert_close(torch.from_numpy(encoder.images), network.embed_images(images).detach())
    torch.testing.assert_close(torch.from_numpy(encoder.sounds), network.embed_sounds(sounds).detach())
    assert all(encoder.space().distances(way, slice(1, 3)).shape == (2, 5) for way in DIRECTIONS)


def test_each_network_is_shown_what_it_takes_of_a_moving_moment() -> None:
    """One that sees motion gets the 25 frames of the second, one beside it that does not the frame in their middle."""
    rng = np.random.default_rng(0)
    still = moments(3)
    moving = [replace(one, frame=rng.integers(0, 256, (25, 64, 64, 3), dtype=np.uint8)) for one in still]
    for one, before in zip(moving, still, strict=True):
        one.frame[12] = before.frame
    beside, alone, motion = encoder_of(made(AVENet)), encoder_of(made(AVENet)), encoder_of(made(AVEMFNet))
    encode(moving, [motion, beside])
    encode(still, [alone])
    assert isinstance(beside, Features) and isinstance(alone, Features) and isinstance(motion, Features)
    np.testing.assert_array_equal(beside.images, alone.images)
    expected = made(AVEMFNet).embed_images(to_input(np.stack([one.frame for one in moving]), SMALL))
    torch.testing.assert_close(torch.from_numpy(motion.images), expected.detach())


@pytest.mark.parametrize("head", ["product", "distance"])
def test_avol_net_answers_across_modalities_by_its_own_score(head: str) -> None:
    network, given = made(AVOLNet, NetworkConfig(image_size=48, width=0.1, embedding=16, head=head)), moments(5)
    encoder = encoder_of(network)
    encode(given, [encoder], batch=2)
    assert isinstance(encoder, Places)
    images, sounds = seen_and_heard(network, given)
    cells, heard = network.vision(images).detach(), network.sound(sounds).detach()
    scores = network.pair_logits(cells, heard).detach().numpy()
    space = encoder.space()
    assert space.distances("im-aud", slice(1, 4)) == pytest.approx(-scores[1:4], abs=1e-4)
    assert space.distances("aud-im", slice(1, 4)) == pytest.approx(-scores.T[1:4], abs=1e-4)
    pictures = Vectors(cells.amax((2, 3)).numpy(), heard.numpy())
    for way in ("im-im", "aud-aud"):
        assert space.distances(way, ALL) == pytest.approx(pictures.distances(way, ALL), abs=1e-4)


def test_vgg16_sees_and_is_deaf() -> None:
    torch.manual_seed(0)
    network = VGG16((4, 4, 4, 4, 4), hidden=8, classes=3).eval()
    encoder, given = Pictures(network), moments(3)
    encode(given, [encoder], batch=2)
    images = to_input(np.stack([one.frame for one in given]), NetworkConfig(image_size=224))
    torch.testing.assert_close(torch.from_numpy(encoder.images), network(images).detach())
    assert encoder.space().distances("im-im", ALL).shape == (3, 3)
    assert encoder.space().distances("im-aud", ALL) is None


def test_another_kind_of_network_is_refused() -> None:
    class Other(L3Net):
        kind = "other"

    with pytest.raises(ValueError, match=r"retrieval compares AVE-Net, AVOL-Net.*; this is Other"):
        encoder_of(made(Other))
