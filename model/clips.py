"""The clip caches: decoded videos as JPEG frames and PCM16 sound, quick to draw random seconds from."""

import hashlib
import io
import json
import os
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

import numpy as np
from PIL import Image

from model.recording import SAMPLE_RATE
from model.video import MediaError, Video, decode
from model.workers import spread

# Moments lie on this grid (seconds), as frames of 25 a second do, and audio starts are drawn from it, so that a start
# time tells nothing about whether a pair corresponds (section 3.3, "shortcut prevention").
GRID = 0.04
FRAME_RATE = 5.0
# A little larger than the small network's 112 pixels, so that random crops lose nothing.
FRAME_SIZE = 128
# Frames decoded of one video at most: ten minutes at 5 a second, two at 25. They are held in memory, 50 kB each.
MOST_FRAMES = 3000
_JPEG_QUALITY = 90
MEDIA_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".3gp"})


class AnyClip(Protocol):
    """A decoded video as training draws from it, whatever it shows of a moment."""

    @property
    def audio(self) -> np.ndarray:
        """(S,) int16 mono at 48 kHz."""

    @property
    def steps(self) -> np.ndarray:
        """(M,) whole numbers, at least one: when its moments are, in steps of `GRID`."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""

    def moment(self, index: int) -> np.ndarray:
        """What is shown of the moment at `steps[index]`, uint8, see `model.motion.around`."""


@dataclass(frozen=True)
class Clip:
    """A decoded video as training draws frames from it.

    Attributes:
        key: hash of the media file.
        frames: (T, size, size, 3) uint8, on screen at 0, 1/5, 2/5 .. s.
        audio: (S,) int16 mono at 48 kHz.
    """

    key: str
    frames: np.ndarray
    audio: np.ndarray

    @property
    def steps(self) -> np.ndarray:
        """(T,) when the frames are on screen, in steps of `GRID`."""
        return np.arange(len(self.frames)) * round(1 / FRAME_RATE / GRID)

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return self.frames.nbytes + self.audio.nbytes

    def moment(self, index: int) -> np.ndarray:
        """A frame, (size, size, 3) uint8."""
        return self.frames[index]


AClip = TypeVar("AClip", bound=AnyClip)


class Cache(ABC, Generic[AClip]):
    """A folder of clips, one zip each: audio.pcm, clip.json, and what a kind of clip shows.

    Several processes may add to one folder, and caches of every kind share it: a clip appears whole or not at all.

    Args:
        folder: made if it is not there.
        size: pixels a side that frames are squashed to.
    """

    rate: ClassVar[float]  # frames a second that are decoded
    suffix: ClassVar[str]  # of its files' names, apart from the other kinds'

    def __init__(self, folder: str | Path, *, size: int = FRAME_SIZE) -> None:
        self.folder = Path(folder)
        self.size = size
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, path: str | Path) -> str:
        """Decode a video's first `MOST_FRAMES` frames into the cache, unless it is there, and return its key.

        Raises:
            MediaError: it cannot be decoded, or has no picture or no sound to learn from.
        """
        path = Path(path)
        key = media_key(path)
        target = self._path(key)
        if target.exists():
            return key
        video = decode(path, rate=self.rate, size=(self.size, self.size), max_seconds=MOST_FRAMES / self.rate)
        if not len(video.frames):
            raise MediaError(f"{path.name}: no picture, so there is nothing to learn from it.")
        if len(video.audio) < SAMPLE_RATE:
            raise MediaError(f"{path.name}: less than a second of sound, so there is nothing to learn from it.")
        partial = target.with_suffix(f".{os.getpid()}.partial")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            about = self._write(archive, video)
            archive.writestr("audio.pcm", (np.clip(video.audio, -1, 1) * 32767).astype("<i2").tobytes())
            archive.writestr("clip.json", json.dumps({**about, "size": self.size}))
        partial.replace(target)
        return key

    def holds(self, path: Path) -> bool:
        """Whether a video is in the cache already; False also where it cannot be read."""
        try:
            return self._path(media_key(path)).exists()
        except OSError:
            return False

    def load(self, key: str) -> AClip:
        """Read a clip.

        Raises:
            KeyError: the cache does not hold it.
        """
        path = self._path(key)
        if not path.exists():
            raise KeyError(f"the clip cache {self.folder} holds no clip {key}")
        with zipfile.ZipFile(path) as archive:
            return self._read(archive, json.loads(archive.read("clip.json")), key)

    @abstractmethod
    def _write(self, archive: zipfile.ZipFile, video: Video) -> dict:
        """Put what is shown into the archive; what `_read` must know goes into its clip.json."""

    @abstractmethod
    def _read(self, archive: zipfile.ZipFile, about: dict, key: str) -> AClip:
        """The clip that `_write` wrote, `about` being its clip.json."""

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}-{self.size}{self.suffix}.zip"


class ClipCache(Cache[Clip]):
    """Clips of five frames a second, which are decoded when a clip is read: 000000.jpg .."""

    rate = FRAME_RATE
    suffix = ""

    def _write(self, archive: zipfile.ZipFile, video: Video) -> dict:
        write_frames(archive, video.frames)
        return {"frames": len(video.frames)}

    def _read(self, archive: zipfile.ZipFile, about: dict, key: str) -> Clip:
        frames = np.empty((about["frames"], self.size, self.size, 3), np.uint8)
        for index, jpeg in enumerate(read_jpegs(archive, len(frames))):
            frames[index] = from_jpeg(jpeg)
        # Sound after the frames: the other way round the allocator makes reading them a third slower.
        return Clip(key, frames, read_audio(archive))


def read_audio(archive: zipfile.ZipFile) -> np.ndarray:
    """The sound of a clip's archive, (S,) int16."""
    return np.frombuffer(archive.read("audio.pcm"), "<i2")


def write_frames(archive: zipfile.ZipFile, frames: np.ndarray) -> None:
    """Put frames (n, h, w, 3) uint8 into a clip's archive as 000000.jpg .."""
    for index, frame in enumerate(frames):
        archive.writestr(f"{index:06d}.jpg", to_jpeg(frame))


def read_jpegs(archive: zipfile.ZipFile, count: int) -> Iterator[bytes]:
    """The first `count` of these frames, still compressed."""
    return (archive.read(f"{index:06d}.jpg") for index in range(count))


def to_jpeg(frame: np.ndarray) -> bytes:
    """A frame (h, w, 3) uint8 as caches hold it."""
    jpeg = io.BytesIO()
    Image.fromarray(frame).save(jpeg, "JPEG", quality=_JPEG_QUALITY)
    return jpeg.getvalue()


def from_jpeg(jpeg: bytes) -> np.ndarray:
    """A frame, (h, w, 3) uint8."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image)


def media_key(path: str | Path) -> str:
    """A media file's name in the cache: the first 20 hexadecimal digits of its SHA-256."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:20]


def videos_in(folder: str | Path) -> list[Path]:
    """The media files of a folder, by name, links that lead nowhere too, so that they are told of; nothing else in it.

    Raises:
        MediaError: it is no folder, or holds no video.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MediaError(f"{folder}: no such folder.")
    videos = sorted(
        p for p in folder.iterdir() if p.suffix.lower() in MEDIA_SUFFIXES and (p.is_file() or not p.exists())
    )
    if not videos:
        raise MediaError(f"{folder}: no video in it (looked for {', '.join(sorted(MEDIA_SUFFIXES))}).")
    return videos


def fill(
    cache: Cache,
    paths: Iterable[Path],
    *,
    processes: int | None = None,
    on_done: Callable[[Path, str | None], None] = lambda _path, _reason: None,
) -> list[str]:
    """Decode many videos into the cache, in parallel; a bad one is reported and passed over.

    Args:
        cache: where to put them.
        paths: the videos.
        processes: how many decode at once; by default one a core.
        on_done: called after each video with its path and the reason it was passed over, or None; what it raises ends
            the decoding.

    Returns:
        The keys of those that decoded, in the order of `paths`, each once.
    """
    paths = list(paths)
    keys: dict[str, None] = {}
    with closing(spread(_add, [(cache, path) for path in paths], workers=processes)) as added:
        for path, (key, reason) in zip(paths, added, strict=True):
            if key is not None:
                keys[key] = None
            on_done(path, reason)
    return list(keys)


def _add(cache: Cache, path: Path) -> tuple[str | None, str | None]:
    try:
        return cache.add(path), None
    except (MediaError, OSError) as error:
        return None, str(error)
