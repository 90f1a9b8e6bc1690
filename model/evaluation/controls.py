"""Controls: networks that never learned, and sounds that have nothing to do with the picture."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from model.networks import NETWORKS, Network, NetworkConfig
from model.recording import SAMPLE_RATE
from model.responses import sound_embeddings
from model.samples import Sample

Kind = TypeVar("Kind", bound=Network)

UNTRAINED = 3  # networks the untrained baseline is the mean of: some happen to light up whatever is colourful
NOISES = 16  # different seconds of white noise
NOISE_LEVEL = 0.1  # root mean square, of full scale


def untrained(config: NetworkConfig, *, seed: int, kind: str = "avol") -> Network:
    """A network that never learned, in evaluation mode; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return NETWORKS[kind](config).eval()


def with_untrained(network: Kind) -> list[Kind]:
    """The network, and its kind untrained, of seeds 0, 1 .., on its device."""
    others = (untrained(network.config, seed=k, kind=network.kind) for k in range(UNTRAINED))
    return [network, *(other.to(network.device) for other in others)]  # type: ignore[list-item]


def silence_and_noise(network: Network) -> Tensor:
    """(1 + NOISES, e): what the network hears of a second of silence and of seconds of white noise."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, NOISE_LEVEL, (NOISES, SAMPLE_RATE)).astype(np.float32)
    return sound_embeddings(network, torch.from_numpy(np.concatenate([np.zeros_like(noise[:1]), noise])))


def other_seconds(samples: Sequence[Sample], chosen: Sequence[int], *, seed: int) -> np.ndarray:
    """For each of the samples chosen, another of them that is of another video: (len(chosen),) sample index.

    Its sound may fit by chance. Empty where all are of one video.
    """
    rng = np.random.default_rng(seed)
    pool = np.asarray(chosen, np.int64)
    video = np.array([samples[index].video for index in pool], np.int64)
    if len(np.unique(video)) < 2:
        return np.zeros(0, np.int64)
    others = rng.integers(len(pool), size=len(pool))
    while (same := video[others] == video).any():
        others[same] = rng.integers(len(pool), size=int(same.sum()))
    return pool[others]
