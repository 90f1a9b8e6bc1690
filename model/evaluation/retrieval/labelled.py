"""A folder of labelled videos, whichever form its labels have."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model import ontology, truth
from model.datasets import Skipped, audioset
from model.evaluation.retrieval.moments import LabelledVideo, TruthVideo
from model.ontology import Ontology

ONTOLOGY = "ontology.json"


@dataclass(frozen=True)
class LabelledFolder:
    """What retrieval is measured on.

    Attributes:
        videos: those that are there.
        ontology: the tree their classes stand in, None where they stand in none.
        skipped: what cannot be used.
    """

    videos: Sequence[LabelledVideo]
    ontology: Ontology | None
    skipped: list[Skipped]

    @property
    def classes(self) -> frozenset[str]:
        """Every class that may occur."""
        return frozenset().union(*(video.classes for video in self.videos))


def read(folder: str | Path, *, tree: Path | None = None) -> LabelledFolder:
    """Read the labels of a folder with `truth.json`, or else of one with AudioSet's segments CSV.

    Args:
        folder: which.
        tree: an ontology file; AudioSet without one takes the folder's `ontology.json`, other labels none.

    Raises:
        model.truth.TruthError: it has neither, or its `truth.json` is malformed.
        model.datasets.audioset.AudioSetError: its CSV cannot be used.
        model.ontology.OntologyError: the ontology cannot be used.
    """
    folder = Path(folder)
    if not (folder / truth.FILE).exists() and audioset.segments_file(folder) is not None:
        classes = ontology.read(tree or folder / ONTOLOGY)
        segments, skipped = audioset.read(folder, classes)
        return LabelledFolder(segments, classes, skipped)
    videos = [TruthVideo(folder, labels) for labels in truth.read(folder)]
    return LabelledFolder(videos, None if tree is None else ontology.read(tree), [])
