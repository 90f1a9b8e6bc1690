"""The networks' shapes, sizes and signs."""

import numpy as np
import pytest
import torch

from model.networks import AVENet, AVOLNet, L3Net, NetworkConfig, OpenL3Net, to_input


def inputs(count: int, config: NetworkConfig) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    size = config.image_size
    return torch.rand(count, 3, size, size, generator=generator), torch.randn(count, 1, 257, 200, generator=generator)


@pytest.mark.parametrize("config", [NetworkConfig(), NetworkConfig.paper()])
def test_maps_are_14_by_14_at_both_sizes(config: NetworkConfig) -> None:
    network = AVOLNet(config).eval()
    images, sounds = inputs(2, config)
    maps = network.maps(network.vision(images), network.sound(sounds))
    assert maps.shape == (2, 14, 14) and config.grid == 14
    assert torch.equal(network(images, sounds), maps.amax((1, 2)))


def test_parameter_counts() -> None:
    """Those of the released weights; the distance head's conv7 has two outputs, as AVE-Net's fc3."""
    for network, count in (
        (L3Net(NetworkConfig.paper()), 9_508_738),
        (AVENet(NetworkConfig.paper()), 9_541_636),
        (AVOLNet(NetworkConfig.paper(head="product")), 9_541_634),
        (AVOLNet(NetworkConfig.paper(head="distance")), 9_541_636),
    ):
        assert sum(p.numel() for p in network.parameters()) == count
    # A small network's weights are a few megabytes, so that they can ship.
    assert sum(p.numel() for p in AVOLNet().parameters()) < 700_000


def test_embeddings_have_unit_length() -> None:
    network = AVENet().eval()
    images, sounds = inputs(3, network.config)
    for embedding in (network.embed_images(images), network.embed_sounds(sounds)):
        assert embedding.shape == (3, 128)
        torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))


def test_a_small_distance_means_corresponds() -> None:
    network = AVENet()
    near, far = torch.eye(4)[:1], torch.eye(4)[1:2]
    logits = network.pair_logits(near, torch.cat([near, far]))[0]
    assert logits[0] > 0 > logits[1]


def test_pairs_of_a_batch_agree_with_single_pairs() -> None:
    network = AVOLNet().eval()
    images, sounds = inputs(3, network.config)
    vision, sound = network.vision(images), network.sound(sounds)
    torch.testing.assert_close(network.pair_logits(vision, sound).diagonal(), network(images, sounds))
    torch.testing.assert_close(network.pair_maps(vision, sound)[1, 1], network.maps(vision, sound)[1])


def test_frames_are_squashed_to_the_network() -> None:
    frames = np.zeros((2, 60, 80, 3), np.uint8)
    frames[:, :, 40:] = 255
    images = to_input(frames, NetworkConfig())
    assert images.shape == (2, 3, 112, 112)
    assert images[..., :50].max() < 0.1 and images[..., 62:].min() > 0.9


@pytest.mark.parametrize("wrong", [{"image_size": 100}, {"width": 0.0}, {"embedding": 0}, {"sound_pool": 3}])
def test_impossible_sizes_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        NetworkConfig(**wrong)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="112"):
        AVOLNet().vision(torch.zeros(1, 3, 64, 64))


SMALL_OPENL3 = NetworkConfig(image_size=64, width=0.125, stride=1, pool3=True, sound_pool=1, trunk="openl3")


def test_openl3_embeds_but_compares_nothing() -> None:
    network = OpenL3Net(SMALL_OPENL3).eval()
    images, sounds = inputs(2, SMALL_OPENL3)
    vision, sound = network.vision(images), network.sound(sounds)
    assert vision.shape == (2, 64, 8, 8) and SMALL_OPENL3.grid == 8
    torch.testing.assert_close(network.embed_sounds(sounds).norm(dim=1), torch.ones(2))
    for compare in (network.logits, network.pair_logits):
        with pytest.raises(NotImplementedError, match="released without the layers that compare"):
            compare(vision, sound)


@pytest.mark.parametrize("kind", [AVENet, AVOLNet, L3Net])
def test_any_network_can_stand_on_openl3s_trunks(kind: type) -> None:
    start = OpenL3Net(SMALL_OPENL3).eval()
    network = kind.from_trunks(start).eval()
    images, sounds = inputs(2, SMALL_OPENL3)
    assert torch.equal(network.image_trunk(images), start.image_trunk(images))
    assert network(images, sounds).shape == (2,)


@pytest.mark.parametrize("wrong", [{"stride": 2}, {"pool3": False}])
def test_openl3s_trunk_has_its_own_stride_and_pooling(wrong: dict) -> None:
    with pytest.raises(ValueError, match="openl3 trunk"):
        NetworkConfig.paper(**{"stride": 1, "trunk": "openl3", **wrong})
