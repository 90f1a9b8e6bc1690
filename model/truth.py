"""What is really in a video: `truth.json`, the labels that evaluation reads and training never opens.

One list, one entry a video::

    {"file": name, "classes": [one per object], "segments": [{"t0": s, "t1": s, "object": index}],
     "boxes": {"<index>": [[x1, y1, x2, y2] in 0..1, one per frame at the file's frame rate; null while not visible]}}

Segments are half-open seconds in which the object sounds. Unknown keys are kept aside, not judged.
"""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "truth.json"
MOST_BYTES = 512 << 20  # some 30,000 videos of 6 s
TOLERANCE = 1e-3  # how far outside 0..1, or the wrong way round, a written coordinate may be by rounding

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in 0..1


class TruthError(ValueError):
    """One sentence naming the entry and the field that is wrong."""


@dataclass(frozen=True)
class Segment:
    """One object sounding, in half-open seconds."""

    start: float
    end: float
    object: int  # index into Truth.classes


@dataclass(frozen=True)
class Truth:
    """The labels of one video."""

    file: str  # name relative to the folder
    classes: list[str]  # one an object, sounding or silent
    segments: list[Segment]
    boxes: dict[int, list[Box | None]]  # by object, one a frame; an object without boxes is missing
    extras: dict[str, Any] = field(default_factory=dict)  # keys this format does not know

    def sounding_at(self, start: float, end: float | None = None) -> list[int]:
        """The objects that sound through the whole of [start, end), or at the instant `start`; in seconds.

        Segments of one object that touch count as one.
        """
        end = start if end is None else end
        return [index for index in range(len(self.classes)) if self._covers(index, start, end)]

    def _covers(self, index: int, start: float, end: float) -> bool:
        reached = start
        for segment in sorted((s for s in self.segments if s.object == index), key=lambda s: s.start):
            if segment.start <= reached + 1e-6 and segment.end > reached:
                reached = segment.end
        return reached > start and reached >= end - 1e-6

    def box_at(self, index: int, time: float, frame_rate: float) -> Box | None:
        """Where an object is in the frame shown at `time` seconds, or None where it is not visible.

        Frame k is shown from k / frame_rate on; times past the last frame show the last.
        """
        track = self.boxes.get(index)
        if not track:
            return None
        return track[min(max(0, math.floor(time * frame_rate + 1e-6)), len(track) - 1)]

    def boxes_at(self, time: float, frame_rate: float) -> dict[int, Box]:
        """The visible objects and their boxes in the frame shown at `time` seconds."""
        found = ((index, self.box_at(index, time, frame_rate)) for index in range(len(self.classes)))
        return {index: box for index, box in found if box is not None}

    def boundary_within(self, start: float, end: float) -> bool:
        """Whether any object begins or ends to sound strictly inside (start, end), in seconds."""
        return any(start < edge < end for segment in self.segments for edge in (segment.start, segment.end))

    def seconds_sounded(self) -> float:
        """The length of the union of all segments, in seconds."""
        return sum(end - start for start, end in union([(s.start, s.end) for s in self.segments]))


def union(intervals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Half-open intervals merged where they overlap or touch, sorted."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def read(folder: Path) -> list[Truth]:
    """The truth of every video of a folder; TruthError if there is none or it is not in this format."""
    path = Path(folder) / FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TruthError(f"{path} is larger than {MOST_BYTES >> 20} MB; split the folder")
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TruthError(f"{path} is missing: a folder to evaluate on holds its videos and a {FILE}") from None
    except (OSError, ValueError) as error:
        raise TruthError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(entries, list):
        raise TruthError(f"{path} must hold a list with one entry a video, not {_kind(entries)}")
    truths = [_entry(entry, f"{path}, entry {number}") for number, entry in enumerate(entries)]
    seen: dict[str, int] = {}
    for number, truth in enumerate(truths):
        if truth.file in seen:
            raise TruthError(f"{path}, entry {number}: file {truth.file!r} is already entry {seen[truth.file]}")
        seen[truth.file] = number
    return truths


def write(folder: Path, truths: Sequence[Truth]) -> Path:
    """Write truth.json, whole or not at all; answer its path."""
    entries = [
        {
            "file": truth.file,
            "classes": truth.classes,
            "segments": [{"t0": s.start, "t1": s.end, "object": s.object} for s in truth.segments],
            "boxes": {str(index): track for index, track in truth.boxes.items()},
            **truth.extras,
        }
        for truth in truths
    ]
    path = Path(folder) / FILE
    part = path.with_name(f".{FILE}.{os.getpid()}.part")
    try:
        # One entry a line: a reader of the file, or of a diff of two, sees videos.
        part.write_text(
            "[\n" + ",\n".join(json.dumps(entry, allow_nan=False) for entry in entries) + "\n]\n", encoding="utf-8"
        )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _entry(entry: Any, where: str) -> Truth:
    if not isinstance(entry, dict):
        raise TruthError(f"{where} must be an object, not {_kind(entry)}")
    file = entry.get("file")
    if not isinstance(file, str) or not file:
        raise TruthError(f"{where}: file must be the name of a video, not {file!r}")
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise TruthError(f"{where}: file {file!r} must lie inside the folder")
    where = f"{where} ({file})"
    classes = entry.get("classes")
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise TruthError(f"{where}: classes must be a list with one name an object, not {_short(classes)}")
    return Truth(
        file=file,
        classes=classes,
        segments=_segments(entry.get("segments"), len(classes), where),
        boxes=_boxes(entry.get("boxes"), len(classes), where),
        extras={key: value for key, value in entry.items() if key not in ("file", "classes", "segments", "boxes")},
    )


def _segments(values: Any, objects: int, where: str) -> list[Segment]:
    if not isinstance(values, list):
        raise TruthError(f"{where}: segments must be a list, not {_kind(values)}")
    segments = []
    for number, value in enumerate(values):
        place = f"{where}: segments[{number}]"
        if not isinstance(value, dict):
            raise TruthError(f"{place} must be an object with t0, t1 and object, not {_short(value)}")
        start, end = _number(value.get("t0"), f"{place}.t0"), _number(value.get("t1"), f"{place}.t1")
        if not -TOLERANCE <= start < end:
            raise TruthError(f"{place} must have 0 <= t0 < t1 in seconds, not t0 = {start:g}, t1 = {end:g}")
        index = value.get("object")
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < objects:
            raise TruthError(f"{place}.object must be the index of one of the {objects} classes, not {_short(index)}")
        segments.append(Segment(max(0.0, start), end, index))
    return segments


def _boxes(values: Any, objects: int, where: str) -> dict[int, list[Box | None]]:
    if not isinstance(values, dict):
        raise TruthError(f"{where}: boxes must be an object keyed by the objects' indices, not {_kind(values)}")
    boxes: dict[int, list[Box | None]] = {}
    for key, track in values.items():
        if not key.isdecimal() or not 0 <= int(key) < objects:
            raise TruthError(
                f"{where}: boxes has the key {key!r}, which is not the index of one of the {objects} classes"
            )
        if not isinstance(track, list):
            raise TruthError(f"{where}: boxes[{key}] must be a list with one box or null a frame, not {_kind(track)}")
        boxes[int(key)] = [
            None if box is None else _box(box, f"{where}: boxes[{key}][{frame}]") for frame, box in enumerate(track)
        ]
    lengths = {len(track) for track in boxes.values()}
    if len(lengths) > 1:
        raise TruthError(f"{where}: boxes must have as many frames for each object, not {sorted(lengths)}")
    return boxes


def _box(value: Any, place: str) -> Box:
    if not isinstance(value, list) or len(value) != 4:
        raise TruthError(f"{place} must be [x1, y1, x2, y2], not {_short(value)}")
    x1, y1, x2, y2 = (_number(part, place) for part in value)
    inside = all(-TOLERANCE <= part <= 1 + TOLERANCE for part in (x1, y1, x2, y2))
    if not inside or x1 > x2 or y1 > y2:
        raise TruthError(f"{place} must have 0 <= x1 <= x2 <= 1 and 0 <= y1 <= y2 <= 1, not {_short(value)}")
    return min(max(x1, 0.0), 1.0), min(max(y1, 0.0), 1.0), min(max(x2, 0.0), 1.0), min(max(y2, 0.0), 1.0)


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TruthError(f"{place} must be a finite number, not {_short(value)}")
    return float(value)


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a string", type(None): "missing or null"}.get(
        type(value), type(value).__name__
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
