"""L3-Net, "Look, Listen and Learn" (arXiv 1705.08168): the network the others are measured against."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.config import NetworkConfig
from model.networks.layers import pool4
from model.networks.network import Network, rescale


class L3Net(Network):
    """Picture and sound meet only in two fully connected layers, so nothing asks their features to be alike.

    For retrieval the pooled features of each trunk serve, of unit length.
    """

    kind = "l3"

    def __init__(self, config: NetworkConfig = NetworkConfig()) -> None:
        super().__init__(config)
        self.fc1 = nn.Linear(2 * config.channels[-1], config.embedding)
        self.fc2 = nn.Linear(config.embedding, 2)

    def vision(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> (B, 512 x width)."""
        return pool4(self._seen(images))

    def sound(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 200) -> (B, 512 x width)."""
        return pool4(self._heard(spectrograms))

    def logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, f), (B, f) -> (B,)."""
        both = torch.cat([vision, sound], 1)  # (B, 1024 x width)
        return _logit(self.fc2(F.relu(self.fc1(both))))

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """(B, f), (C, f) -> (B, C)."""
        of_vision, of_sound = self.fc1.weight.split(vision.shape[1], dim=1)  # fc1 of a concatenation is a sum
        hidden = (vision @ of_vision.T)[:, None] + (sound @ of_sound.T)[None] + self.fc1.bias  # (B, C, 128)
        return _logit(self.fc2(F.relu(hidden)))

    def recalibrate(self, slope: float, intercept: float) -> None:
        """Replace every logit z by slope x z + intercept, in place."""
        rescale(self.fc2, slope, intercept)


def _logit(scores: Tensor) -> Tensor:
    return scores[..., 1] - scores[..., 0]
