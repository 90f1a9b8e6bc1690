"""Responses: what a network makes of frames and seconds paired in any way, each frame seen once."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from model.networks import AVOLNet, Network, to_input

BATCH = 64  # frames or seconds computed at once

Done = Callable[[int, int], None]  # frames done, of how many


@torch.inference_mode()
def sound_embeddings(network: Network, waveforms: Tensor) -> Tensor:
    """Seconds (n, 48000) float32 -> (n, e), what the network compares of them, on its device."""
    return torch.cat([network.sound(network.spectrogram(part.to(network.device))) for part in waveforms.split(BATCH)])


@torch.inference_mode()
def localization_maps(
    network: AVOLNet, frames: np.ndarray, sounds: Tensor, pairs: np.ndarray, on_done: Done
) -> np.ndarray:
    """The maps boxes are drawn from: averaged with the mirrored frame's, as `model.localization.localize` does.

    Args:
        network: in evaluation mode.
        frames: (n, h, w, 3) uint8.
        sounds: (m, e) from `sound_embeddings`.
        pairs: (P, 2) index into `frames` and into `sounds`.
        on_done: called after each batch.

    Returns:
        (P, g, g) float32 logits.
    """
    maps = np.zeros((len(pairs), network.config.grid, network.config.grid), np.float32)
    for rows, images, image in _batches(network, frames, pairs, on_done):
        heard = sounds[torch.from_numpy(pairs[rows, 1])]
        straight = network.maps(network.vision(images)[image], heard)
        mirrored = network.maps(network.vision(images.flip(-1))[image], heard).flip(-1)
        maps[rows] = ((straight + mirrored) / 2).float().cpu().numpy()
    return maps


@torch.inference_mode()
def correspondence_logits(
    network: Network, frames: np.ndarray, sounds: Tensor, pairs: np.ndarray, on_done: Done
) -> np.ndarray:
    """The network's own verdict on pairs, (P,) float32 logits; arguments as for `localization_maps`."""
    logits = np.zeros(len(pairs), np.float32)
    for rows, images, image in _batches(network, frames, pairs, on_done):
        heard = sounds[torch.from_numpy(pairs[rows, 1])]
        logits[rows] = network.logits(network.vision(images)[image], heard).float().cpu().numpy()
    return logits


def _batches(
    network: Network, frames: np.ndarray, pairs: np.ndarray, on_done: Done
) -> Iterator[tuple[np.ndarray, Tensor, Tensor]]:
    """Pairs grouped by frame: rows of `pairs` (r,), images (b, 3, S, S), which image each row uses (r,)."""
    used, position = np.unique(pairs[:, 0], return_inverse=True)
    for start in range(0, len(used), BATCH):
        part = used[start : start + BATCH]
        rows = np.flatnonzero((position >= start) & (position < start + BATCH))
        images = to_input(frames[part], network.config).to(network.device)
        yield rows, images, torch.from_numpy(position[rows] - start)
        on_done(start + len(part), len(used))
