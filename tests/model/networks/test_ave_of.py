"""AVE+OF: its shapes and size, that it sees the flow, and what it takes over from AVE-Net."""

import pytest
import torch

from model.networks import AVENet, AVEOFNet, NetworkConfig

TINY = NetworkConfig(image_size=32, width=0.125, embedding=16, sound_pool=4)


def pictures(count: int, size: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    frames = torch.rand(count, 3, size, size, generator=generator)
    return torch.cat([frames, torch.rand(count, 20, size, size, generator=generator) * 2 - 1], 1)


def sounds(count: int) -> torch.Tensor:
    return torch.randn(count, 1, 257, 200, generator=torch.Generator().manual_seed(1))


def test_parameter_count_at_the_papers_size() -> None:
    # AVE-Net's; the flow's blocks: 9 (20x64 + 64x64 + 64x128 + 128x128 + 128x256 + 256x256) weights, 896 biases and
    # 1,792 of batch normalisation; conv4_1's other 256 inputs: 9 x 256 x 512.
    count = sum(p.numel() for p in AVEOFNet(NetworkConfig.paper()).parameters())
    assert count == 9_541_636 + 1_154_304 + 896 + 1_792 + 1_179_648 == 11_878_276


@pytest.mark.parametrize(
    ("config", "shape"), [(NetworkConfig.paper(), (1, 512, 14, 14)), (NetworkConfig(), (1, 128, 14, 14))]
)
def test_block_4_sees_14_by_14(config: NetworkConfig, shape: tuple[int, ...]) -> None:
    network = AVEOFNet(config).eval()
    with torch.inference_mode():
        images = pictures(1, config.image_size)
        assert network.image_trunk(images).shape == shape
        embedding = network.vision(images)
    assert embedding.shape == (1, 128)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(1))


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = AVEOFNet(NetworkConfig()).train()
    network.pair_logits(network.vision(pictures(2, 112)), network.sound(sounds(2))).diagonal().sum().backward()
    for name, parameter in network.named_parameters():
        if name.endswith("weight"):
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_every_channel_of_frame_and_flow_is_seen() -> None:
    torch.manual_seed(0)
    network = AVEOFNet(TINY).eval()
    images = pictures(1, 32).requires_grad_()
    network.vision(images)[0, 0].backward()
    assert images.grad is not None and (images.grad.abs().amax((0, 2, 3)) > 0).all()


def test_from_ave_net_it_answers_what_ave_net_did_and_learns_from_the_flow() -> None:
    torch.manual_seed(0)
    ave = AVENet(TINY).eval()
    network = AVEOFNet.from_trunks(ave).eval()
    images = pictures(2, 32)
    torch.testing.assert_close(network(images, sounds(2)), ave(images[:, :3], sounds(2)))
    network(images, sounds(2)).sum().backward()
    assert network.image_trunk.both.conv4_1.weight.grad[:, TINY.channels[2] :].abs().sum() > 0


def test_other_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="23, 32, 32"):
        AVEOFNet(TINY).vision(torch.zeros(1, 3, 32, 32))
