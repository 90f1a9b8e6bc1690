"""Choices suggested for whole clips: right when given, seldom given to what nobody labelled, and as sure as they say.

A part of `acceptance.suggested_labels`, on the same annotated videos.
"""

from collections.abc import Sequence

import numpy as np

from acceptance.confidence import OFF, fitted
from acceptance.labelled_projects import EACH, SIZES, Clip, Figures, Outcome, projects
from acceptance.running import Findings
from model.confidence import CHOICE, choice_evidence
from model.neighbours import Neighbour, similarities
from model.suggesting import CLIP_FLOOR, suggest_choice

ASKED = 2000  # clips a size of project and number of labelled clips
FLOORS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
RIGHT, UNLABELLED = 0.90, 0.05
PARTS = 3  # of the suggestions, by similarity, in each of which the chance that they stand is compared


def outcomes(clips: Sequence[Clip], size: int, each: int) -> list[Outcome]:
    """Of projects of so many clips, with so many labelled of a class; each clip gets the choice of the nearest."""
    found = []
    for project in projects(clips, size, each, asked=ASKED):
        choices = {index: clips[index].sounding[0] for index in project.labelled}
        labelled = np.stack([clips[index].whole for index in project.labelled])
        for index in project.asked:
            [compared] = similarities(clips[index].whole[None], labelled)
            nearest = int(compared.argmax())
            near = [Neighbour(project.labelled[nearest], float(compared[nearest]))]
            suggested = suggest_choice(near, choices, floor=0.0)
            if suggested is not None:
                there = set(clips[index].sounding)
                known = bool(there & set(choices.values()))
                found.append(Outcome(suggested.similarity, suggested.label in there, known))
    return found


def check(clips: Sequence[Clip], findings: Findings) -> None:
    """Measure projects of every size and number of labelled clips, each and together."""
    together: list[Outcome] = []
    for size in SIZES:
        for each in EACH:
            found = outcomes(clips, size, each)
            if found:
                findings.tell(f"choices, {size} clips, {each} labelled a class: {Figures.of(found, CLIP_FLOOR)}")
            together += found
    for floor in FLOORS:
        findings.tell(f"choices, floor {floor:.2f}: {Figures.of(together, floor)}")
    figures = Figures.of(together, CLIP_FLOOR)
    findings.check(figures.right >= RIGHT, f"choices are right {figures.right:.3f} of the time, >= {RIGHT}")
    findings.check(
        figures.unlabelled <= UNLABELLED,
        f"a clip of a class never chosen gets a choice {figures.unlabelled:.3f} of the time, <= {UNLABELLED}",
    )
    given = sorted(one for one in together if one.similarity >= CLIP_FLOOR)
    for part in np.array_split(np.array(given, float), PARTS):
        said = float(np.mean([CHOICE.probability(choice_evidence(one[0])) for one in part]))
        share = float(part[:, 1].mean())
        findings.check(
            abs(said - share) <= OFF,
            f"choices {part[0, 0]:.2f}-{part[-1, 0]:.2f} alike: said to stand {said:.3f}, right {share:.3f}",
        )


def fit(clips: Sequence[Clip]) -> str:
    """The coefficients of `model.confidence.CHOICE` by these clips."""
    known = [
        (choice_evidence(one.similarity), one.right)
        for size in SIZES
        for each in EACH
        for one in outcomes(clips, size, each)
        if one.similarity >= CLIP_FLOOR
    ]
    return f"{fitted(known)}, {len(known)} of them"
