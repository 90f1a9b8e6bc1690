"""Suggested labels on generated videos: right when given, given often, and not given to what nobody labelled.

    .venv/bin/python -m acceptance.suggested_labels --data FOLDER

FOLDER holds the standard benchmark (`earmark world FOLDER --benchmark`; missing splits are made). The shipped weights
annotate the test videos. Of each class five videos are labelled, one region each; every region of the other videos is
given the label that its labelled neighbours suggest. Then each class in turn is left unlabelled, and its regions are to
get none. Five draws of the labelled videos. Then projects of 8 to 250 clips are drawn, one, two or five clips of some
classes are labelled, and labels suggested for regions and choices suggested for clips are counted. The floors, and the
chance that a suggested choice stands, were chosen on the validation videos: `--split validation` measures there, with
`--fit` it prints the coefficients of that chance instead. Exits with 1 when a target is missed.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acceptance import suggested_choices
from acceptance.labelled_projects import EACH, SIZES, Clip, Figures, Outcome, annotated, projects
from acceptance.running import Findings
from model import truth
from model.suggesting import FLOOR, RegionSpace, suggest_labels
from model.world.benchmark import make
from model.world.levels import Level

LABELLED = 5  # videos of each class
DRAWS = 5
RIGHT, GIVEN, UNLABELLED = 0.90, 0.80, 0.05
FLOORS = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
ASKED = 1000  # clips a size of project and number of labelled clips


@dataclass(frozen=True)
class Regions:
    """Every predicted region of a folder: its video, the class it shows ("" for none), its embeddings (n, 2, 128)."""

    videos: np.ndarray
    classes: np.ndarray
    embeddings: np.ndarray


def main() -> int:
    """Annotate, label, suggest, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the benchmark")
    parser.add_argument("--split", choices=("test", "validation"), default="test", help="videos to measure on")
    parser.add_argument("--fit", action="store_true", help="fit the chance that a suggested choice stands")
    arguments = parser.parse_args()
    folder = arguments.data / Level.STANDARD.value / arguments.split
    if not (folder / truth.FILE).is_file():
        print(f"making the benchmark in {arguments.data}", file=sys.stderr, flush=True)
        make(arguments.data, Level.STANDARD)
    clips = annotated(folder)
    if arguments.fit:
        print(suggested_choices.fit(clips))
        return 0
    findings = Findings()
    check(clips, findings)
    suggested_choices.check(clips, findings)
    return findings.code


def check(clips: Sequence[Clip], findings: Findings) -> None:
    """Measure labels suggested for regions."""
    regions = regions_of(clips)
    nothing = int((regions.classes == "").sum())
    findings.tell(f"{len(regions.videos)} regions in {len(clips)} videos, {nothing} of them show nothing that sounds")
    for floor in FLOORS:
        if floor != FLOOR:
            findings.tell(f"labels, floor {floor:.2f}: {measure(regions, floor)}")
    figures = measure(regions, FLOOR)
    findings.tell(f"labels, floor {FLOOR:.2f}: {figures}")
    findings.check(figures.right >= RIGHT, f"labels are right {figures.right:.3f} of the time, >= {RIGHT}")
    findings.check(figures.given >= GIVEN, f"labels are given {figures.given:.3f} of the time, >= {GIVEN}")
    findings.check(
        figures.unlabelled <= UNLABELLED,
        f"what nobody labelled gets a suggestion {figures.unlabelled:.3f} of the time, <= {UNLABELLED}",
    )
    for size in SIZES:
        for each in EACH:
            found = in_projects(clips, size, each)
            if found:
                findings.tell(f"labels, {size} clips, {each} labelled a class: {Figures.of(found, FLOOR)}")


def regions_of(clips: Sequence[Clip]) -> Regions:
    """All regions of all clips."""
    return Regions(
        np.array([clip.file for clip in clips for _ in clip.shown]),
        np.array([name for clip in clips for name in clip.shown]),
        np.concatenate([clip.regions for clip in clips]),
    )


def measure(regions: Regions, floor: float) -> Figures:
    """Label, suggest and count, DRAWS times."""
    placed = RegionSpace(regions.embeddings).place(regions.embeddings)
    known = sorted(set(regions.classes) - {""})
    found: list[Outcome] = []
    for draw in range(DRAWS):
        labelled = _labelled(regions, known, draw)
        rest = ~np.isin(regions.videos, regions.videos[labelled])
        found += _offered(placed, regions.classes, labelled, np.flatnonzero(rest), floor)
        for left_out in known:
            others = labelled[regions.classes[labelled] != left_out]
            asked = np.flatnonzero(rest & (regions.classes == left_out))
            found += _offered(placed, regions.classes, others, asked, floor)
    return Figures.of(found, floor)


def in_projects(clips: Sequence[Clip], size: int, each: int) -> list[Outcome]:
    """The regions of projects of so many clips, where of so many clips of a class one region is labelled."""
    found: list[Outcome] = []
    for project in projects(clips, size, each, asked=ASKED):
        regions = regions_of([clips[index] for index in project.labelled + project.asked])
        labels = {clips[index].file: clips[index].sounding[0] for index in project.labelled}
        named = [regions.classes[row] == labels.get(video) for row, video in enumerate(regions.videos)]
        _, labelled = np.unique(regions.videos[named], return_index=True)
        asked = np.flatnonzero(~np.isin(regions.videos, list(labels)))
        placed = RegionSpace(regions.embeddings).place(regions.embeddings)
        found += _offered(placed, regions.classes, np.flatnonzero(named)[labelled], asked, FLOOR)
    return found


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
) -> list[Outcome]:
    labels = classes[labelled].tolist()
    return [
        Outcome(0.0 if one is None else one.similarity, one is not None and one.label == name, name in labels)
        for one, name in zip(
            suggest_labels(placed[asked], placed[labelled], labels, floor=floor), classes[asked], strict=True
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
