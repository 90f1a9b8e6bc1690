"""Plain videos, of which nothing is known but that their sound and picture belong together."""

import math
from pathlib import Path

import numpy as np

from model import motion
from model.clips import videos_in
from model.datasets.dataset import Choose, Dataset, DatasetError, Excerpt
from model.motion import Takes
from model.recording import audio_second
from model.samples import HALF, SLACK, Sample
from model.video import MediaError, decode

MOST_MOMENTS = 30  # of a video, evenly spread: a long one must not outweigh the others
MOST_SECONDS = 600.0  # of a video that are looked at, a tenth where motion is seen


class PlainVideos(Dataset):
    """The videos of a folder, sampled once a second; silent seconds are among them."""

    title = "unlabelled videos"
    layout = ""
    gives = frozenset()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        try:
            self._paths = videos_in(folder)
        except MediaError as error:
            raise DatasetError(str(error)) from None

    @property
    def classes(self) -> frozenset[str]:
        return frozenset()

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, number: int) -> str:
        return self._paths[number].name

    def load(self, number: int, size: int, takes: Takes = "frame", choose: Choose | None = None) -> Excerpt:
        path = self._paths[number]
        rate, most = (1.0, MOST_SECONDS) if takes == "frame" else (motion.FRAME_RATE, MOST_SECONDS / 10)
        video = decode(path, rate=rate, size=(size, size), max_seconds=most)
        if not len(video.frames) or not len(video.audio):
            raise MediaError(f"{path.name}: to be evaluated it needs both a picture and sound.")
        end = min(video.info.duration, most) + SLACK
        whole = [k for k in range(math.ceil(len(video.frames) / rate)) if HALF <= k <= end - HALF]
        if not whole:
            raise MediaError(f"{path.name}: no frame of it has a whole second of sound around it.")
        spread = np.linspace(0, len(whole) - 1, min(len(whole), MOST_MOMENTS)).round().astype(int)
        taken = [whole[position] for position in spread]
        samples = [Sample(number, k, float(k), classes=(), boxes={}, sounding=frozenset(), steady=True) for k in taken]
        if choose is not None:
            samples = choose(samples)
        frames = motion.moments(takes, video.frames, [round(one.time * rate) for one in samples])
        return Excerpt(samples, frames, np.stack([audio_second(video.audio, one.time) for one in samples]))
