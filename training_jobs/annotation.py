"""From what the model found to a Label Studio prediction under a project's labelling config."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from label_config import (
    KINDS,
    Item,
    Kind,
    LabelConfig,
    Picture,
    Similar,
    Timeline,
    box_item,
    check,
    choice_item,
    mask_item,
    picture_box_items,
    ranking_item,
    segment_item,
    similar_item,
    stretch_item,
    with_ids,
)
from model.confidence import CHOICE, choice_evidence

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation

# A mask covers what is at least this share of the heatmap's peak.
MASK_LEVEL = 0.5
# Chance that people let a region be that has no label or a neutral one where the config has classes to choose from.
# Taken, not measured: no simulated annotator names things.
UNNAMED_STANDS = 0.05

Label = tuple[str, float]
"""A suggested label and its similarity."""
Labels = Mapping[Kind, Label]
"""What to call one thing that sounds, by kind of region; kinds without a suggestion are missing."""


@dataclass(frozen=True)
class Prediction:
    """One task's pre-annotation.

    Attributes:
        result: result items that Label Studio can show; empty where nothing sounds.
        score: 0..1, the chance that it is submitted unchanged, by which Label Studio orders tasks; None where nothing
            tells.
        reason: one line saying why the config's regions stay empty, set whenever `result` is empty; else None.
        model_version: the version that made it.
        notes: what the labelling config could not show, one sentence each.
        neighbors: tasks of the clips most alike, best first; None where nobody looked.
        cluster: number of the group of alike clips it belongs to; None where it belongs to none.
    """

    result: list[dict[str, Any]]
    score: float | None
    reason: str | None
    model_version: str
    notes: tuple[str, ...] = ()
    neighbors: list[int] | None = None
    cluster: int | None = None

    @property
    def row(self) -> dict[str, Any]:
        """What Label Studio stores and `/predict` answers; what there is none of is left out."""
        row = {"result": self.result, "model_version": self.model_version}
        further = {"score": self.score, "neighbors": self.neighbors, "cluster": self.cluster}
        return row | {name: value for name, value in further.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values; `Prediction(**that)` gives it back."""
        return asdict(self) | {"notes": list(self.notes)}


def compose(
    annotation: "Annotation | ImageAnnotation",
    config: LabelConfig,
    *,
    model_version: str,
    task_data: Mapping[str, Any] | None = None,
    labels: Sequence[Labels] | None = None,
    suggestion: Label | None = None,
    similar: Sequence[Similar] = (),
) -> Prediction:
    """Write an annotation so that the project's labelling config shows it.

    Args:
        annotation: what the model found in the task's file: an ImageAnnotation where the config shows a picture.
        config: the project's labelling config.
        model_version: the version that found it.
        task_data: the task's data, for a config whose frame rate or values come from there.
        labels: one a track (of a picture: one a region). Regions whose control does not know the label suggested for
            their kind get the neutral one, or none.
        suggestion: the clip's suggested choice; one the config does not know is not written but noted.
        similar: clips like this one, best first.

    Raises:
        InvalidResultError: the outcome would not be shown as meant; nothing of it must leave.
        ValueError: the annotation holds numbers that are none.
    """
    config = config.for_task(task_data or {})
    shown: Timeline | Picture
    regions: list[Item | Sequence[Item]]
    reason, right = annotation.reason, annotation.score
    if config.medium.kind == "image":
        picture: ImageAnnotation = annotation  # type: ignore[assignment]  # told by the config
        shown = Picture(picture.width, picture.height)
        named = labels or [{}] * len(picture.regions)
        regions = list(_on_picture(picture, config, shown, named))
    else:
        video: Annotation = annotation  # type: ignore[assignment]
        shown = Timeline(config.frame_rate(), video.info.duration)
        named = labels or [{}] * len(video.tracks)
        regions = list(_in_time(video, config, shown, named))
        if _is_heard_alone(video, config):  # what there is of both is about a picture
            reason, right = None if video.sounding else "nothing is heard in it", None
    choice = choice_item(config, *suggestion) if suggestion is not None else None
    clip = [choice, similar_item(config, similar), ranking_item(config, similar)]
    result = with_ids([*(item for item in regions if item), *(item for item in clip if item is not None)])
    check(result, config, shown)

    wanted = [(kind, label) for one in named for kind, (label, _) in one.items()]
    known = {label for kind, label in wanted if config.find(kind, label) is not None}
    unknown = dict.fromkeys(label for _, label in wanted if label not in known)
    missed = [f'Labels of the {config.medium.kind} have the value "{label}"' for label in unknown]
    if suggestion is not None and choice is None:
        missed.append(f'Choices of the {config.medium.kind} have the value "{suggestion[0]}"')
    notes = (*config.notes, *(f"No {values}, so it is not suggested." for values in missed))
    if not config.marks_regions:
        reason = None if result else "nothing is suggested for it yet, and the labelling config marks no regions"
    elif reason is None and not any(regions):
        if not named and config.medium.kind != "audio":
            reason = "nothing in the picture explains the sound"
        elif named and config.leaves_open({}):
            reason = "what was found is shown once labelled regions suggest its label"
        else:
            reason = "the labelling config cannot show what was found"
    score = _score(right, config, named, None if choice is None else suggestion)
    return Prediction(result, score, reason, model_version, notes)


def _score(found: float | None, config: LabelConfig, labels: Sequence[Labels], choice: Label | None) -> float | None:
    """The chance that a prediction is submitted unchanged: that its places and times are right and its labels stand.

    A label suggested for a region counts as right: nearly all are (docs/likeness.md). To four digits, as regions'
    scores: a clip embedded again is as like another but for the last ones, and nothing is to be rewritten for those.

    Args:
        found: the chance that what was found is right; None where nothing could be.
        labels: suggested, one a region.
        choice: the clip's suggested one; None where none is written.
    """
    stands = 1.0 if choice is None else CHOICE.probability(choice_evidence(choice[1]))
    if not config.marks_regions:
        return None if choice is None else round(stands, 4)  # nobody sees what was found
    if found is None:
        return None
    unnamed = any(config.leaves_open({kind: label for kind, (label, _) in one.items()}) for one in labels)
    return round(found * (UNNAMED_STANDS if unnamed else 1.0) * stands, 4)


def _in_time(
    annotation: "Annotation", config: LabelConfig, timeline: Timeline, labels: Sequence[Labels]
) -> Iterator[Item]:
    """Boxes, then segments, then stretches of the waveform; of a sound alone, the stretches in which it is heard."""
    tracks = [
        {kind: {"score": track.score, **_named(track.reason, one.get(kind))} for kind in KINDS}
        for track, one in zip(annotation.tracks, labels, strict=True)
    ]
    written = [
        *(
            box_item(config, timeline, track.keyframes, **shared["box"])
            for track, shared in zip(annotation.tracks, tracks, strict=True)
        ),
        *(
            segment_item(config, timeline, segment.start, segment.end, **tracks[segment.track]["segment"])
            for segment in annotation.segments
        ),
        *(
            stretch_item(config, timeline, segment.start, segment.end, **tracks[segment.track]["stretch"])
            for segment in annotation.segments
        ),
        *(
            stretch_item(config, timeline, start, end, score=None, reason="something is heard")
            for start, end in (annotation.sounding if _is_heard_alone(annotation, config) else ())
        ),
    ]
    yield from (item for item in written if item is not None)


def _is_heard_alone(annotation: "Annotation", config: LabelConfig) -> bool:
    """Whether a task shows a sound alone, and no picture tells what makes it."""
    return config.medium.kind == "audio" and not annotation.tracks


def _on_picture(
    annotation: "ImageAnnotation", config: LabelConfig, picture: Picture, labels: Sequence[Labels]
) -> Iterator[Sequence[Item]]:
    """Boxes, each with its label, then the heatmap as a mask."""
    for region, one in zip(annotation.regions, labels, strict=True):
        shared = _named("the picture under it goes with the sound", one.get("box"))
        yield picture_box_items(config, picture, region.box, score=region.score, **shared)
    if annotation.regions:
        best = max(region.score for region in annotation.regions)
        # One mask stands for all regions: only where there is one does its label fit.
        shared = _named("where the picture goes with the sound", labels[0].get("mask") if len(labels) == 1 else None)
        runs = _runs(annotation.heatmap, picture)
        item = mask_item(config, picture, runs, score=best, **shared)
        yield [] if item is None else [item]


def _named(reason: str, label: Label | None) -> dict[str, Any]:
    """Label and reason as item writers take them: the reason names the suggestion, shown or not."""
    if label is None:
        return {"reason": reason, "label": None}
    name, similarity = label
    return {"reason": f'{reason}; like what people labelled "{name}" ({similarity:.2f})', "label": name}


def _runs(heatmap: np.ndarray, picture: Picture) -> list[tuple[bool, int]]:
    """The pixels of a picture that a heatmap (g, g) covers, as runs row by row."""
    from PIL import Image

    smooth = Image.fromarray(heatmap.astype(np.float32)).resize(
        (picture.width, picture.height), Image.Resampling.BILINEAR
    )
    covered = np.asarray(smooth).ravel() >= MASK_LEVEL * float(heatmap.max())  # (height * width,)
    edges = np.flatnonzero(np.diff(covered)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(covered)]]))
    return [(bool(covered[start]), int(length)) for start, length in zip(starts, lengths, strict=True)]
