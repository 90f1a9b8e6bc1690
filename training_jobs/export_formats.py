"""The formats of an export: accepted annotations as other programs read them."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from label_config.regions import Box, BoxRegion, StillBox
from training_jobs.accepted import Accepted, LeftOut

SPLITS = ("train", "validation", "test")
SAME = 0.8  # intersection over union from which two segments of a label are one: waveforms do not count in frames
MEDIA = "videos"  # folder of each split's media; `model.datasets` looks for them there
SOUNDS = "sounds"  # folder of each split's other sounds, which pictures and videos were asked about
ANOTHER_SOUND = "its boxes are what would make another sound, not what sounds in it."


@dataclass(frozen=True)
class Example:
    """One accepted annotation and its place in the export.

    Attributes:
        accepted: what people submitted.
        split: one of SPLITS.
        name: of its media file, with suffix.
        sound_name: likewise of the other file whose sound it was asked about; None without one.
    """

    accepted: Accepted
    split: str
    name: str
    sound_name: str | None = None

    @property
    def file(self) -> str:
        """Its media relative to the export's folder."""
        return f"{self.split}/{MEDIA}/{self.name}"

    @property
    def sound_file(self) -> str | None:
        """Its other sound likewise."""
        return None if self.sound_name is None else f"{self.split}/{SOUNDS}/{self.sound_name}"


@dataclass(frozen=True)
class Written:
    """What a format makes of the examples.

    Attributes:
        texts: content by file name relative to the export's folder.
        used: the examples that are in it.
        left_out: the others, and why.
    """

    texts: dict[str, str]
    used: list[Example]
    left_out: list[LeftOut]


def vggss(examples: Sequence[Example]) -> Written:
    """`<split>/vggss.json` as VGG-SS publishes its labels: one entry a video, the boxes on its middle frame.

    An entry is `{"file": clip's name, "class": name, "bbox": [[x1, y1, x2, y2] in 0..1, ...]}`. The class is the
    clip's choice, or the commonest label of the boxes where none was chosen.
    """
    entries: dict[str, list[Any]] = {split: [] for split in SPLITS}
    used, left_out = [], []
    for example in examples:
        one = example.accepted
        if one.is_image:
            left_out.append(LeftOut(one.task, "it is an image, and VGG-SS labels the middle frame of a video."))
            continue
        if one.sound is not None:
            left_out.append(LeftOut(one.task, ANOTHER_SOUND))
            continue
        shown = [(region, one.box_at(region, one.info.duration / 2)) for region in one.regions.boxes]
        boxes = [(one.label_of(region), box) for region, box in shown if box is not None and _has_area(box)]
        if not boxes:
            left_out.append(LeftOut(one.task, "it has no box in the middle of the video, which VGG-SS labels."))
            continue
        [(commonest, _)] = Counter(label for label, _ in boxes).most_common(1)
        entries[example.split].append(
            {
                "file": PurePosixPath(example.name).stem,
                "class": one.regions.choice or commonest,
                "bbox": [[round(edge, 6) for edge in box] for _, box in boxes],
            }
        )
        used.append(example)
    texts = {f"{split}/vggss.json": _lines(found) for split, found in entries.items() if found}
    return Written(texts, used, left_out)


def coco_video(examples: Sequence[Example]) -> Written:
    """`<split>/annotations.json` in the form of YouTube-VIS: videos, categories, and an annotation an instance.

    An annotation has one entry a frame in `bboxes` ([x, y, width, height] in pixels of the displayed picture, null
    where the box is gone) and `areas`. Frame k, from 0, is the one shown at (k + .5) / `fps` seconds of the video. An
    image is a video of one frame. Annotations without any box are videos in which nothing sounds. A video or image that
    was asked about another sound names its file under `sound`.
    """
    documents = {split: _CocoVideo() for split in SPLITS}
    for example in examples:
        documents[example.split].add(example)
    texts = {f"{split}/annotations.json": document.text() for split, document in documents.items() if document.videos}
    return Written(texts, list(examples), [])


def segments_csv(examples: Sequence[Example]) -> Written:
    """`segments.csv`: file, start, end, label, split; half-open seconds in which something sounds.

    From the time segments of an annotation; where it has none, from the times in which its boxes are there. A segment
    that only says that something sounds has the labels of the boxes that are there meanwhile, each for its time.
    """
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("file", "start", "end", "label", "split"))
    used, left_out = [], []
    for example in examples:
        one = example.accepted
        if one.is_image:
            left_out.append(LeftOut(one.task, "it is an image, which has no time to segment."))
            continue
        if one.sound is not None:
            left_out.append(LeftOut(one.task, ANOTHER_SOUND))
            continue
        named = [
            (start, end, one.label_of(box))
            for box in one.regions.boxes
            if one.is_named(box)
            for start, end in one.spans_of(box)
        ]
        found: list[tuple[float, float, str]] = []
        for span in one.regions.spans:
            meanwhile = [] if one.is_named(span) else within(named, span.start, span.end)
            found += meanwhile or [(span.start, span.end, one.label_of(span))]
        if not one.regions.spans:
            found = [(*times, one.label_of(box)) for box in one.regions.boxes for times in one.spans_of(box)]
        if not found:
            left_out.append(LeftOut(one.task, "no region of it says when something sounds."))
            continue
        rows.writerows(
            (example.file, f"{start:.3f}", f"{end:.3f}", label, example.split)
            for start, end, label in once(sorted(found))
        )
        used.append(example)
    return Written({"segments.csv": table.getvalue()}, used, left_out)


def once(found: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Labelled times, each told once: a config may show the same segment on the video and on its waveform."""
    kept: list[tuple[float, float, str]] = []
    for start, end, label in found:
        if not any(label == name and _overlap((start, end), (first, last)) >= SAME for first, last, name in kept):
            kept.append((start, end, label))
    return kept


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


def within(found: Sequence[tuple[float, float, str]], start: float, end: float) -> list[tuple[float, float, str]]:
    """What of these labelled times lies between two others, each shortened to them."""
    cut = [(max(start, first), min(end, last), label) for first, last, label in found]
    return [one for one in cut if one[0] < one[1]]


FORMATS: dict[str, Callable[[Sequence[Example]], Written]] = {
    "vggss": vggss,
    "coco-video": coco_video,
    "segments-csv": segments_csv,
}


class _CocoVideo:
    """The document of one split."""

    def __init__(self) -> None:
        self.videos: list[dict[str, Any]] = []
        self.annotations: list[dict[str, Any]] = []
        self.categories: dict[str, int] = {}

    def add(self, example: Example) -> None:
        one = example.accepted
        rate, length = one.info.frame_rate, 1
        if not one.is_image:
            rate = rate or one.frame_rate  # a file that does not say
            length = max(1, round(one.info.duration * rate))
        video = {
            "id": len(self.videos) + 1,
            "file_name": f"{MEDIA}/{example.name}",
            "width": one.info.width,
            "height": one.info.height,
            "length": length,
            "fps": None if one.is_image else round(rate, 6),
            "seconds": round(one.info.duration, 6),
            "task": one.task,
        }
        if example.sound_name is not None:
            video["sound"] = f"{SOUNDS}/{example.sound_name}"
        self.videos.append(video)
        times = [(frame + 0.5) / rate for frame in range(length)] if rate else []
        regions: list[BoxRegion | StillBox] = [*one.regions.boxes, *one.regions.stills]
        for instance, region in enumerate(regions, 1):
            if isinstance(region, StillBox):
                track: list[Box | None] = [region.box] if one.is_image else []
            else:
                track = [one.box_at(region, time) for time in times]
            if any(track):
                self._add_instance(video, instance, one.label_of(region), track)

    def _add_instance(self, video: dict[str, Any], instance: int, label: str, track: Sequence[Box | None]) -> None:
        width, height = video["width"], video["height"]
        pixels = [
            box and [box[0] * width, box[1] * height, (box[2] - box[0]) * width, (box[3] - box[1]) * height]
            for box in track
        ]
        self.annotations.append(
            {
                "id": len(self.annotations) + 1,
                "video_id": video["id"],
                "instance_id": instance,
                "category_id": self.categories.setdefault(label, len(self.categories) + 1),
                "iscrowd": 0,
                "width": width,
                "height": height,
                "bboxes": [box and [round(edge, 2) for edge in box] for box in pixels],
                "areas": [box and round(box[2] * box[3], 2) for box in pixels],
            }
        )

    def text(self) -> str:
        categories = [{"id": number, "name": name, "supercategory": ""} for name, number in self.categories.items()]
        document = {"videos": self.videos, "categories": categories, "annotations": self.annotations}
        return json.dumps(document) + "\n"


def _lines(entries: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"


def _has_area(box: Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]
