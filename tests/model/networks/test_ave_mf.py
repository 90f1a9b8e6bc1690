"""AVE+MF: its shapes and size, that it sees the order of frames, and what it takes over from AVE-Net."""

import pytest
import torch

from model.networks import AVEMFNet, AVENet, NetworkConfig

TINY = NetworkConfig(image_size=32, width=0.125, embedding=16, sound_pool=4)


def seconds(count: int, size: int) -> torch.Tensor:
    return torch.rand(count, 3, 25, size, size, generator=torch.Generator().manual_seed(0))


def sounds(count: int) -> torch.Tensor:
    return torch.randn(count, 1, 257, 200, generator=torch.Generator().manual_seed(1))


def test_parameter_count_at_the_papers_size() -> None:
    # AVE-Net's, and twice its vision trunk's 3x3 weights once more: 9 (3x64 + 64x64 + 64x128 + 128x128 + 128x256 +
    # 256x256 + 256x512 + 512x512) = 4,683,456.
    count = sum(p.numel() for p in AVEMFNet(NetworkConfig.paper()).parameters())
    assert count == 9_541_636 + 2 * 4_683_456 == 18_908_548


@pytest.mark.parametrize(
    ("config", "shape"), [(NetworkConfig.paper(), (1, 512, 2, 14, 14)), (NetworkConfig(), (1, 128, 2, 14, 14))]
)
def test_block_4_sees_two_times_of_14_by_14(config: NetworkConfig, shape: tuple[int, ...]) -> None:
    network = AVEMFNet(config).eval()
    with torch.inference_mode():
        images = seconds(1, config.image_size)
        assert network.image_trunk(images).shape == shape
        embedding = network.vision(images)
    assert embedding.shape == (1, 128)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(1))


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = AVEMFNet(NetworkConfig()).train()
    network.pair_logits(network.vision(seconds(2, 112)), network.sound(sounds(2))).diagonal().sum().backward()
    for name, parameter in network.named_parameters():
        # A bias before batch normalisation has no effect, fc3's first one cancels in no way: weights are what learns.
        if name.endswith("weight"):
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_the_order_of_frames_is_seen() -> None:
    torch.manual_seed(0)
    network = AVEMFNet(TINY).eval()
    images = seconds(1, 32)
    assert not torch.allclose(network.vision(images), network.vision(images.flip(2)), atol=1e-4)


def test_from_ave_net_a_still_second_gives_what_its_frame_gave() -> None:
    torch.manual_seed(0)
    ave = AVENet(TINY).eval()
    network = AVEMFNet.from_trunks(ave).eval()
    frame = seconds(2, 32)[:, :, 0]
    still = frame[:, :, None].expand(-1, -1, 25, -1, -1)
    torch.testing.assert_close(network.vision(still), ave.vision(frame))
    torch.testing.assert_close(network(still, sounds(2)), ave(frame, sounds(2)))


def test_other_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="25, 32, 32"):
        AVEMFNet(TINY).vision(torch.zeros(1, 3, 24, 32, 32))
    with pytest.raises(ValueError, match="25, 32, 32"):
        AVEMFNet(TINY).vision(torch.zeros(1, 3, 32, 32))
