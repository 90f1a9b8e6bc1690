"""What networks are compared on: the same frames and seconds of held-out clips, drawn once."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from model.networks import Network, to_input
from model.pairs import PairSource

ROUNDS = 16  # moments of each clip at most: more of a few seconds tell nothing new
MOMENTS = 1600  # in all, about: many clips need fewer each
FEWEST_ROUNDS = 4
CHUNK = 64  # clips whose pictures meet each other's sounds; computed at once
SEED = 1


class HeldOut:
    """Moments of clips: in every round each clip's frame with its own second.

    Args:
        source: of the clips.
        keys: those held out, at least two.

    Attributes:
        keys: the clips.
        rounds: moments of each.
    """

    def __init__(self, source: PairSource, keys: Sequence[str]) -> None:
        if len(keys) < 2:
            raise ValueError(f"to compare versions takes at least two held-out videos, got {len(keys)}")
        self.keys = list(keys)
        self.rounds = min(ROUNDS, max(FEWEST_ROUNDS, MOMENTS // len(keys)))
        rng = np.random.default_rng(SEED)
        self._drawn: list[tuple[np.ndarray, np.ndarray, Tensor]] = []
        for _ in range(self.rounds):
            order = rng.permutation(len(self.keys))
            # In parts of equal size, so that none is of one clip, which would meet no other.
            for part in np.array_split(order, -(-len(order) // CHUNK)):
                frames, waves = source.draw([self.keys[place] for place in part], rng, misalignment=0.0)
                self._drawn.append((part, frames.numpy(), waves))

    def __len__(self) -> int:
        return len(self.keys)

    @torch.inference_mode()
    def seen_and_heard(self, network: Network) -> Iterator[tuple[np.ndarray, Tensor, Tensor]]:
        """Chunk by chunk: which clips (c,), what the network sees of their frames and hears of their seconds.

        What is yielded is what `network.pair_logits` and `network.maps` compare, on the network's device.
        """
        for part, frames, waves in self._drawn:
            images = to_input(frames, network.config).to(network.device)
            sounds = network.spectrogram(waves.to(network.device))
            yield part, network.vision(images), network.sound(sounds)
