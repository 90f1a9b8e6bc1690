"""AudioSet (Gemmeke et al., ICASSP 2017): a segments CSV, ontology.json, and whatever media the user could get.

The folder holds one `*segments*.csv` with the columns YTID, start, end, "class ids", ontology.json, and media, either
as videos, in the folder or in `videos/`, or as `frames/<id>.jpg` with `audio/<id>.wav`. An id is the YTID, or the YTID
and the start of the segment, in seconds (`_30`, `_000030`) or milliseconds (`_30000`, `_30000_40000`).
"""

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model import motion
from model.datasets.dataset import Choose, Dataset, DatasetError, Excerpt, Skipped, whole_seconds
from model.datasets.media import FRAME_RATE, Media
from model.motion import Takes
from model.ontology import Ontology
from model.recording import SAMPLE_RATE, audio_second
from model.samples import HALF, SLACK, Sample
from model.video import MediaError, decode, probe

ONTOLOGY = "ontology.json"
# AudioSet-Instruments, the 110 classes of "Objects that Sound", are those below these three.
SUBTREES = ("Musical instrument", "Singing", "Tools")
MOST_BYTES = 2**30  # the largest of AudioSet's own, of two million segments, has 100 MB
WHOLE = (0.0, 0.0, 1.0, 1.0)  # the box of the frame: that is where the labels say something is
_YTID = re.compile(r"[A-Za-z0-9_-]{11}")
_MARGIN = 2.0  # s: a file longer than its segment by more than this is the whole video


@dataclass(frozen=True)
class Segment:
    """A labelled stretch of a video.

    Attributes:
        media: name of the video, or of the still and the sound, without suffix.
        ytid: the video on YouTube.
        start: seconds into it.
        end: likewise.
        classes: ids of its classes, all of them said of its picture and of its sound.
    """

    media: str
    ytid: str
    start: float
    end: float
    classes: tuple[str, ...]


class AudioSet(Dataset):
    """The segments of a folder whose media are there, with those of their classes that are in the three subtrees.

    Segments without such a class are not part of the dataset; those without media, and malformed lines, are skipped,
    the former in one entry, for a user rarely has them all. A segment is sampled at its whole seconds; a still has the
    middle of its sound.

    Raises:
        DatasetError: there are several segments CSVs, or no segment can be used.
        model.ontology.OntologyError: the ontology has not the three subtrees.
    """

    title = "AudioSet"
    layout = "*segments*.csv"
    gives = frozenset({"classes"})

    def __init__(self, folder: Path, ontology: Ontology) -> None:
        super().__init__(folder)
        self.ontology = ontology
        self._media = Media(folder)
        self.segments, self.skipped = _read(_segments_file(folder), ontology, self._media.names())
        self._sources = {ytid: k for k, ytid in enumerate(dict.fromkeys(one.ytid for one in self.segments))}

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(name for segment in self.segments for name in segment.classes)

    def __len__(self) -> int:
        return len(self.segments)

    def name(self, number: int) -> str:
        return self.segments[number].media

    def load(self, number: int, size: int, takes: Takes = "frame", choose: Choose | None = None) -> Excerpt:
        segment = self.segments[number]
        if self._media.cut_out:
            frame, second = self._media.pair(segment.media, size, takes)
            samples = [self._sample(segment, 0.0)]
            return Excerpt(samples if choose is None else choose(samples), frame[None], second[None])
        path = self._media.clip(segment.media)
        rate = FRAME_RATE if takes == "frame" else motion.FRAME_RATE
        samples = [self._sample(segment, float(time)) for time in _times(segment, path, rate)]
        samples = choose(samples) if choose is not None else whole_seconds(samples) or samples[len(samples) // 2 :][:1]
        # Only around them: the whole video may last for hours.
        begin = math.floor(min(sample.time for sample in samples) - HALF)
        length = max(sample.time for sample in samples) + 2 * HALF - begin
        video = decode(path, rate=rate, size=(size, size), begin=begin, max_seconds=length)
        found = [(one, index) for one in samples if (index := round((one.time - begin) * rate)) < len(video.frames)]
        if not found or len(video.audio) < SAMPLE_RATE:
            raise MediaError(f"{path.name}: no picture or no second of sound where its labels are.")
        return Excerpt(
            [sample for sample, _ in found],
            motion.moments(takes, video.frames, [index for _, index in found]),
            np.stack([audio_second(video.audio, sample.time - begin) for sample, _ in found]),
        )

    def _sample(self, segment: Segment, time: float) -> Sample:
        objects = range(len(segment.classes))
        return Sample(
            video=self._sources[segment.ytid],
            index=0,
            time=time,
            classes=segment.classes,
            boxes=dict.fromkeys(objects, WHOLE),
            sounding=frozenset(objects),
            steady=True,
            localized=False,
        )


def _times(segment: Segment, path: Path, rate: float) -> np.ndarray:
    """The moments of a file, in its seconds, whose second lies in the segment."""
    duration = probe(path).duration
    whole = duration > segment.end - segment.start + _MARGIN
    first, last = (segment.start, min(segment.end, duration)) if whole else (0.0, duration)
    times = np.arange(math.ceil((first + HALF) * rate), math.floor((last - HALF + SLACK) * rate) + 1) / rate
    if not len(times):
        stretch = f"{segment.start:g}-{segment.end:g} s"
        raise MediaError(f"{path.name}: not one second of the segment {stretch} is in it.")
    return times


def _segments_file(folder: Path) -> Path:
    found = sorted(folder.glob(AudioSet.layout))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or f"no {AudioSet.layout}"
        raise DatasetError(f"{folder}: it holds {names}; leave the one that belongs to its media.")
    return found[0]


def _read(path: Path, ontology: Ontology, media: frozenset[str]) -> tuple[list[Segment], list[Skipped]]:
    if path.stat().st_size > MOST_BYTES:
        raise DatasetError(f"{path}: larger than {MOST_BYTES >> 20} MB, so it is no list of segments.")
    wanted = frozenset().union(*(ontology.subtree(name) for name in SUBTREES))
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
        found = next((name for name in _names(ytid, start, end) if name in media), None)
        if found is None:
            absent.append(ytid)
        else:
            segments.append(Segment(found, ytid, start, end, tuple(sorted(classes & wanted))))
    if absent:
        some = ", ".join(absent[:3]) + (", .." if len(absent) > 3 else "")
        reason = f"{path.name}: {len(absent)} of its {len(seen)} segments have no media in the folder ({some})."
        skipped.append(Skipped(path.name, reason))
    if not segments:
        raise DatasetError(
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


def _parsed(row: Sequence[str], ontology: Ontology) -> tuple[str, float, float, frozenset[str]]:
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
