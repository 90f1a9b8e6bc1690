"""Annotated videos, and the projects that are drawn from them: some clips labelled, the others to get suggestions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from model import truth
from model.annotator import Annotation, annotate
from model.boxes import iou
from model.checkpoints import load_models
from model.tracks import box_at
from model.truth import Truth

OVERLAP = 0.2  # mean IoU from which a track shows an object, and which one
SIZES = (8, 16, 50, 250)  # clips of a project; of fewer there are, all
EACH = (1, 2, 5)  # labelled clips of a class


@dataclass(frozen=True)
class Clip:
    """One annotated video.

    Attributes:
        file: its name.
        sounding: the classes that sound in it, the one that sounds longest first.
        shown: by region, the class it shows; "" for none.
        regions: (n, 2, 128), what regions are compared by.
        whole: (256,), what clips are compared by: picture and sound, each of length 1 or 0.
    """

    file: str
    sounding: list[str]
    shown: list[str]
    regions: np.ndarray
    whole: np.ndarray


@dataclass(frozen=True)
class Project:
    """Indices of clips: those that are labelled, and those that get suggestions."""

    labelled: list[int]
    asked: list[int]


class Outcome(NamedTuple):
    """What a region, or a clip, was offered."""

    similarity: float
    """Of the suggestion to those it comes from; 0 where there is none."""
    right: bool
    known: bool
    """Whether anything of its class was labelled, so that there was something right to suggest."""


class Figures(NamedTuple):
    """Shares, at one floor."""

    given: float
    """Of those of labelled classes."""
    right: float
    """Of all suggestions given."""
    unlabelled: float
    """Of those of which nobody labelled the class, or that show nothing: those that are given a suggestion."""

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], floor: float) -> Self:
        """What becomes of these where less than a floor is no suggestion."""
        similarity, right, known = np.array(outcomes, float).reshape(-1, 3).T
        given = similarity >= floor
        shares = given[known > 0], right[given], given[known == 0]
        return cls(*(float(share.mean()) if share.size else 0.0 for share in shares))

    def __str__(self) -> str:
        return f"given {self.given:.3f}, right {self.right:.3f}, given to what nobody labelled {self.unlabelled:.3f}"


def annotated(folder: Path) -> list[Clip]:
    """Annotate every video of a folder by the shipped weights."""
    models = load_models()
    clips = []
    for labels in truth.read(folder):
        found = annotate(folder / labels.file, models)
        showing = [shown(found, track, labels) for track in range(len(found.tracks))]
        whole = np.concatenate([found.image_embedding, found.sound_embedding])
        clips.append(Clip(labels.file, sounding(labels), showing, found.track_embeddings, whole))
    return clips


def sounding(labels: Truth) -> list[str]:
    """The classes that sound in a video, the one that sounds longest first."""
    seconds: dict[str, float] = {}
    for segment in labels.segments:
        name = labels.classes[segment.object]
        seconds[name] = seconds.get(name, 0.0) + segment.end - segment.start
    return sorted(seconds, key=lambda name: (-seconds[name], name))


def shown(annotation: Annotation, track: int, labels: Truth) -> str:
    """The class of the sounding object that a track covers most; "" where it covers none."""
    rate = max(len(boxes) for boxes in labels.boxes.values()) / annotation.info.duration
    overlaps: dict[int, list[float]] = {}
    seen = 0
    for time in annotation.times.tolist():
        box = box_at(annotation.tracks[track], time)
        if box is None:
            continue
        seen += 1
        there = labels.boxes_at(time, rate)
        for index in set(labels.sounding_at(time)) & set(there):
            overlaps.setdefault(index, []).append(iou(box, there[index]))
    means = {index: sum(values) / seen for index, values in overlaps.items()}
    best = max(means, key=lambda index: means[index], default=None)
    return labels.classes[best] if best is not None and means[best] >= OVERLAP else ""


def projects(clips: Sequence[Clip], size: int, each: int, *, asked: int) -> Iterator[Project]:
    """Random projects of `size` clips, until `asked` clips were to get suggestions.

    `each` clips are labelled of every one of some classes: as many classes as fill half of the project, at most half
    of all there are. A clip's class is the one that sounds longest. None where not even one class fits.
    """
    size = min(size, len(clips))
    names = np.array([clip.sounding[0] if clip.sounding else "" for clip in clips])
    known = sorted(name for name in set(names) - {""} if (names == name).sum() > each)
    count = min(len(known) // 2, size // (2 * each))
    rng = np.random.default_rng([size, each])
    while count and asked > 0:
        order = rng.permutation(len(clips))
        labelled = [
            int(index) for name in rng.permutation(known)[:count] for index in order[names[order] == name][:each]
        ]
        rest = [index for index in order.tolist() if index not in labelled][: size - len(labelled)]
        asked -= len(rest)
        yield Project(labelled, rest)
