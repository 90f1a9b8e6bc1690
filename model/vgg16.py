"""VGG16 (Simonyan & Zisserman, arXiv 1409.1556) as a fixed judge of pictures, with torchvision's published weights."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from model import frontends

IMAGE_SIZE = 224
MOST_BYTES = 2**30  # the published file, vgg16-397923af.pth, has 553 MB


class VGG16Error(ValueError):
    """A file that does not hold the weights, in one sentence."""


class VGG16(nn.Module):
    """Thirteen 3x3 convolutions in five blocks and three fully connected layers, named as in torchvision.

    Args:
        channels: of the five blocks.
        hidden: outputs of the first two fully connected layers.
        classes: outputs of the third, which only `load` needs.
    """

    def __init__(
        self, channels: Sequence[int] = (64, 128, 256, 512, 512), hidden: int = 4096, classes: int = 1000
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for outputs, depth in zip(channels, (2, 2, 3, 3, 3), strict=True):
            for _ in range(depth):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(inputs * 7 * 7, hidden), nn.ReLU(inplace=True), nn.Dropout(),
            nn.Linear(hidden, hidden), nn.ReLU(inplace=True), nn.Dropout(),
            nn.Linear(hidden, classes),
        )  # fmt: skip

    def forward(self, images: Tensor) -> Tensor:
        """fc7, the last hidden layer behind its ReLU: (B, 3, 224, 224) in 0..1 -> (B, 4096)."""
        if images.ndim != 4 or tuple(images.shape[1:]) != (3, IMAGE_SIZE, IMAGE_SIZE):
            raise ValueError(f"VGG16 takes pictures (B, 3, {IMAGE_SIZE}, {IMAGE_SIZE}), got {images.shape = }")
        x = self.features(frontends.pixels(images, "imagenet"))  # (B, 512, 7, 7)
        return self.classifier[:5](x.flatten(1))


def load(path: str | Path, build: Callable[[], VGG16] = VGG16) -> VGG16:
    """VGG16 with torchvision's file of weights, in evaluation mode. Nothing but tensors is unpickled.

    Args:
        path: the file, `vgg16-397923af.pth` as published.
        build: makes the network the file has to fit.

    Raises:
        VGG16Error: the file is missing, too large, no file of tensors, or has other names or shapes.
    """
    path = Path(path)
    if not path.is_file():
        raise VGG16Error(f"{path}: no such file of VGG16 weights.")
    if path.stat().st_size > MOST_BYTES:
        raise VGG16Error(f"{path}: larger than {MOST_BYTES >> 20} MB, so these are not torchvision's VGG16 weights.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        # torch's own text advises to unpickle it all the same.
        raise VGG16Error(f"{path}: not a file of tensors ({type(error).__name__}).") from None
    with torch.device("meta"):  # takes no memory until the file's own tensors are put in
        network = build()
    wrong = _difference(state, network.state_dict())
    if wrong is not None:
        raise VGG16Error(f"{path}: not torchvision's VGG16 weights: {wrong}.")
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=True, assign=True)
    return network.requires_grad_(False).eval()


def _difference(state: object, expected: dict[str, Tensor]) -> str | None:
    """The first thing in which a state differs from the one expected, in words."""
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        return "it holds something other than named tensors"
    for name, tensor in expected.items():
        if name not in state:
            return f"{name} is missing"
        if state[name].shape != tensor.shape or not state[name].is_floating_point():
            found = f"{state[name].dtype}{list(state[name].shape)}"
            return f"{name} is {found}, and should be float32{list(tensor.shape)}"
    surplus = [str(name) for name in state if name not in expected]
    return f"{surplus[0]!r} belongs to another network" if surplus else None
