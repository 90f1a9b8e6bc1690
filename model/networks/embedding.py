"""What AVE-Net and its variants with motion share: pictures and sounds in one space, compared by their distance."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.config import NetworkConfig
from model.networks.layers import Embedding, pool4
from model.networks.network import Network, rescale


class EmbeddingNetwork(Network):
    """Corresponding pairs lie close together: the Euclidean distance of two unit vectors is all fc3 sees.

    Attributes:
        image_head: from the pooled features of what is seen to the space.
        sound_head: likewise of what is heard.
        fc3: from the distance to the two logits.
    """

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__(config)
        self.image_head = Embedding(config.channels[-1], config.embedding)
        self.sound_head = Embedding(config.channels[-1], config.embedding)
        self.fc3 = nn.Linear(1, 2)
        with torch.no_grad():  # a small distance means "they correspond": the right sign from the start
            self.fc3.weight.copy_(torch.tensor([[5.0], [-5.0]]))
            self.fc3.bias.copy_(torch.tensor([-5.0, 5.0]))

    def vision(self, images: Tensor) -> Tensor:
        """What the network takes, (B, 3, S, S) of frames in 0..1 -> (B, embedding), of unit length."""
        return F.normalize(self.image_head(pool4(self._seen(images))), dim=1)

    def sound(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 200) -> (B, embedding), of unit length."""
        return F.normalize(self.sound_head(pool4(self._heard(spectrograms))), dim=1)

    def logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, e), (B, e) -> (B,)."""
        return self._of_distance(2 - 2 * (vision * sound).sum(1))

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, e), (C, e) -> (B, C)."""
        return self._of_distance(2 - 2 * vision @ sound.T)

    def recalibrate(self, slope: float, intercept: float) -> None:
        """Replace every logit z by slope x z + intercept, in place."""
        rescale(self.fc3, slope, intercept)

    def take_heads(self, other: Network) -> None:
        """Copy the layers behind the trunks from a network that has the same ones; from another, nothing."""
        if isinstance(other, EmbeddingNetwork):
            for name in ("image_head", "sound_head", "fc3"):
                self.get_submodule(name).load_state_dict(other.get_submodule(name).state_dict())

    def _of_distance(self, squared: Tensor) -> Tensor:
        distance = squared.clamp(min=1e-6).sqrt()  # the root has no slope at 0
        weight, bias = self.fc3.weight[:, 0], self.fc3.bias
        return (weight[1] - weight[0]) * distance + (bias[1] - bias[0])
