"""What every network of this package can do: look, listen, and tell which picture goes with which sound."""

from typing import ClassVar, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import frontends
from model.motion import Takes
from model.networks.config import NetworkConfig
from model.networks.layers import OpenL3Trunk, Trunk
from model.planes import moments, planes


class Network(nn.Module):
    """Two trunks and a way to compare what comes out of them.

    `vision` and `sound` are computed once per picture and per second; `logits` and `pair_logits` compare their
    answers. Logits are those of "they correspond", the second output of the paper's two-way softmax less the first.

    Attributes:
        kind: the network's name on the command line and in cards.
        takes: what it is shown of a moment, see `model.motion.around`: "frame" unless it sees motion.
        compares: whether it tells if a picture and a sound correspond; otherwise it only embeds them.
        layout: of its pictures and weights in memory, that training is fastest in.
        config: its size.
        image_trunk: from frames (B, 3, S, S).
        sound_trunk: from spectrograms (B, 1, 257, 200), or what the config's front-end makes.
    """

    kind: ClassVar[str]
    takes: ClassVar[Takes] = "frame"
    compares: ClassVar[bool] = True
    layout: ClassVar[torch.memory_format] = torch.channels_last
    config: NetworkConfig

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.image_trunk: nn.Module
        self.sound_trunk: nn.Module
        if config.trunk == "openl3":
            self.image_trunk = OpenL3Trunk(3, config.channels, rectify_first=True)
            self.sound_trunk = OpenL3Trunk(1, config.channels, rectify_first=False)
        else:
            self.image_trunk = Trunk(3, config.channels, stride=config.stride, pool3=config.pool3)
            self.sound_trunk = Trunk(1, config.channels)

    @classmethod
    def from_trunks(cls, other: "Network") -> Self:
        """A network of this kind on copies of another's trunks, behind the same front-ends; the rest is untrained."""
        network = cls(other.config)
        network.image_trunk.load_state_dict(other.image_trunk.state_dict())
        network.sound_trunk.load_state_dict(other.sound_trunk.state_dict())
        return network

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device

    def spectrogram(self, waveforms: Tensor) -> Tensor:
        """Seconds (B, 48000) at full scale 1 -> (B, 1, 257, 200), by the front-end the weights were learnt behind."""
        return frontends.spectrogram(waveforms, self.config.sound)

    def vision(self, images: Tensor) -> Tensor:
        """What is compared of pictures (B, 3, S, S) in 0..1."""
        raise NotImplementedError

    def sound(self, spectrograms: Tensor) -> Tensor:
        """What is compared of spectrograms (B, 1, 257, 200)."""
        raise NotImplementedError

    def logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Correspondence of the i-th picture with the i-th sound, (B,)."""
        raise NotImplementedError

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Correspondence of every picture with every sound: of B and C of them, (B, C)."""
        raise NotImplementedError

    def recalibrate(self, slope: float, intercept: float) -> None:
        """Replace every logit z by slope x z + intercept, in place."""
        raise NotImplementedError

    def forward(self, images: Tensor, spectrograms: Tensor) -> Tensor:
        """Pairs (B, 3, S, S), (B, 1, 257, 200) -> (B,) correspondence logits."""
        return self.logits(self.vision(images), self.sound(spectrograms))

    def embed_images(self, images: Tensor) -> Tensor:
        """Pictures to compare with each other: (B, d), of unit length."""
        return F.normalize(self.vision(images), dim=1)

    def embed_sounds(self, spectrograms: Tensor) -> Tensor:
        """Sounds to compare with each other: (B, d), of unit length."""
        return F.normalize(self.sound(spectrograms), dim=1)

    def _seen(self, images: Tensor) -> Tensor:
        """Block 4 of the vision trunk, (B, 512 x width, grid, grid)."""
        size = self.config.image_size
        if images.ndim != 4 or images.shape[1] != 3 or tuple(images.shape[-2:]) != (size, size):
            raise ValueError(f"this network takes pictures (B, 3, {size}, {size}), got {images.shape = }")
        return self.image_trunk(frontends.pixels(images, self.config.picture))

    def _heard(self, spectrograms: Tensor) -> Tensor:
        """Block 4 of the sound trunk, (B, 512 x width, 16, 12) at the paper's size."""
        pool = self.config.sound_pool
        return self.sound_trunk(F.avg_pool2d(spectrograms, pool) if pool > 1 else spectrograms)


def to_input(frames: np.ndarray, config: NetworkConfig) -> Tensor:
    """Frames as a network takes them.

    Args:
        frames: (B, h, w, 3) uint8 RGB of any size; squashed to the network's square. For networks that see motion
            (B, 25, h, w, 3) or (B, h, w, 23), see `model.motion.around`.
        config: whose `image_size` to use.

    Returns:
        (B, 3, S, S) float32 in 0..1; or (B, 3, 25, S, S), or (B, 23, S, S) with the flow in -1..1.
    """
    images = planes(torch.from_numpy(np.ascontiguousarray(frames)))
    if images.shape[-2:] != (config.image_size, config.image_size):
        images = F.interpolate(images, (config.image_size, config.image_size), mode="bilinear", antialias=True)
    return moments(images)


def rescale(layer: nn.Linear | nn.Conv2d, slope: float, intercept: float) -> None:
    """Make a last layer's logit z (of two outputs, the second less the first) into slope x z + intercept."""
    with torch.no_grad():
        layer.weight.mul_(slope)
        bias = layer.get_parameter("bias")
        bias.mul_(slope)
        bias[-1].add_(intercept)
