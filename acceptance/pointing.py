"""Pointing alone, of any number of networks on the same videos, which are decoded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from model.datasets import excerpts, open_dataset
from model.evaluation.pointing import Target, hits
from model.figures import Row, figure
from model.networks import AVOLNet, NetworkConfig
from model.responses import localization_maps, sound_embeddings
from model.video import MediaError


@dataclass(frozen=True)
class Unseen:
    """The samples of a folder's videos that `earmark evaluate localization` measures pointing on, n of them.

    Attributes:
        targets: of each, the boxes that sound.
        videos: of each, the number of its video.
        frames: (n, size, size, 3) uint8.
        seconds: (n, 48000) float32.
    """

    targets: Sequence[Target]
    videos: np.ndarray
    frames: np.ndarray
    seconds: torch.Tensor

    @classmethod
    def read(cls, folder: Path, config: NetworkConfig, *, first: int | None = None) -> "Unseen":
        """Decode the folder's videos, or the first so many, for networks of one configuration."""
        targets, videos, frames, seconds = [], [], [], []
        for number, excerpt in enumerate(excerpts(open_dataset(folder), config.image_size)):
            if isinstance(excerpt, MediaError):
                raise excerpt
            if number == first:
                break
            for sample, frame, second in zip(excerpt.samples, excerpt.frames, excerpt.seconds, strict=True):
                if sample.localized and sample.steady and sample.sounding_boxes:
                    targets.append(Target(sample.sounding_boxes, sample.votes))
                    videos.append(sample.video)
                    frames.append(frame)
                    seconds.append(second)
        return cls(targets, np.array(videos), np.stack(frames), torch.from_numpy(np.stack(seconds)))

    def hits(self, network: AVOLNet) -> np.ndarray:
        """(n,) bool: whether the peak of the network's map lies on what sounds."""
        heard = sound_embeddings(network, self.seconds)
        own = np.stack([np.arange(len(self.targets))] * 2, 1)
        return hits(self.targets, localization_maps(network, self.frames, heard, own, lambda _done, _all: None))

    def row(self, values: np.ndarray) -> Row:
        """The mean of values (n,) and its 95 % interval, bootstrapped over videos."""
        return figure({"model": values}, self.videos, seed=0).rows["model"]
