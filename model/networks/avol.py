"""AVOL-Net, the audio-visual object localization network (section 4): where in the picture is what sounds."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.ave import AVENet
from model.networks.config import NetworkConfig
from model.networks.layers import Embedding, pool4
from model.networks.network import Network, rescale


class AVOLNet(Network):
    """Every cell of the picture has a vector; compared with the sound's it gives the localization map.

    Head "product": scalar products, which conv7 scales and shifts; their sigmoid is the map. Head "distance", from
    the authors' talk: Euclidean distances of unit vectors, from which conv7 makes the two logits of a softmax. The
    highest point of the map says whether picture and sound correspond.
    """

    kind = "avol"

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__(config)
        features, dimensions = config.channels[-1], config.embedding
        self.conv5 = nn.Conv2d(features, dimensions, 1)
        self.conv6 = nn.Conv2d(dimensions, dimensions, 1)
        self.sound_head = Embedding(features, dimensions)
        product = config.head == "product"
        self.conv7 = nn.Conv2d(1, 1 if product else 2, 1)
        # The map starts where it can learn: products of about unit size, and near means "corresponds".
        weight, bias = ([1 / math.sqrt(dimensions)], [0.0]) if product else ([5.0, -5.0], [-5.0, 5.0])
        with torch.no_grad():
            self.conv7.weight.copy_(torch.tensor(weight)[:, None, None, None])
            self.conv7.get_parameter("bias").copy_(torch.tensor(bias))

    @classmethod
    def from_ave(cls, ave: AVENet, *, head: str = "distance") -> "AVOLNet":
        """AVE-Net's trunks and layers; its picture's fc1 and fc2 become the 1x1 convolutions conv5 and conv6.

        With head "distance" fc3 becomes conv7, so nothing is untrained; with "product" conv7 is.
        """
        network = cls(NetworkConfig(**{**ave.config.to_dict(), "head": head}))
        network.image_trunk.load_state_dict(ave.image_trunk.state_dict())
        network.sound_trunk.load_state_dict(ave.sound_trunk.state_dict())
        network.sound_head.load_state_dict(ave.sound_head.state_dict())
        with torch.no_grad():
            for conv, fc in ((network.conv5, ave.image_head.fc1), (network.conv6, ave.image_head.fc2)):
                conv.weight.copy_(fc.weight[:, :, None, None])
                conv.get_parameter("bias").copy_(fc.bias)
            if head == "distance":  # of unit vectors, as fc3's
                network.conv7.weight.copy_(ave.fc3.weight[:, :, None, None])
                network.conv7.get_parameter("bias").copy_(ave.fc3.bias)
        return network

    def vision(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> (B, embedding, grid, grid)."""
        x = self.conv6(F.relu(self.conv5(self._seen(images))))
        return x if self.config.head == "product" else F.normalize(x, dim=1)

    def sound(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 200) -> (B, embedding)."""
        x = self.sound_head(pool4(self._heard(spectrograms)))
        return x if self.config.head == "product" else F.normalize(x, dim=1)

    def maps(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Localization maps of pairs, as logits: (B, e, g, g), (B, e) -> (B, g, g)."""
        return self._of_products(torch.einsum("behw,be->bhw", vision, sound))

    def pair_maps(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Maps of every picture with every sound: (B, e, g, g), (C, e) -> (B, C, g, g) logits."""
        return self._of_products(torch.einsum("behw,ce->bchw", vision, sound))

    def logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, e, g, g), (B, e) -> (B,) correspondence logits."""
        return self.maps(vision, sound).amax((1, 2))

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, e, g, g), (C, e) -> (B, C) correspondence logits."""
        return self.pair_maps(vision, sound).amax((2, 3))

    def embed_images(self, images: Tensor) -> Tensor:
        """Not defined: a picture has a vector a cell, and which of them counts depends on the sound."""
        raise NotImplementedError("AVOL-Net embeds places, not pictures")

    def recalibrate(self, slope: float, intercept: float) -> None:
        """Replace every logit z by slope x z + intercept, in place."""
        rescale(self.conv7, slope, intercept)

    def _of_products(self, products: Tensor) -> Tensor:
        weight, bias = self.conv7.weight.flatten(), self.conv7.get_parameter("bias")
        if self.config.head == "product":
            return weight[0] * products + bias[0]
        distance = (2 - 2 * products).clamp(min=1e-6).sqrt()  # of unit vectors; the root has no slope at 0
        return (weight[1] - weight[0]) * distance + (bias[1] - bias[0])
