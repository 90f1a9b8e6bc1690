"""AudioSet (Gemmeke et al., ICASSP 2017): a segments CSV, ontology.json, and whatever media the user could get.

The folder holds one `*segments*.csv` with the columns YTID, start, end, "class ids", ontology.json, and media, either
as videos, in the folder or in `videos/`, or as `frames/<id>.jpg` with `audio/<id>.wav`. An id is the YTID, or the YTID
and the start of the segment, in seconds (`_30`, `_000030`) or milliseconds (`_30000`, `_30000_40000`).
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from model.clips import MEDIA_SUFFIXES
from model.datasets import Skipped
from model.evaluation.retrieval.moments import RATE, Moment
from model.evaluation.retrieval.relevance import Labels
from model.frontends.log_power import SAMPLE_RATE
from model.ontology import Ontology
from model.samples import HALF
from model.video import MediaError, audio_second, decode, probe

# AudioSet-Instruments, the 110 classes of "Objects that Sound", are those below these three.
SUBTREES = ("Musical instrument", "Singing", "Tools")
MOST_BYTES = 2**30  # the largest of AudioSet's own, of two million segments, has 100 MB
MOST_PIXELS = 8192 * 8192
PICTURES = (".jpg", ".jpeg", ".png")
_YTID = re.compile(r"[A-Za-z0-9_-]{11}")
_MARGIN = 2.0  # s: a file longer than its segment by more than this is the whole video


class AudioSetError(ValueError):
    """A folder that cannot be read as AudioSet, in one sentence."""


@dataclass(frozen=True)
class Segment:
    """A labelled stretch of a video.

    Attributes:
        media: the video, or the still and the sound.
        start: seconds into the video on YouTube.
        end: likewise.
        classes: ids of its classes, all of them said of its picture and of its sound.
    """

    media: Path | tuple[Path, Path]
    start: float
    end: float
    classes: Labels

    @property
    def name(self) -> str:
        """The file's."""
        return (self.media if isinstance(self.media, Path) else self.media[0]).name

    def moments(self, rng: np.random.Generator, *, size: int, most: int, moving: bool = False) -> list[Moment]:
        """Moments on a grid of .25 s inside the segment; of a still there is one, with the middle of the sound.

        Raises:
            MediaError: nothing of the segment can be used, or it should be moving, which is not read of AudioSet.
        """
        if moving:
            raise MediaError(f"{self.name}: networks that see motion are measured on folders with truth.json alone.")
        if not isinstance(self.media, Path):
            return [self._still(*self.media, size)]
        duration = probe(self.media).duration
        whole = duration > self.end - self.start + _MARGIN
        first, last = (self.start, min(self.end, duration)) if whole else (0.0, duration)
        # A hair inside the file's end: what a container says of its length is rounded.
        times = np.arange(math.ceil((first + HALF) * RATE), math.floor((last - HALF + 1e-6) * RATE) + 1) / RATE
        if not len(times):
            raise MediaError(f"{self.name}: not one second of the segment {self.start:g}-{self.end:g} s is in it.")
        return [self._moment(self.media, float(time), size) for time in rng.permutation(times)[:most]]

    def _moment(self, path: Path, time: float, size: int) -> Moment:
        # Sampled at 0 and at the time wanted: of a long video nothing else need be kept.
        video = decode(path, rate=1 / time, size=(size, size), max_seconds=time + 2 * HALF)
        if len(video.frames) < 2 or len(video.audio) < SAMPLE_RATE:
            raise MediaError(f"{self.name}: no picture or no second of sound at {time:g} s.")
        return Moment(video.frames[1].copy(), audio_second(video.audio, time).copy(), self.classes, self.classes)

    def _still(self, frame: Path, sound: Path, size: int) -> Moment:
        try:
            with Image.open(frame) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise MediaError(f"{frame.name}: a picture of {image.width} x {image.height} pixels is too large.")
                image.draft("RGB", (size, size))
                picture = np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            if isinstance(error, MediaError):
                raise
            raise MediaError(f"{frame.name}: not a picture that can be read ({error}).") from None
        audio = decode(sound, rate=1.0, size=(size, size)).audio
        if len(audio) < SAMPLE_RATE:
            raise MediaError(f"{sound.name}: less than a second of sound.")
        return Moment(picture, audio_second(audio, len(audio) / SAMPLE_RATE / 2).copy(), self.classes, self.classes)


def segments_file(folder: Path) -> Path | None:
    """The folder's only segments CSV, or None where it has none.

    Raises:
        AudioSetError: it has several.
    """
    found = sorted(path for path in folder.glob("*.csv") if "segments" in path.name)
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise AudioSetError(f"{folder}: it holds {names}; leave the one that belongs to its media.")
    return found[0] if found else None


def read(folder: Path, ontology: Ontology) -> tuple[list[Segment], list[Skipped]]:
    """The segments of a folder whose media are there, with those of their classes that are in the three subtrees.

    Segments without such a class are not part of the dataset; those without media, and malformed lines, are skipped,
    the former in one entry, for a user rarely has them all.

    Raises:
        AudioSetError: there is no segments CSV, or no segment of it can be used.
        model.ontology.OntologyError: the ontology has not the three subtrees.
    """
    path = segments_file(folder)
    if path is None:
        raise AudioSetError(f"{folder}: no *segments*.csv in it.")
    if path.stat().st_size > MOST_BYTES:
        raise AudioSetError(f"{path}: larger than {MOST_BYTES >> 20} MB, so it is no list of segments.")
    wanted = frozenset().union(*(ontology.subtree(name) for name in SUBTREES))
    media = _media(folder)
    segments: list[Segment] = []
    skipped: list[Skipped] = []
    absent: list[str] = []
    seen: set[tuple[str, float]] = set()
    for place, row in _rows(path):
        try:
            ytid, start, end, classes = _parsed(row, ontology)
        except ValueError as error:
            skipped.append(Skipped(path.name, f"{place}: {error}."))
            continue
        if not classes & wanted:
            continue
        if (ytid, start) in seen:
            skipped.append(Skipped(path.name, f"{place}: the segment of {ytid} from {start:g} s is there twice."))
            continue
        seen.add((ytid, start))
        found = next((media[name] for name in _names(ytid, start, end) if name in media), None)
        if found is None:
            absent.append(ytid)
        else:
            segments.append(Segment(found, start, end, classes & wanted))
    if absent:
        some = ", ".join(absent[:3]) + (", .." if len(absent) > 3 else "")
        reason = f"{path.name}: {len(absent)} of its {len(seen)} segments have no media in the folder ({some})."
        skipped.append(Skipped(path.name, reason))
    if not segments:
        raise AudioSetError(
            f"{path}: no segment with both media in the folder and a class under {', '.join(SUBTREES)}"
            + (f"; the first thing wrong is: {skipped[0].reason}" if skipped else ".")
        )
    return segments, skipped


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each line that is no comment, with what to call it."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True, strict=True)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                row = []
            else:
                if not row or row[0].startswith("#"):
                    continue
            yield f"{path.name}, line {reader.line_num}", row


def _parsed(row: Sequence[str], ontology: Ontology) -> tuple[str, float, float, Labels]:
    """YTID, start, end and classes; ValueError says what is wrong."""
    if len(row) != 4:
        raise ValueError('a segment is YTID, start, end, "class ids"')
    ytid, labels = row[0], row[3]
    if not _YTID.fullmatch(ytid):
        raise ValueError(f"{ytid[:40]!r} is no YouTube id")
    try:
        start, end = float(row[1]), float(row[2])
    except ValueError:
        start = end = math.nan
    if not 0 <= start < end <= 1e6:
        raise ValueError(f"{row[1][:20]!r} to {row[2][:20]!r} are no seconds of a segment")
    classes = frozenset(filter(None, (label.strip() for label in labels.split(","))))
    unknown = sorted(classes - ontology.names.keys())
    if unknown or not classes:
        raise ValueError(f"the ontology has no class {unknown[0][:40]!r}" if unknown else "no class")
    return ytid, start, end, classes


def _names(ytid: str, start: float, end: float) -> Iterator[str]:
    """What a segment's media may be called, the most definite first."""
    from_ms, to_ms = round(start * 1000), round(end * 1000)
    yield from (f"{ytid}_{from_ms}_{to_ms}", f"{ytid}_{from_ms}", f"{ytid}_{int(start):06d}", f"{ytid}_{start:g}")
    yield ytid


def _media(folder: Path) -> Mapping[str, Path | tuple[Path, Path]]:
    """The folder's media by name without suffix."""
    found: dict[str, Path | tuple[Path, Path]] = {}
    frames, sounds = folder / "frames", folder / "audio"
    if frames.is_dir() and sounds.is_dir():
        for frame in sorted(frames.iterdir()):
            sound = sounds / f"{frame.stem}.wav"
            if frame.suffix.lower() in PICTURES and sound.is_file():
                found[frame.stem] = (frame, sound)
    for place in (folder / "videos", folder):
        if place.is_dir():
            found.update((path.stem, path) for path in sorted(place.iterdir()) if path.suffix.lower() in MEDIA_SUFFIXES)
    return found
