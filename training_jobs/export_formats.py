"""The formats of an export: accepted annotations as other programs read them."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from label_config.regions import Box
from training_jobs.accepted import Accepted, LeftOut
from training_jobs.youtube_vis import Document, Instance, instances_of

SPLITS = ("train", "validation", "test")
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

    An entry is `{"file": clip's name, "class": name, "bbox": [[x1, y1, x2, y2] in 0..1, ...]}`. A video has one entry
    and so one class: the clip's choice where a box there is of that class, else the commonest class of these boxes.
    Boxes of other classes are left out.
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
        counts = Counter(label for label, _ in boxes)
        chosen = one.regions.choice
        name = chosen if chosen and chosen in counts else counts.most_common(1)[0][0]
        entries[example.split].append(
            {
                "file": PurePosixPath(example.name).stem,
                "class": name,
                "bbox": [[round(edge, 6) for edge in box] for label, box in boxes if label == name],
            }
        )
        used.append(example)
        if others := ", ".join(f'"{label}"' for label in counts if label != name):
            reason = f'VGG-SS has one class a video, here "{name}", so its boxes of {others} are not in it.'
            left_out.append(LeftOut(one.task, reason))
    texts = {f"{split}/vggss.json": _lines(found) for split, found in entries.items() if found}
    return Written(texts, used, left_out)


def coco_video(examples: Sequence[Example]) -> Written:
    """`<split>/annotations.json` in the form of YouTube-VIS: videos, categories, and an annotation an instance.

    An annotation has one entry a frame in `bboxes` ([x, y, width, height] in pixels of the displayed picture, null
    where the box is gone) and `areas`. Frame k, from 0, is the one shown at (k + .5) / `fps` seconds of the video. An
    image is a video of one frame. A category has the same id in every split. A video without annotations is one in
    which nothing in view sounds: of an annotation that says nothing at all, where boxes could have been drawn. A video
    or image that was asked about another sound names its file under `sound`.
    """
    shown: list[tuple[Example, list[Instance]]] = []
    left_out = []
    for example in examples:
        instances = instances_of(example.accepted)
        if reason := "" if instances else _unclear(example.accepted):
            left_out.append(LeftOut(example.accepted.task, reason))
        else:
            shown.append((example, instances))
    names = sorted({instance.label for _, instances in shown for instance in instances})
    documents = {split: Document(names) for split in SPLITS}
    for example, instances in shown:
        sound = None if example.sound_name is None else f"{SOUNDS}/{example.sound_name}"
        documents[example.split].add(example.accepted, instances, file=f"{MEDIA}/{example.name}", sound=sound)
    texts = {f"{split}/annotations.json": document.text() for split, document in documents.items() if document.videos}
    return Written(texts, [example for example, _ in shown], left_out)


def _unclear(one: Accepted) -> str:
    """Why an annotation without a box anywhere does not say that nothing in view sounds; "" where it does."""
    if not one.info.has_picture:
        return "it has no picture."
    if not one.takes_boxes:
        return "its labelling config draws no boxes, so it does not say what in view sounds."
    said = one.regions
    if said.choice or said.boxes or said.spans or said.stills or said.masks:
        return "it says that something sounds and has no box that says where."
    return ""


def segments_csv(examples: Sequence[Example]) -> Written:
    """`segments.csv`: file, start, end, label, split; half-open seconds in which something sounds.

    From the time segments of an annotation; where it has none, from the times in which its boxes are there. A segment
    that only says that something sounds has the labels of the boxes that are there meanwhile, each for its time. The
    rows of one label are apart: what several regions of it say is told once.
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
            (example.file, f"{start:.3f}", f"{end:.3f}", label, example.split) for start, end, label in united(found)
        )
        used.append(example)
    return Written({"segments.csv": table.getvalue()}, used, left_out)


def united(found: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Labelled times as the fewest that cover them, none of a label overlapping or touching another; by their start."""
    apart: dict[str, list[tuple[float, float, str]]] = {}
    for start, end, label in sorted(found):
        kept = apart.setdefault(label, [])
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]), label)
        else:
            kept.append((start, end, label))
    return sorted(one for kept in apart.values() for one in kept)


def within(found: Sequence[tuple[float, float, str]], start: float, end: float) -> list[tuple[float, float, str]]:
    """What of these labelled times lies between two others, each shortened to them."""
    cut = [(max(start, first), min(end, last), label) for first, last, label in found]
    return [one for one in cut if one[0] < one[1]]


FORMATS: dict[str, Callable[[Sequence[Example]], Written]] = {
    "vggss": vggss,
    "coco-video": coco_video,
    "segments-csv": segments_csv,
}


def _lines(entries: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"


def _has_area(box: Box) -> bool:
    return box[0] < box[2] and box[1] < box[3]
