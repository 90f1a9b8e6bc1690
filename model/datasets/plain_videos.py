"""Plain videos, of which nothing is known but that their sound and picture belong together."""

from pathlib import Path

import numpy as np

from model.clips import videos_in
from model.datasets.dataset import Dataset, DatasetError, Excerpt
from model.samples import HALF, SLACK, Sample
from model.video import MediaError, audio_second, decode

MOST_MOMENTS = 30  # of a video, evenly spread: a long one must not outweigh the others
MOST_SECONDS = 600.0  # of a video that are looked at


class PlainVideos(Dataset):
    """The videos of a folder, sampled once a second; silent seconds are among them."""

    title = "unlabelled videos"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        try:
            self._paths = videos_in(folder)
        except MediaError as error:
            raise DatasetError(str(error)) from None

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, number: int) -> str:
        return self._paths[number].name

    def load(self, number: int, size: int) -> Excerpt:
        path = self._paths[number]
        video = decode(path, rate=1.0, size=(size, size), max_seconds=MOST_SECONDS)
        if not len(video.frames) or not len(video.audio):
            raise MediaError(f"{path.name}: to be evaluated it needs both a picture and sound.")
        end = min(video.info.duration, MOST_SECONDS) + SLACK
        whole = [k for k in range(len(video.frames)) if HALF <= k <= end - HALF]
        if not whole:
            raise MediaError(f"{path.name}: no frame of it has a whole second of sound around it.")
        spread = np.linspace(0, len(whole) - 1, min(len(whole), MOST_MOMENTS)).round().astype(int)
        taken = [whole[position] for position in spread]
        samples = [Sample(number, k, float(k), classes=(), boxes={}, sounding=frozenset(), steady=True) for k in taken]
        return Excerpt(samples, video.frames[taken], np.stack([audio_second(video.audio, k) for k in taken]))
