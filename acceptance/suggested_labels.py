"""Suggested labels on generated videos: right when given, given often, and not given to what nobody labelled.

    .venv/bin/python -m acceptance.suggested_labels --data FOLDER

FOLDER holds the standard benchmark (`earmark world FOLDER --benchmark`; missing splits are made). The shipped weights
annotate the test videos. Of each class five videos are labelled, one region each; every region of the other videos is
given the label that its labelled neighbours suggest. Then each class in turn is left unlabelled, and its regions are to
get none. Five draws of the labelled videos; the floor was chosen on the validation videos (`--split validation`
measures there). Exits with 1 when a target is missed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acceptance.running import Findings
from model import truth
from model.annotator import Annotation, annotate
from model.boxes import iou
from model.checkpoints import load_models
from model.suggesting import FLOOR, RegionSpace, suggest_labels
from model.tracks import box_at
from model.truth import Truth
from model.world.benchmark import make
from model.world.levels import Level

LABELLED = 5  # videos of each class
DRAWS = 5
RIGHT, GIVEN, UNLABELLED = 0.90, 0.80, 0.05
OVERLAP = 0.2  # mean IoU from which a track shows an object, and which one
FLOORS = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


@dataclass(frozen=True)
class Regions:
    """Every predicted region of a folder: its video, the class it shows ("" for none), its embeddings (n, 2, 128)."""

    videos: np.ndarray
    classes: np.ndarray
    embeddings: np.ndarray


@dataclass(frozen=True)
class Figures:
    """Shares, at one floor."""

    given: float
    """Of the regions of labelled classes."""
    right: float
    """Of the suggestions given to these."""
    wrong_places: float
    """Of the regions that show nothing which sounds, those that are given a suggestion."""
    unlabelled: float
    """Of the regions of a class that nobody labelled, those that are given a suggestion."""


def main() -> int:
    """Annotate, label, suggest, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark")
    parser.add_argument("--split", choices=("test", "validation"), default="test", help="videos to measure on")
    arguments = parser.parse_args()
    folder = arguments.data / Level.STANDARD.value / arguments.split
    if not (folder / truth.FILE).is_file():
        print(f"making the benchmark in {arguments.data}", file=sys.stderr, flush=True)
        make(arguments.data, Level.STANDARD)
    findings = Findings()
    regions = find(folder, findings)
    for floor in FLOORS:
        if floor != FLOOR:
            findings.tell(f"floor {floor:.2f}: {json.dumps(vars(measure(regions, floor)))}")
    figures = measure(regions, FLOOR)
    findings.tell(f"floor {FLOOR:.2f}: {json.dumps(vars(figures))}")
    findings.check(figures.right >= RIGHT, f"suggestions are right {figures.right:.3f} of the time, >= {RIGHT}")
    findings.check(figures.given >= GIVEN, f"suggestions are given {figures.given:.3f} of the time, >= {GIVEN}")
    findings.check(
        figures.unlabelled <= UNLABELLED,
        f"a class never labelled gets a suggestion {figures.unlabelled:.3f} of the time, <= {UNLABELLED}",
    )
    return findings.code


def find(folder: Path, findings: Findings) -> Regions:
    """Annotate every video of a folder."""
    models = load_models()
    videos, classes, embeddings = [], [], []
    for labels in truth.read(folder):
        annotation = annotate(folder / labels.file, models)
        videos += [labels.file] * len(annotation.tracks)
        classes += [shown(annotation, track, labels) for track in range(len(annotation.tracks))]
        embeddings.append(annotation.track_embeddings)
    found = Regions(np.array(videos), np.array(classes), np.concatenate(embeddings))
    nothing = int((found.classes == "").sum())
    findings.tell(f"{len(videos)} regions in {len(embeddings)} videos, {nothing} of them show nothing that sounds")
    return found


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


def measure(regions: Regions, floor: float) -> Figures:
    """Label, suggest and count, DRAWS times."""
    space = RegionSpace(regions.embeddings)
    placed = space.place(regions.embeddings)
    known = sorted(set(regions.classes) - {""})
    given, right, wrong_places, unlabelled = [], [], [], []
    for draw in range(DRAWS):
        labelled = _labelled(regions, known, draw)
        rest = ~np.isin(regions.videos, regions.videos[labelled])
        offered = _offered(placed, regions.classes, labelled, np.flatnonzero(rest), floor)
        for index, label in zip(np.flatnonzero(rest), offered, strict=True):
            if not regions.classes[index]:
                wrong_places.append(label is not None)
                continue
            given.append(label is not None)
            if label is not None:
                right.append(label == regions.classes[index])
        for left_out in known:
            others = labelled[regions.classes[labelled] != left_out]
            asked = np.flatnonzero(rest & (regions.classes == left_out))
            unlabelled += [label is not None for label in _offered(placed, regions.classes, others, asked, floor)]
    shares = (
        round(float(np.mean(values)), 4) if values else 0.0 for values in (given, right, wrong_places, unlabelled)
    )
    return Figures(*shares)


def _labelled(regions: Regions, known: Sequence[str], draw: int) -> np.ndarray:
    """One region each of LABELLED videos of every class."""
    rng = np.random.default_rng(draw)
    chosen: list[int] = []
    for name in known:
        of_class = np.flatnonzero(regions.classes == name)
        videos = rng.permutation(np.unique(regions.videos[of_class]))[:LABELLED]
        chosen += [int(of_class[regions.videos[of_class] == video][0]) for video in videos]
    return np.array(chosen)


def _offered(
    placed: np.ndarray, classes: np.ndarray, labelled: np.ndarray, asked: np.ndarray, floor: float
) -> list[str | None]:
    found = suggest_labels(placed[asked], placed[labelled], classes[labelled].tolist(), floor=floor)
    return [None if one is None else one.label for one in found]


if __name__ == "__main__":
    sys.exit(main())
