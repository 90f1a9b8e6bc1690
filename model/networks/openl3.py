"""OpenL3, the L3-Net that Cramer, Wu, Salamon and Bello released ("Look, Listen and Learn More", ICASSP 2019)."""

import torch.nn.functional as F
from torch import Tensor

from model.networks.config import NetworkConfig
from model.networks.layers import pool4
from model.networks.network import Network

_NO_HEAD = (
    "OpenL3 was released without the layers that compare a picture with a sound: it embeds both, and AVE-Net, AVOL-Net "
    "or L3-Net can be trained from it."
)


class OpenL3Net(Network):
    """Two trunks and no head. Stride 1 gives a 224-pixel picture a map of 28 x 28 cells.

    Its embeddings are OpenL3's of 512 dimensions, the highest value over all positions, here of unit length.
    """

    kind = "openl3"
    compares = False

    def __init__(
        self,
        config: NetworkConfig = NetworkConfig.paper(stride=1, trunk="openl3", sound="openl3-linear", picture="signed"),
    ) -> None:
        if config.trunk != "openl3":
            raise ValueError(f"OpenL3 has the openl3 trunk, got {config.trunk = }")
        super().__init__(config)

    def vision(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> the map (B, 512 x width, grid, grid), of either sign."""
        return self._seen(images)

    def sound(self, spectrograms: Tensor) -> Tensor:
        """(B, 1, 257, 197), or (B, 1, 128 or 256, 199) of mel bands -> (B, 512 x width), of either sign."""
        return pool4(self._heard(spectrograms))

    def embed_images(self, images: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1 -> (B, 512 x width), of unit length."""
        return F.normalize(pool4(self.vision(images)), dim=1)

    def logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Not defined: the release has no head."""
        raise NotImplementedError(_NO_HEAD)

    def pair_logits(self, vision: Tensor, sound: Tensor) -> Tensor:
        """Not defined: the release has no head."""
        raise NotImplementedError(_NO_HEAD)

    def recalibrate(self, slope: float, intercept: float) -> None:
        """Not defined: the release has no head."""
        raise NotImplementedError(_NO_HEAD)
