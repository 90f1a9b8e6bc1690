"""A scene whose truth is known exactly, and a network that sees it: for tests from a file to its annotation."""

from pathlib import Path

import av
import numpy as np
import torch
from torch import Tensor

from model.boxes import Box
from model.checkpoints import Models
from model.networks import AVENet, AVOLNet, NetworkConfig
from model.recording import SAMPLE_RATE

SPANS = [(0.6, 1.8), (2.8, 3.6)]  # seconds in which the tone sounds
SECONDS, FPS, WIDTH, HEIGHT = 4.0, 25, 160, 120


def square_at(seconds: float) -> Box:
    """Where the white square is: it drifts to the right."""
    left = 0.2 + 0.1 * seconds
    return left, 0.3, left + 0.25, 0.7


class Brightness(AVOLNet):
    """Finds whatever is bright, whatever it hears; `bias` moves its confidence."""

    def __init__(self, bias: float = -4.0) -> None:
        super().__init__(NetworkConfig())
        self.bias = bias

    def vision(self, images: Tensor) -> Tensor:
        return torch.nn.functional.adaptive_avg_pool2d(images.mean(1, keepdim=True), self.config.grid).expand(
            -1, 128, -1, -1
        )

    def sound(self, spectrograms: Tensor) -> Tensor:
        return torch.ones(len(spectrograms), 1)

    def maps(self, vision: Tensor, sound: Tensor) -> Tensor:
        return self.bias + 8 * vision[:, 0] * sound[:, :, None]


def seeing() -> Models:
    """Models whose localization finds the square; the embeddings are seeded and untrained."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Models(Brightness().eval(), AVENet(NetworkConfig()).eval(), "earmark-000000000000", {})


def write_scene(path: Path, *, picture: bool = True, sound: bool = True, level: float = 0.3) -> Path:
    """Write four seconds of a white square drifting over black, with a tone in SPANS at an amplitude of `level`."""
    with av.open(str(path), "w") as container:
        if picture:
            video = container.add_stream("libx264", rate=FPS, options={"crf": "18", "preset": "ultrafast"})
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if sound:
            audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        if picture:
            for index in range(round(SECONDS * FPS)):
                pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
                x1, y1, x2, y2 = square_at(index / FPS)
                pixels[round(y1 * HEIGHT) : round(y2 * HEIGHT), round(x1 * WIDTH) : round(x2 * WIDTH)] = 255
                container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(video.encode(None))
        if sound:
            t = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
            heard = np.any([(t >= start) & (t < end) for start, end in SPANS], axis=0)
            wave = (level * heard * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, 0
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path
