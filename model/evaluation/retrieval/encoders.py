"""Encoders: what each network keeps of frames and seconds for retrieval; spaces: how far apart these lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from model import motion, vgg16
from model.evaluation.evaluation import EvaluationError
from model.evaluation.retrieval.moments import Moment
from model.motion import Takes
from model.networks import AVOLNet, Network, NetworkConfig, to_input
from model.networks.layers import pool4
from model.vgg16 import VGG16

DIRECTIONS = ("im-im", "im-aud", "aud-im", "aud-aud")  # of the query and of what is retrieved
NAMES = {
    "ave": "AVE-Net",
    "avol": "AVOL-Net",
    "l3": "L3-Net",
    "openl3": "OpenL3",
    "ave-mf": "AVE+MF",
    "ave-of": "AVE+OF",
}
_PART = 256  # pictures or sounds whose maps with the queries are computed at once


class Space(Protocol):
    """N pictures and N sounds, some of which can be compared."""

    def distances(self, direction: str, queries: slice) -> np.ndarray | None:
        """From some of the queries to all items, (Q, N); None where the direction makes no sense."""


class Encoder(Protocol):
    """A network as retrieval uses it."""

    size: int  # pixels a side of the frames it looks at
    takes: Takes  # what it is shown of a moment

    def add(self, frames: np.ndarray, seconds: np.ndarray) -> None:
        """Look at moments and listen to their seconds (B, 48000).

        `frames` are (B, S, S, 3) uint8, or what `model.motion.around` tells.
        """

    def space(self) -> Space:
        """All that was added."""


class Vectors:
    """Pictures and sounds as vectors, compared by their Euclidean distance at unit length."""

    def __init__(self, images: np.ndarray | None, sounds: np.ndarray | None) -> None:
        """Take (N, d) each; None where there are none. Cross-modal distances need equally many dimensions."""
        # Doubles: untrained networks put all vectors within 1e-3 of each other, where single precision is noise.
        self._of = {"im": _unit(images), "aud": _unit(sounds)}

    def distances(self, direction: str, queries: slice) -> np.ndarray | None:
        """As of `Space`."""
        left, right = (self._of[name] for name in direction.split("-"))
        if left is None or right is None or left.shape[1] != right.shape[1]:
            return None
        left = left[queries]
        squared = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
        return np.sqrt(np.maximum(squared, 0))


@dataclass
class Features:
    """What L3-Net and AVE-Net embed, collected batch by batch; raw, for CCA."""

    network: Network

    def __post_init__(self) -> None:
        self.size, self.takes = self.network.config.image_size, self.network.takes
        self._images: list[Tensor] = []
        self._sounds: list[Tensor] = []

    @torch.inference_mode()
    def add(self, frames: np.ndarray, seconds: np.ndarray) -> None:
        """As of `Encoder`."""
        network = self.network
        self._images.append(network.embed_images(to_input(frames, network.config).to(network.device)).cpu())
        self._sounds.append(network.embed_sounds(_spectrogram(network, seconds)).cpu())

    @property
    def images(self) -> np.ndarray:
        """(N, d) of unit length."""
        return torch.cat(self._images).numpy()

    @property
    def sounds(self) -> np.ndarray:
        """(N, d) of unit length."""
        return torch.cat(self._sounds).numpy()

    def space(self) -> Space:
        """As of `Encoder`."""
        return Vectors(self.images, self.sounds)


@dataclass
class Places:
    """What AVOL-Net says: a vector a cell of the picture, one of the sound.

    Picture and sound are as far apart as they do not correspond, by the network's own score. Two sounds are compared
    by their vectors, two pictures by the maximum over their cells of each dimension: the pooling by which the network
    itself makes one answer of many places. (Means over cells, which are mostly background, gave an nDCG@30 of .45 to
    .49 where maxima gave .77, of the shipped weights on 250 generated videos.)
    """

    network: AVOLNet

    def __post_init__(self) -> None:
        self.size, self.takes = self.network.config.image_size, self.network.takes
        self._cells: list[Tensor] = []
        self._sounds: list[Tensor] = []

    @torch.inference_mode()
    def add(self, frames: np.ndarray, seconds: np.ndarray) -> None:
        """As of `Encoder`."""
        network = self.network
        self._cells.append(network.vision(to_input(frames, network.config).to(network.device)))
        self._sounds.append(network.sound(_spectrogram(network, seconds)))

    def space(self) -> Space:
        """As of `Encoder`."""
        cells, sounds = torch.cat(self._cells), torch.cat(self._sounds)
        return _Matched(self.network, cells, sounds, Vectors(pool4(cells).cpu().numpy(), sounds.cpu().numpy()))


@dataclass(frozen=True)
class _Matched:
    network: AVOLNet
    cells: Tensor
    sounds: Tensor
    within: Vectors

    @torch.inference_mode()
    def distances(self, direction: str, queries: slice) -> np.ndarray | None:
        if direction == "im-aud":
            seen = self.cells[queries]
            parts = [self.network.pair_logits(seen, sounds) for sounds in self.sounds.split(_PART)]
            return -torch.cat(parts, 1).double().cpu().numpy()
        if direction == "aud-im":
            heard = self.sounds[queries]
            parts = [self.network.pair_logits(cells, heard).T for cells in self.cells.split(_PART)]
            return -torch.cat(parts, 1).double().cpu().numpy()
        return self.within.distances(direction, queries)


@dataclass
class Pictures:
    """What VGG16 sees, fc7."""

    network: VGG16
    size: int = vgg16.IMAGE_SIZE
    takes: Takes = "frame"

    def __post_init__(self) -> None:
        self._images: list[Tensor] = []

    @torch.inference_mode()
    def add(self, frames: np.ndarray, seconds: np.ndarray) -> None:  # noqa: ARG002 (it is deaf)
        """As of `Encoder`."""
        self._images.append(self.network(to_input(frames, NetworkConfig(image_size=self.size))))

    @property
    def images(self) -> np.ndarray:
        """(N, 4096)."""
        return torch.cat(self._images).numpy()

    def space(self) -> Space:
        """As of `Encoder`."""
        return Vectors(self.images, None)


def encoder_of(network: Network) -> Features | Places:
    """How a network takes part in retrieval.

    Raises:
        EvaluationError: it is none of `NAMES`.
    """
    if isinstance(network, AVOLNet):
        return Places(network)
    if network.kind in NAMES:
        return Features(network)
    raise EvaluationError(f"retrieval compares {', '.join(NAMES.values())}; this is {type(network).__name__}.")


def encode(moments: Iterable[Moment], encoders: Sequence[Encoder], *, batch: int = 32) -> None:
    """Let every encoder see and hear every moment, some at once."""
    waiting: list[Moment] = []

    def flush() -> None:
        if waiting:
            frames, seconds = np.stack([m.frame for m in waiting]), np.stack([m.second for m in waiting])
            shown = {takes: _shown(takes, frames) for takes in {encoder.takes for encoder in encoders}}
            for encoder in encoders:
                encoder.add(shown[encoder.takes], seconds)
            waiting.clear()

    for moment in moments:
        waiting.append(moment)
        if len(waiting) == batch:
            flush()
    flush()


def _shown(takes: Takes, frames: np.ndarray) -> np.ndarray:
    """What a network takes of moments (B, S, S, 3), or (B, 25, S, S, 3) where another sees motion."""
    if frames.ndim == 4:
        return frames
    middle = frames.shape[1] // 2
    return np.stack([motion.around(takes, one, middle) for one in frames])


def _spectrogram(network: Network, seconds: np.ndarray) -> Tensor:
    return network.spectrogram(torch.from_numpy(seconds).to(network.device))


def _unit(vectors: np.ndarray | None) -> np.ndarray | None:
    if vectors is None:
        return None
    vectors = vectors.astype(np.float64)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
