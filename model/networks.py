"""AVE-Net and AVOL-Net of "Objects that Sound" (arXiv 1712.06651), from a small CPU size to the paper's own."""

import math
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Mean and deviation that bring RGB in 0..1 to about zero mean and unit range.
_PIXEL_MEAN, _PIXEL_SCALE = 0.45, 0.25


@dataclass(frozen=True)
class NetworkConfig:
    """The size of a network. The defaults are the small network; `paper()` gives the published one.

    Attributes:
        image_size: pixels a side of the square picture.
        width: share of the paper's channels (64, 128, 256, 512).
        embedding: dimensions of the space that pictures and sounds share.
        pool3: whether the vision trunk pools after its third block. Without it a 112-pixel picture still
            has a 14 x 14 map.
    """

    image_size: int = 112
    width: float = 0.25
    embedding: int = 128
    pool3: bool = False
    sound_pool: int = 2

    def __post_init__(self) -> None:
        if self.image_size % 16 or not 16 <= self.image_size <= 1024:
            raise ValueError(f"image_size must be a multiple of 16 between 16 and 1024, got {self.image_size}")
        if not 0 < self.width <= 4 or not 1 <= self.embedding <= 4096:
            raise ValueError(f"width must be in (0, 4] and embedding in 1..4096, got {self.width}, {self.embedding}")

        if self.sound_pool not in (1, 2, 4):
            raise ValueError(f"sound_pool must be 1, 2 or 4, got {self.sound_pool}")

    @classmethod
    def paper(cls) -> "NetworkConfig":
        """224-pixel pictures, 64 to 512 channels, pooled after the third block: about 9.5 M parameters."""
        return cls(image_size=224, width=1.0, embedding=128, pool3=True, sound_pool=1)

    @property
    def grid(self) -> int:
        """Cells a side of the localization map."""
        return self.image_size // (16 if self.pool3 else 8)

    @property
    def channels(self) -> tuple[int, int, int, int]:
        """Channels of the four blocks."""
        a, b, c, d = (max(4, round(n * self.width)) for n in (64, 128, 256, 512))
        return a, b, c, d

    def to_dict(self) -> dict:
        """As plain values, for a model card."""
        return asdict(self)


def to_input(frames: np.ndarray, config: NetworkConfig) -> Tensor:
    """Frames as a network takes them.

    Args:
        frames: (B, h, w, 3) uint8 RGB of any size; squashed to the network's square.
        config: whose `image_size` to use.

    Returns:
        (B, 3, S, S) float32 in 0..1.
    """
    images = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float().div_(255)
    if images.shape[-2:] != (config.image_size, config.image_size):
        images = F.interpolate(images, (config.image_size, config.image_size), mode="bilinear", antialias=True)
    return images


class _Block(nn.Sequential):
    """Two 3x3 convolutions, each followed by batch normalisation and ReLU."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


def _trunk(inputs: int, config: NetworkConfig, *, pool3: bool) -> nn.Sequential:
    """The four blocks of section 3.1: (B, inputs, h, w) -> (B, 512 x width, h/16, w/16), h/8 without pool3."""
    a, b, c, d = config.channels
    blocks: list[nn.Module] = [_Block(inputs, a, stride=2), nn.MaxPool2d(2)]
    blocks += [_Block(a, b), nn.MaxPool2d(2), _Block(b, c)]
    if pool3:
        blocks.append(nn.MaxPool2d(2))
    return nn.Sequential(*blocks, _Block(c, d))


class _Embedding(nn.Sequential):
    """Max-pooled features to the shared space: fc1 -> ReLU -> fc2; (B, d, h, w) -> (B, embedding)."""

    def __init__(self, features: int, embedding: int) -> None:
        super().__init__(
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.Linear(features, embedding),
            nn.ReLU(inplace=True),
            nn.Linear(embedding, embedding),
        )


class AVENet(nn.Module):
    """Audio-visual embedding network (section 3): pictures and sounds in one space.

    Corresponding pairs lie close together; one scale and shift of the Euclidean distance says how likely a
    pair corresponds (the paper's fc3, written for the logit of its two-way softmax).
    """

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__()
        self.config = config
        self.image_trunk = _trunk(3, config, pool3=config.pool3)
        self.sound_trunk = _trunk(1, config, pool3=True)
        self.image_head = _Embedding(config.channels[-1], config.embedding)
        self.sound_head = _Embedding(config.channels[-1], config.embedding)
        # Small distance means "corresponds": the scale multiplies the negated distance and starts positive.
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.shift = nn.Parameter(torch.tensor(10.0))

    def embed_images(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> (B, embedding), of unit length."""
        features = self.image_trunk(_normalised(images, self.config))
        return F.normalize(self.image_head(features), dim=1)

    def embed_sounds(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 200) -> (B, embedding), of unit length."""
        return F.normalize(self.sound_head(self.sound_trunk(_pooled(spectrograms, self.config))), dim=1)

    def pair_logits(self, images: Tensor, sounds: Tensor) -> Tensor:
        """Every picture against every sound: embeddings (B, e), (C, e) -> (B, C) correspondence logits."""
        squared = 2 - 2 * images @ sounds.T  # of unit vectors
        return self.shift - self.scale * squared.clamp(min=1e-6).sqrt()

    def forward(self, images: Tensor, spectrograms: Tensor) -> Tensor:
        """Pairs (B, 3, S, S), (B, 1, 257, 200) -> (B,) correspondence logits."""
        image, sound = self.embed_images(images), self.embed_sounds(spectrograms)
        return self.shift - self.scale * (2 - 2 * (image * sound).sum(1)).clamp(min=1e-6).sqrt()


class AVOLNet(nn.Module):
    """Audio-visual object localization network (section 4): where in the picture is what sounds.

    Every cell of the picture has an embedding; its scalar product with the sound's, scaled and shifted, is
    the logit of the localization map. The map's maximum says whether picture and sound correspond.
    """

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__()
        self.config = config
        features = config.channels[-1]
        self.image_trunk = _trunk(3, config, pool3=config.pool3)
        self.sound_trunk = _trunk(1, config, pool3=True)
        self.image_head = nn.Sequential(
            nn.Conv2d(features, config.embedding, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(config.embedding, config.embedding, 1),
        )
        self.sound_head = _Embedding(features, config.embedding)
        self.scale = nn.Parameter(torch.tensor(1 / math.sqrt(config.embedding)))
        self.shift = nn.Parameter(torch.tensor(0.0))

    def vision(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> (B, embedding, grid, grid)."""
        return self.image_head(self.image_trunk(_normalised(images, self.config)))

    def sound(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 200) -> (B, embedding)."""
        return self.sound_head(self.sound_trunk(_pooled(spectrograms, self.config)))

    def maps(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Localization maps of pairs, as logits: (B, e, g, g), (B, e) -> (B, g, g)."""
        return self.shift + self.scale * torch.einsum("behw,be->bhw", vision, sound)

    def pair_maps(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Maps of every picture with every sound: (B, e, g, g), (C, e) -> (B, C, g, g) logits."""
        return self.shift + self.scale * torch.einsum("behw,ce->bchw", vision, sound)

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Every picture against every sound: (B, e, g, g), (C, e) -> (B, C) correspondence logits."""
        return self.pair_maps(vision, sound).amax((2, 3))

    def forward(self, images: Tensor, spectrograms: Tensor) -> tuple[Tensor, Tensor]:
        """Pairs (B, 3, S, S), (B, 1, 257, 200) -> correspondence logits (B,), map logits (B, g, g)."""
        maps = self.maps(self.vision(images), self.sound(spectrograms))
        return maps.amax((1, 2)), maps


def _normalised(images: Tensor, config: NetworkConfig) -> Tensor:
    size = (config.image_size, config.image_size)
    if images.ndim != 4 or images.shape[1] != 3 or tuple(images.shape[-2:]) != size:
        raise ValueError(f"this network takes pictures (B, 3, {size[0]}, {size[1]}), got {images.shape = }")
    return (images - _PIXEL_MEAN) / _PIXEL_SCALE


def _pooled(spectrograms: Tensor, config: NetworkConfig) -> Tensor:
    return F.avg_pool2d(spectrograms, config.sound_pool) if config.sound_pool > 1 else spectrograms
