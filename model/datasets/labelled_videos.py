"""Videos with a `truth.json` (`model.truth`): what `earmark world` writes, or anything labelled like it."""

from pathlib import Path

import numpy as np

from model import motion, truth
from model.datasets.dataset import Choose, Dataset, Excerpt, whole_seconds
from model.motion import Takes
from model.recording import audio_second
from model.samples import samples_of
from model.video import MediaError, decode

RATE = 4.0  # samples a second, one where motion is seen: seconds sounded in view are what is scarce


class LabelledVideos(Dataset):
    """The videos of `truth.json`, sampled wherever something labelled sounds through the second.

    Raises:
        model.truth.TruthError: `truth.json` is malformed.
    """

    title = "labelled videos"
    layout = truth.FILE
    gives = frozenset({"boxes", "classes"})

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._truths = truth.read(folder)

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(name for labels in self._truths for name in labels.classes if name)

    def __len__(self) -> int:
        return len(self._truths)

    def name(self, number: int) -> str:
        return self._truths[number].file

    def load(self, number: int, size: int, takes: Takes = "frame", choose: Choose | None = None) -> Excerpt:
        labels = self._truths[number]
        rate = RATE if takes == "frame" else motion.FRAME_RATE
        video = decode(self.folder / labels.file, rate=rate, size=(size, size))
        if not len(video.frames) or not len(video.audio) or not video.info.frame_rate:
            raise MediaError(f"{labels.file}: to be evaluated it needs both a picture and sound.")
        samples = samples_of(labels, video, number=number, rate=rate)
        if choose is not None:
            samples = choose(samples)
        elif takes != "frame":  # flow is slow
            samples = whole_seconds(samples)
        seconds = [audio_second(video.audio, sample.time) for sample in samples]
        return Excerpt(
            samples,
            motion.moments(takes, video.frames, [sample.index for sample in samples]),
            np.stack(seconds) if seconds else np.zeros((0, 0), np.float32),
        )
