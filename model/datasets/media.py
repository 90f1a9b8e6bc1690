"""The media of a published dataset, in either of two layouts: frames and sounds cut out, or whole clips."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from model import motion
from model.clips import MEDIA_SUFFIXES
from model.datasets.dataset import DatasetError
from model.motion import Takes
from model.recording import SAMPLE_RATE, audio_second
from model.video import MediaError, decode, probe

FRAME_RATE = 4.0  # frames a second that a moment of a whole clip is chosen from
MOST_SECONDS = 300.0  # of a clip or a sound, a fifth where motion is seen; the published datasets' have 10 to 20
MOST_PIXELS = 64_000_000
_IMAGES = (".jpg", ".jpeg", ".png")


class Media:
    """Finds and decodes the media of a dataset's entries.

    Where the folder has `frames/` and `audio/`, an entry is `frames/<id>.jpg` (or .png) and the second in the middle
    of `audio/<id>.wav`. Otherwise it is a moment of the whole clip `videos/<id>.mp4`, or `<id>.mp4` in the folder
    itself, of any suffix in `MEDIA_SUFFIXES`.

    Attributes:
        folder: the dataset's.
        cut_out: which of the two it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cut_out = (folder / "frames").is_dir() and (folder / "audio").is_dir()
        self._clips = "videos" if (folder / "videos").is_dir() else "."

    def names(self) -> frozenset[str]:
        """What is there, without suffixes; of what was cut out that which has both a frame and a sound."""
        if not self.cut_out:
            return self._names(self._clips, MEDIA_SUFFIXES)
        return self._names("frames", _IMAGES) & self._names("audio", (".wav",))

    def pair(self, name: str, size: int, takes: Takes = "frame") -> tuple[np.ndarray, np.ndarray]:
        """An entry that was cut out: its frame (size, size, 3) uint8, its second (48000,) float32.

        Raises:
            MediaError: either is missing or cannot be used.
            DatasetError: a network that sees motion is to be shown it.
        """
        if takes != "frame":
            raise DatasetError(
                f"{self.folder / 'frames'}: single frames show no motion, which this network sees; give it whole clips."
            )
        picture = self._first("frames", name, _IMAGES)
        sound = self._first("audio", name, (".wav",))
        return _frame(picture, size), _middle_second(sound)

    def moments(
        self, name: str, times: Sequence[float | None], size: int, takes: Takes = "frame"
    ) -> list[tuple[float, np.ndarray, np.ndarray] | None]:
        """Moments of a whole clip.

        Args:
            name: of the clip, without suffix.
            times: seconds from its start; None is its middle. The nearest 1/4 s is taken, or 1/25 s of motion.
            size: pixels a side of the frames.
            takes: what a network is shown of a moment.

        Returns:
            For each time the one taken, what `model.motion.around` tells of it, (size, size, 3) uint8 for a frame, and
            the second of sound with it in its middle (48000,) float32; None where the clip is over by then.

        Raises:
            MediaError: the clip is missing or cannot be used.
        """
        path = self.clip(name)
        rate, most = (FRAME_RATE, MOST_SECONDS) if takes == "frame" else (motion.FRAME_RATE, MOST_SECONDS / 5)
        _check_length(path, most)
        video = decode(path, rate=rate, size=(size, size), max_seconds=most)
        if not len(video.frames) or not len(video.audio):
            raise MediaError(f"{path.name}: to be evaluated it needs both a picture and sound.")
        found: list[tuple[float, np.ndarray, np.ndarray] | None] = []
        for time in times:
            index = round((video.info.duration / 2 if time is None else time) * rate)
            if time is None:
                index = min(index, len(video.frames) - 1)
            if index < len(video.frames):
                taken = index / rate
                found.append((taken, motion.around(takes, video.frames, index), audio_second(video.audio, taken)))
            else:
                found.append(None)
        return found

    def clip(self, name: str) -> Path:
        """The file of a whole clip.

        Raises:
            MediaError: it is missing.
        """
        return self._first(self._clips, name, sorted(MEDIA_SUFFIXES))

    def _names(self, within: str, suffixes: Collection[str]) -> frozenset[str]:
        return frozenset(path.stem for path in (self.folder / within).iterdir() if path.suffix.lower() in suffixes)

    def _first(self, within: str, name: str, suffixes: Sequence[str]) -> Path:
        for suffix in (*suffixes, *map(str.upper, suffixes)):
            path = self.folder / within / f"{name}{suffix}"
            if path.is_file():
                return path
        place = Path(within) / f"{name}{suffixes[0]}"
        raise MediaError(f"{place if len(suffixes) < 4 else Path(within) / name}: no such file.")


def _frame(path: Path, size: int) -> np.ndarray:
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise MediaError(
                    f"{path.name}: a picture of {image.width} x {image.height} pixels is larger than can be used."
                )
            return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"{path.name}: not a picture that can be read ({error}).") from error


def _middle_second(path: Path) -> np.ndarray:
    _check_length(path, MOST_SECONDS)
    audio = decode(path, rate=1.0, size=(1, 1), max_seconds=MOST_SECONDS).audio
    if len(audio) < SAMPLE_RATE:
        raise MediaError(f"{path.name}: less than a second of sound can be decoded.")
    return audio_second(audio, len(audio) / SAMPLE_RATE / 2)


def _check_length(path: Path, most: float) -> None:
    seconds = probe(path).duration
    if seconds > most:
        raise MediaError(f"{path.name}: it lasts {seconds:.0f} s; a clip of such a dataset has at most {most:.0f}.")
