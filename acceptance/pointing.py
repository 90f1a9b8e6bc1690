"""Pointing alone, as `earmark evaluate localization` measures it, of many versions on the same videos."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from model import checkpoints
from model.datasets import excerpts, open_dataset
from model.evaluation.pointing import Target, hits
from model.figures import Row, figure
from model.responses import localization_maps, sound_embeddings
from model.video import MediaError


@dataclass(frozen=True)
class Pointing:
    """Where a network's maps peaked, n moments of labelled videos.

    Attributes:
        hits: (n,) bool: whether the peak lay on what sounds.
        videos: (n,) number of each moment's video.
    """

    hits: np.ndarray
    videos: np.ndarray

    @property
    def row(self) -> Row:
        """The share of hits and its 95 % interval, bootstrapped over videos."""
        return self._row(self.hits)

    def less(self, other: "Pointing") -> Row:
        """By how much more often it points right than another does on the same moments, with the 95 % interval."""
        return self._row(self.hits.astype(float) - other.hits)

    def _row(self, values: np.ndarray) -> Row:
        return figure({"model": values}, self.videos, seed=0).rows["model"]


def pointing(weights: Path, folder: Path, kept: Path) -> Pointing:
    """How a version's AVOL-Net points on a folder of labelled videos.

    Args:
        weights: folder of the version.
        folder: with `truth.json`.
        kept: folder that keeps what was measured, so that nothing is measured twice.
    """
    file = kept / f"{checkpoints.version_of(weights)}-{'-'.join(folder.parts[-2:])}.npz"
    if not file.is_file():
        network = checkpoints.load_models(weights).avol
        moments = _moments(folder, network.config.image_size)
        heard = sound_embeddings(network, moments.seconds)
        own = np.stack([np.arange(len(moments.targets))] * 2, 1)
        maps = localization_maps(network, moments.frames, heard, own, lambda _done, _of: None)
        kept.mkdir(parents=True, exist_ok=True)
        np.savez(file, hits=hits(moments.targets, maps), videos=moments.videos)
    with np.load(file) as found:
        return Pointing(found["hits"], found["videos"])


@dataclass(frozen=True)
class _Moments:
    """Those at which a folder's videos are pointed at: frames (n, size, size, 3) uint8, seconds (n, 48000) float32."""

    targets: list[Target]
    videos: np.ndarray
    frames: np.ndarray
    seconds: torch.Tensor


@cache
def _moments(folder: Path, size: int) -> _Moments:
    targets, videos, frames, seconds = [], [], [], []
    for excerpt in excerpts(open_dataset(folder), size):
        if isinstance(excerpt, MediaError):
            raise excerpt
        for sample, frame, second in zip(excerpt.samples, excerpt.frames, excerpt.seconds, strict=True):
            if sample.localized and sample.steady and sample.sounding_boxes:
                targets.append(Target(sample.sounding_boxes, sample.votes))
                videos.append(sample.video)
                frames.append(frame)
                seconds.append(second)
    return _Moments(targets, np.array(videos), np.stack(frames), torch.from_numpy(np.stack(seconds)))
