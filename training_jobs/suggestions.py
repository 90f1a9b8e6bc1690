"""Suggestions: labels of regions and clips by their likeness to labelled ones, similar clips, and groups of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from label_config import KINDS, Kind, Similar
from model.groups import alike, is_duplicate, may_be_duplicate
from model.neighbours import Neighbour, nearest
from model.retrieval import ClipIndex, IndexedClip
from model.suggesting import RegionSpace, Suggested, suggest_choice, suggest_labels
from training_jobs.drawn import matched
from training_jobs.kept import keep, moments_of, region_embeddings, restore
from training_jobs.labels import Labelled
from training_jobs.project import Project

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation

SIMILAR = 5  # clips listed
LIKE = 0.5  # similarity under which a clip is no longer listed as like another


@dataclass(frozen=True)
class Offer:
    """What is suggested for one task.

    Attributes:
        labels: of each track (of a picture: of each region) what to call it, by kind of region, with its similarity.
        choice: the clip's, with its similarity.
        similar: the clips most like it, best first.
        cluster: number of its group of alike clips; None while it is in none.
    """

    labels: list[dict[Kind, Suggested]]
    choice: Suggested | None
    similar: list[Similar]
    cluster: int | None = None

    @property
    def neighbors(self) -> list[int]:
        """The tasks of the similar clips."""
        return [one.task for one in self.similar]


class Suggester:
    """Suggests by one model version's embeddings. Opens LanceDB, so only in a job's own process."""

    def __init__(self, project: Project, labels: Mapping[int, Labelled], version: str) -> None:
        self._project, self._key, self._version = project, str(project), version
        self._labels = labels
        self._choices = {task: one.choice for task, one in labels.items() if one.choice is not None}
        self._index = ClipIndex(project.index)

    def remember(self, task: int, media: str, annotation: "Annotation | ImageAnnotation") -> None:
        """Keep what a task's suggestions, and those of others, are made from."""
        image, sound, regions = annotation.image_embedding, annotation.sound_embedding, region_embeddings(annotation)
        document, moments = keep(annotation), moments_of(annotation)
        self._index.add(
            self._key, task, media, self._version, image, sound, regions=regions, moments=moments, document=document
        )
        self._clips[task] = IndexedClip(task, media, image, sound, document)
        for name in [name for name in self._regions if name[0] == task]:
            del self._regions[name]
        self._regions |= {(task, track): pair for track, pair in enumerate(regions)}
        for learnt in ("_space", "_labelled", "_matrix", "groups"):
            self.__dict__.pop(learnt, None)

    @property
    def known(self) -> dict[int, str]:
        """The media hash by task, of the tasks with embeddings of this version."""
        return {task: clip.media for task, clip in self._clips.items()}

    def media(self, task: int) -> str | None:
        """Hash of the media that a task's embeddings were made from; None without embeddings of this version."""
        return self._clips[task].media if task in self._clips else None

    def missing(self, media: Mapping[int, str] | None = None) -> list[Labelled]:
        """Labelled tasks without embeddings of this version, or of another file than the one that `media` tells."""
        known = self.known
        return [
            one
            for task, one in self._labels.items()
            if one.says and (task not in known or (media or known).get(task, known[task]) != known[task])
        ]

    def open_tasks(self) -> list[int]:
        """Tasks with embeddings that nobody has worked on, in rising order."""
        return sorted(set(self._clips) - set(self._labels))

    def kept(self, task: int) -> "Annotation | ImageAnnotation | None":
        """What was found in a task's file; None where it was not kept."""
        clip = self._clips.get(task)
        return restore(clip.document) if clip is not None and clip.document else None

    def offer(self, task: int) -> Offer:
        """What is suggested for a task whose annotation is remembered."""
        return self.offers([task])[task]

    def offers(self, tasks: Iterable[int]) -> dict[int, Offer]:
        """What is suggested for tasks whose annotations are remembered."""
        tasks = list(tasks)
        labels = self._region_labels(tasks)
        near = self._near(tasks)
        doubles = self._doubles(near)
        return {
            task: Offer(
                labels[task],
                suggest_choice(near[task], self._choices),
                self._similar(task, near[task], doubles),
                self.groups.get(task),
            )
            for task in tasks
        }

    def _region_labels(self, tasks: list[int]) -> dict[int, list[dict[Kind, Suggested]]]:
        wanted = set(tasks)
        names = [name for name in self._regions if name[0] in wanted]
        found: dict[int, list[dict[Kind, Suggested]]] = {task: [] for task in tasks}
        if not names:
            return found
        placed = self._space.place(np.stack([self._regions[name] for name in names]))
        by_kind = {kind: suggest_labels(placed, *labelled) for kind, labelled in self._labelled.items()}
        for number, (task, _) in enumerate(names):
            offered = {kind: suggested[number] for kind, suggested in by_kind.items()}
            found[task].append({kind: one for kind, one in offered.items() if one is not None})
        return found

    def _near(self, tasks: list[int]) -> dict[int, list[Neighbour]]:
        """The other clips that anything is suggested by, most alike first: those listed, and the nearest labelled."""
        order, matrix = self._matrix
        asked = [task for task in tasks if task in self._clips]
        near = nearest(asked, order, matrix, most=SIMILAR, floor=LIKE, among=self._choices)
        return {task: [] for task in tasks} | dict(zip(asked, near, strict=True))

    def _doubles(self, near: Mapping[int, list[Neighbour]]) -> set[tuple[int, int]]:
        """Which of the clips that are listed are nearly the same as the one they are listed for."""
        pairs = [
            (task, one.task)
            for task, found in near.items()
            for one in found[:SIMILAR]
            if may_be_duplicate(_both(self._clips[task]), _both(self._clips[one.task]))
        ]
        moments = self._index.moments(self._key, self._version, {task for pair in pairs for task in pair})
        return {(task, other) for task, other in pairs if is_duplicate(moments[task], moments[other])}

    def _similar(self, task: int, near: list[Neighbour], doubles: set[tuple[int, int]]) -> list[Similar]:
        return [
            Similar(
                task=one.task,
                similarity=one.similarity,
                duplicate=(task, one.task) in doubles,
                link=self._project.link(one.task),
            )
            for one in near[:SIMILAR]
        ]

    @cached_property
    def _clips(self) -> dict[int, IndexedClip]:
        return self._index.clips(self._key, self._version)

    @cached_property
    def _regions(self) -> dict[tuple[int, int], np.ndarray]:
        names, vectors = self._index.regions(self._key, self._version)
        return dict(zip(names, vectors, strict=True))

    @cached_property
    def _space(self) -> RegionSpace:
        return RegionSpace(np.stack(list(self._regions.values())))

    @cached_property
    def _labelled(self) -> dict[Kind, tuple[np.ndarray, list[str]]]:
        """By kind of region, placed embeddings (m, 256) and labels of what people labelled and was predicted."""
        return {
            kind: (self._space.place(np.stack([self._regions[name] for name in named])), list(named.values()))
            for kind, named in self._named.items()
            if named
        }

    @property
    def _named(self) -> dict[Kind, dict[tuple[int, int], str]]:
        """By kind of region, what people called which track (of a picture: which region) of which task.

        What sounds may be called one thing by its box and another by its times. What it is not called by a kind itself
        it is by another, as far as the kind knows that label.
        """
        named: dict[Kind, dict[tuple[int, int], str]] = {kind: {} for kind in KINDS}
        for task, one in self._labels.items():
            annotation = self.kept(task) if one.regions else None
            if annotation is None:
                continue
            config = self._project.config.for_task(one.task["data"])
            tracks = [(matched(region, annotation), region) for region in one.regions]
            ours = [((task, track), region) for track, region in tracks if track is not None]
            ours = [(name, region) for name, region in ours if name in self._regions]
            for name, region in ours:
                named[region.kind].setdefault(name, region.label)
            for name, region in ours:
                for kind in KINDS:
                    if (written := config.find(kind, region.label)) is not None:
                        named[kind].setdefault(name, written)
        return named

    @cached_property
    def _matrix(self) -> tuple[list[int], np.ndarray]:
        """Tasks, and their clips (n, 256)."""
        order = sorted(self._clips)
        vectors = [_both(self._clips[task]) for task in order]
        return order, np.stack(vectors) if vectors else np.zeros((0, 256), np.float32)

    @cached_property
    def groups(self) -> dict[int, int]:
        """By task nobody has worked on, the number of its group of alike clips; those in none are missing."""
        return alike({task: _both(self._clips[task]) for task in self.open_tasks()})


def _both(clip: IndexedClip) -> np.ndarray:
    return np.concatenate([clip.image, clip.sound])
