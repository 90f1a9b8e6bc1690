"""AVE+MF, AVE-Net shown the 25 frames of a second ("multiple frames") through 3-D convolutions."""

from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import frontends
from model.motion import FRAMES
from model.networks.config import NetworkConfig
from model.networks.embedding import EmbeddingNetwork
from model.networks.network import Network


class Trunk3d(nn.Module):
    """The vision trunk with time as a third dimension.

    The paper says that its convolutions become 3-D. Chosen here: every 3x3 convolution becomes 3x3x3; conv1_1's stride
    of 2 and every pooling hold for time too, rounding up, so that 25 frames become 13, 7, 4 and 2 and block 4 still
    sees two times; without `pool3` the third pooling is over time alone.

    Args:
        channels: of the four blocks.
        stride: of conv1_1 in the picture; in time it is always 2.
        pool3: whether the picture is pooled after block 3.
    """

    def __init__(self, channels: tuple[int, int, int, int], *, stride: int, pool3: bool) -> None:
        super().__init__()
        self.pool3 = pool3
        inputs = 3
        for block, outputs in enumerate(channels, 1):
            for index in (1, 2):
                step = (2, stride, stride) if (block, index) == (1, 1) else (1, 1, 1)
                self.add_module(f"conv{block}_{index}", nn.Conv3d(inputs, outputs, 3, stride=step, padding=1))
                self.add_module(f"bn{block}_{index}", nn.BatchNorm3d(outputs))
                inputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, 25, h, w) -> (B, 512, 2, h/16, w/16) in the paper's size."""
        # Channels last is what the convolutions are fastest on; the weights follow by themselves.
        x = x.contiguous(memory_format=torch.channels_last_3d)
        for block in (1, 2, 3, 4):
            for index in (1, 2):
                x = self.get_submodule(f"conv{block}_{index}")(x)
                x = F.relu(self.get_submodule(f"bn{block}_{index}")(x), inplace=True)
            if block < 4:
                side = 2 if block < 3 or self.pool3 else 1
                x = F.max_pool3d(x, (2, side, side), ceil_mode=True)  # pool1, pool2, pool3
        return x


class AVEMFNet(EmbeddingNetwork):
    """One vector for the 25 frames of a second, one for its sound. pool4 is over all times and places."""

    kind = "ave-mf"
    takes = "frames"
    layout = torch.contiguous_format  # weights of four and of five dimensions have no other in common

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__(config)
        self.image_trunk = Trunk3d(config.channels, stride=config.stride, pool3=config.pool3)

    @classmethod
    def from_trunks(cls, other: Network) -> Self:
        """Another network's trunks, and AVE-Net's other layers too.

        Its 3x3 kernels become the middle of 3x3x3 kernels that are 0 before and after: at first a still second gives
        what AVE-Net gave for its frame.
        """
        network = cls(other.config)
        with torch.no_grad():
            for name, tensor in network.image_trunk.state_dict().items():
                taken = other.image_trunk.state_dict()[name]
                if tensor.ndim == 5 and taken.ndim == 4:
                    tensor.zero_()
                    tensor = tensor[:, :, 1]
                tensor.copy_(taken)
        network.sound_trunk.load_state_dict(other.sound_trunk.state_dict())
        network.take_heads(other)
        return network

    def vision(self, images: Tensor) -> Tensor:
        """(B, 3, 25, S, S) in 0..1, a second's frames in order -> (B, embedding), of unit length."""
        return super().vision(images)

    def _seen(self, images: Tensor) -> Tensor:
        """Block 4, its highest value over time: (B, 512 x width, grid, grid)."""
        size = self.config.image_size
        if tuple(images.shape[1:]) != (3, FRAMES, size, size):
            raise ValueError(f"this network takes pictures (B, 3, {FRAMES}, {size}, {size}), got {images.shape = }")
        frames = frontends.pixels(images.transpose(1, 2), self.config.picture)  # (B, 25, 3, S, S)
        return self.image_trunk(frames.transpose(1, 2)).amax(2)
