"""What pictures and sounds are alike by: AVE-Net's embeddings of them."""

from collections.abc import Sequence

import numpy as np
import torch

from model.moment import DIMENSION
from model.networks import AVENet, to_input


@torch.inference_mode()
def embed_images(network: AVENet, frames: np.ndarray) -> np.ndarray:
    """Frames (B, height, width, 3) uint8 -> (B, 128) float32 of unit length."""
    return network.embed_images(to_input(frames, network.config).to(network.device)).float().cpu().numpy()


@torch.inference_mode()
def embed_sounds(network: AVENet, seconds: np.ndarray) -> np.ndarray:
    """Seconds (B, 48000) float32 -> (B, 128) float32 of unit length."""
    waveforms = torch.from_numpy(seconds).to(network.device)
    return network.embed_sounds(network.spectrogram(waveforms)).float().cpu().numpy()


def mean_direction(embeddings: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """The mean of embeddings (128,), float32 of unit length; zeros without any."""
    if not len(embeddings):
        return np.zeros(DIMENSION, np.float32)
    mean = np.mean(embeddings, axis=0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
