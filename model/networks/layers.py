"""What the networks are built of: trunks of four blocks and the two fully connected layers behind them."""

import torch.nn.functional as F
from torch import Tensor, nn


class Trunk(nn.Module):
    """The four blocks of section 3.1, each two 3x3 convolutions with batch normalisation and ReLU.

    Args:
        inputs: channels of the input, 3 of a frame, 1 of a spectrogram.
        channels: of the blocks, 64, 128, 256, 512 in the paper.
        stride: of conv1_1, 2 in the paper.
        pool3: whether block 3 is followed by a max-pooling, as blocks 1 and 2 are.
        first: number of the first block, where a trunk is only some of the four.
    """

    def __init__(
        self, inputs: int, channels: tuple[int, ...], *, stride: int = 2, pool3: bool = True, first: int = 1
    ) -> None:
        super().__init__()
        self.pool3 = pool3
        self.blocks = range(first, first + len(channels))
        for block, outputs in zip(self.blocks, channels, strict=True):
            for index in (1, 2):
                step = stride if (block, index) == (1, 1) else 1
                self.add_module(f"conv{block}_{index}", nn.Conv2d(inputs, outputs, 3, stride=step, padding=1))
                self.add_module(f"bn{block}_{index}", nn.BatchNorm2d(outputs))
                inputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, 512, h/16, w/16) in the paper; twice that without pool3 or with stride 1."""
        for block in self.blocks:
            for index in (1, 2):
                x = self.get_submodule(f"conv{block}_{index}")(x)
                x = F.relu(self.get_submodule(f"bn{block}_{index}")(x), inplace=True)
            if block < 3 or (block == 3 and self.pool3):
                x = F.max_pool2d(x, 2)  # pool1, pool2, pool3
        return x


class OpenL3Trunk(nn.Module):
    """The four blocks as OpenL3 orders them (marl/openl3, `openl3/models.py`).

    Against the paper's: the input is normalised, conv1_1 has stride 1, nothing follows conv4_2, and batch normalisation
    adds 1e-3 to the variance, as Keras does.

    Args:
        inputs: channels of the input, 3 of a frame, 1 of a spectrogram.
        channels: of the four blocks, 64, 128, 256, 512 in the release.
        rectify_first: whether conv1_2 goes through ReLU before its normalisation, as in the image network.
    """

    def __init__(self, inputs: int, channels: tuple[int, int, int, int], *, rectify_first: bool) -> None:
        super().__init__()
        self.rectify_first = rectify_first
        self.bn0 = _keras_normalisation(inputs)
        for block, outputs in enumerate(channels, 1):
            for index in (1, 2):
                self.add_module(f"conv{block}_{index}", nn.Conv2d(inputs, outputs, 3, padding=1))
                if (block, index) != (4, 2):
                    self.add_module(f"bn{block}_{index}", _keras_normalisation(outputs))
                inputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, 512, h/8, w/8), of either sign."""
        x = self.bn0(x)
        for block in (1, 2, 3):
            for index in (1, 2):
                x = self.get_submodule(f"conv{block}_{index}")(x)
                if self.rectify_first and (block, index) == (1, 2):
                    x = self.get_submodule(f"bn{block}_{index}")(F.relu(x, inplace=True))
                else:
                    x = F.relu(self.get_submodule(f"bn{block}_{index}")(x), inplace=True)
            x = F.max_pool2d(x, 2)
        x = F.relu(self.get_submodule("bn4_1")(self.get_submodule("conv4_1")(x)), inplace=True)
        return self.get_submodule("conv4_2")(x)


class Embedding(nn.Module):
    """The fully connected layers behind a trunk: fc1 -> ReLU -> fc2."""

    def __init__(self, features: int, dimensions: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, dimensions)
        self.fc2 = nn.Linear(dimensions, dimensions)

    def forward(self, x: Tensor) -> Tensor:
        """(B, features) -> (B, dimensions)."""
        return self.fc2(F.relu(self.fc1(x)))


def pool4(x: Tensor) -> Tensor:
    """Max-pooling over all that block 4 sees: (B, c, h, w) -> (B, c)."""
    return x.amax((2, 3))


def _keras_normalisation(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with Keras' constants; Keras' momentum .99 is PyTorch's .01."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
