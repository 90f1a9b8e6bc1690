"""The clip cache: decoded videos as JPEG frames and PCM16 sound, quick to draw random seconds from."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.video import SAMPLE_RATE, MediaError, decode
from model.workers import spread

# Frames lie on the .04 s grid that training draws its audio starts from.
FRAME_RATE = 5.0
# A little larger than the small network's 112 pixels, so that random crops lose nothing.
FRAME_SIZE = 128
_JPEG_QUALITY = 90
MEDIA_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".3gp"})


@dataclass(frozen=True)
class Clip:
    """A decoded video as training draws from it.

    Attributes:
        key: hash of the media file.
        frames: (T, size, size, 3) uint8, on screen at 0, 1/5, 2/5 .. s.
        audio: (S,) int16 mono at 48 kHz.
    """

    key: str
    frames: np.ndarray
    audio: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return self.frames.nbytes + self.audio.nbytes


class ClipCache:
    """A folder of clips, one uncompressed zip each: 0000.jpg .., audio.pcm, clip.json.

    Several processes may add to one folder: a clip appears whole or not at all.
    """

    def __init__(self, folder: str | Path, *, size: int = FRAME_SIZE) -> None:
        self.folder = Path(folder)
        self.size = size
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, path: str | Path, *, max_seconds: float = 600.0) -> str:
        """Decode a video into the cache, unless it is there, and return its key.

        Raises:
            MediaError: it cannot be decoded, or has no picture or no sound to learn from.
        """
        path = Path(path)
        key = media_key(path)
        target = self._path(key)
        if target.exists():
            return key
        video = decode(path, rate=FRAME_RATE, size=(self.size, self.size), max_seconds=max_seconds)
        if not len(video.frames):
            raise MediaError(f"{path.name}: no picture, so there is nothing to learn from it.")
        if len(video.audio) < SAMPLE_RATE:
            raise MediaError(f"{path.name}: less than a second of sound, so there is nothing to learn from it.")
        partial = target.with_suffix(f".{os.getpid()}.partial")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for index, frame in enumerate(video.frames):
                jpeg = io.BytesIO()
                Image.fromarray(frame).save(jpeg, "JPEG", quality=_JPEG_QUALITY)
                archive.writestr(f"{index:06d}.jpg", jpeg.getvalue())
            archive.writestr("audio.pcm", (np.clip(video.audio, -1, 1) * 32767).astype("<i2").tobytes())
            archive.writestr("clip.json", json.dumps({"frames": len(video.frames), "size": self.size}))
        partial.replace(target)
        return key

    def load(self, key: str) -> Clip:
        """Read a clip.

        Raises:
            KeyError: the cache does not hold it.
        """
        path = self._path(key)
        if not path.exists():
            raise KeyError(f"the clip cache {self.folder} holds no clip {key}")
        with zipfile.ZipFile(path) as archive:
            count = json.loads(archive.read("clip.json"))["frames"]
            frames = np.empty((count, self.size, self.size, 3), np.uint8)
            for index in range(count):
                with Image.open(io.BytesIO(archive.read(f"{index:06d}.jpg"))) as image:
                    frames[index] = np.asarray(image)
            audio = np.frombuffer(archive.read("audio.pcm"), "<i2")
        return Clip(key, frames, audio)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}-{self.size}.zip"


def media_key(path: str | Path) -> str:
    """A media file's name in the cache: the first 20 hexadecimal digits of its SHA-256."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:20]


def videos_in(folder: str | Path) -> list[Path]:
    """The media files of a folder, by name; nothing else in it is looked at.

    Raises:
        MediaError: it is no folder, or holds no video.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MediaError(f"{folder}: no such folder.")
    videos = sorted(p for p in folder.iterdir() if p.suffix.lower() in MEDIA_SUFFIXES and p.is_file())
    if not videos:
        raise MediaError(f"{folder}: no video in it (looked for {', '.join(sorted(MEDIA_SUFFIXES))}).")
    return videos


def fill(
    cache: ClipCache,
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
        on_done: called after each video with its path and the reason it was passed over, or None.

    Returns:
        The keys of those that decoded, in the order of `paths`, each once.
    """
    paths = list(paths)
    keys: dict[str, None] = {}
    added = spread(_add, [(cache, path) for path in paths], workers=processes)
    for path, (key, reason) in zip(paths, added, strict=True):
        if key is not None:
            keys[key] = None
        on_done(path, reason)
    return list(keys)


def _add(cache: ClipCache, path: Path) -> tuple[str | None, str | None]:
    try:
        return cache.add(path), None
    except (MediaError, OSError) as error:
        return None, str(error)
