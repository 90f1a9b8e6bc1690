"""AVE+OF, AVE-Net shown a frame and the optical flow around it."""

from typing import Self

import torch
from torch import Tensor, nn

from model import frontends
from model.motion import FLOW_CHANNELS
from model.networks.config import NetworkConfig
from model.networks.embedding import EmbeddingNetwork
from model.networks.layers import Trunk
from model.networks.network import Network


class TwoStreamTrunk(nn.Module):
    """Blocks 1 to 3 for the frame, blocks 1 to 3 for the flow, one block 4 on both.

    The paper says: a second trunk over 10 fields of TV-L1 flow, 20 channels, blocks 1 to 3 each, their channels put
    together before conv4. Chosen here: the flow's trunk is as wide and strided as the frame's; conv4_1 has twice the
    inputs and no more outputs; the fields are stacked x, y, x, y .. as by Simonyan & Zisserman (arXiv 1406.2199).

    Attributes:
        frame: blocks 1 to 3 of the frame.
        flow: blocks 1 to 3 of the flow.
        both: block 4.
    """

    def __init__(self, channels: tuple[int, int, int, int], *, stride: int, pool3: bool) -> None:
        super().__init__()
        self.frame = Trunk(3, channels[:3], stride=stride, pool3=pool3)
        self.flow = Trunk(FLOW_CHANNELS, channels[:3], stride=stride, pool3=pool3)
        self.both = Trunk(2 * channels[2], channels[3:], first=4)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 23, h, w) -> (B, 512, h/16, w/16) in the paper's size."""
        return self.both(torch.cat([self.frame(x[:, :3]), self.flow(x[:, 3:])], 1))


class AVEOFNet(EmbeddingNetwork):
    """One vector for a frame with the movement around it, one for the second of sound."""

    kind = "ave-of"
    takes = "flow"

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__(config)
        self.image_trunk: TwoStreamTrunk = TwoStreamTrunk(config.channels, stride=config.stride, pool3=config.pool3)

    @classmethod
    def from_trunks(cls, other: Network) -> Self:
        """Another network's trunks, and AVE-Net's other layers too.

        The flow's blocks stay untrained and block 4 gives them weights of 0: at first the network answers what AVE-Net
        answered for the frame.
        """
        network = cls(other.config)
        taken = other.image_trunk.state_dict()
        half = network.config.channels[2]
        with torch.no_grad():
            for name, tensor in network.image_trunk.frame.state_dict().items():
                tensor.copy_(taken[name])
            for name, tensor in network.image_trunk.both.state_dict().items():
                if name == "conv4_1.weight":
                    tensor[:, half:] = 0
                    tensor = tensor[:, :half]
                tensor.copy_(taken[name])
        network.sound_trunk.load_state_dict(other.sound_trunk.state_dict())
        network.take_heads(other)
        return network

    def vision(self, images: Tensor) -> Tensor:
        """(B, 23, S, S), RGB in 0..1 and then the flow in -1..1 -> (B, embedding), of unit length."""
        return super().vision(images)

    def _seen(self, images: Tensor) -> Tensor:
        """Block 4, (B, 512 x width, grid, grid)."""
        size, channels = self.config.image_size, 3 + FLOW_CHANNELS
        if tuple(images.shape[1:]) != (channels, size, size):
            raise ValueError(f"this network takes pictures (B, {channels}, {size}, {size}), got {images.shape = }")
        frame = frontends.pixels(images[:, :3], self.config.picture)
        return self.image_trunk(torch.cat([frame, images[:, 3:]], 1))
