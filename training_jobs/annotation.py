"""From what the model found to a Label Studio prediction under a project's labelling config."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from label_config import LabelConfig, Timeline, box_item, check, choice_item, segment_item, with_ids

if TYPE_CHECKING:
    from model.annotator import Annotation


@dataclass(frozen=True)
class Prediction:
    """One task's pre-annotation.

    Attributes:
        result: result items that Label Studio can show; empty where nothing sounds.
        score: 0..1, by which Label Studio orders tasks; None where there is none.
        reason: one line saying why there are no boxes, so set whenever `result` is empty; else None.
        model_version: the version that made it.
        notes: what the labelling config could not show, one sentence each.
    """

    result: list[dict[str, Any]]
    score: float | None
    reason: str | None
    model_version: str
    notes: tuple[str, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """What Label Studio stores and `/predict` answers; `score` is left out where there is none."""
        row = {"result": self.result, "model_version": self.model_version}
        return row if self.score is None else {**row, "score": self.score}

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values; `Prediction(**that)` gives it back."""
        return asdict(self) | {"notes": list(self.notes)}


def compose(
    annotation: "Annotation",
    config: LabelConfig,
    *,
    model_version: str,
    task_data: Mapping[str, Any] | None = None,
    suggestion: tuple[str, float] | None = None,
) -> Prediction:
    """Write an annotation so that the project's labelling config shows it.

    Args:
        annotation: what the model found in the task's file.
        config: the project's labelling config.
        model_version: the version that found it.
        task_data: the task's data, for a config whose frame rate or values come from there.
        suggestion: the clip's suggested choice and its similarity; a choice the config does not know is not
            written but noted.

    Raises:
        InvalidResultError: the outcome would not be shown as meant; nothing of it must leave.
        ValueError: the annotation holds numbers that are none.
    """
    config = config.for_task(task_data or {})
    timeline = Timeline(config.frame_rate(), annotation.info.duration)
    boxes = [
        box_item(config, timeline, track.keyframes, score=track.score, reason=track.reason)
        for track in annotation.tracks
    ]
    segments = [
        segment_item(config, timeline, segment.start, segment.end, score=track.score, reason=track.reason)
        for segment in annotation.segments
        for track in [annotation.tracks[segment.track]]
    ]
    choice = choice_item(config, *suggestion) if suggestion is not None else None
    result = with_ids(item for item in [*boxes, *segments, choice] if item is not None)
    check(result, config, timeline)

    notes = config.notes
    if suggestion is not None and choice is None:
        notes = (*notes, f'No Choices of the video have the value "{suggestion[0]}", so it is not suggested.')
    reason = annotation.reason
    if reason is None and not any(boxes):
        reason = "nothing in the picture explains the sound"
    return Prediction(result, annotation.score, reason, model_version, notes)
