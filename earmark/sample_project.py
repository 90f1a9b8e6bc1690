"""The demo's project: sample videos of objects that sound, a few of them labelled already."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from label_config import LabelConfig
    from model.truth import Truth

TITLE = "Objects that sound"
DESCRIPTION = "Sample videos made by Earmark: boxes stand around what sounds, wherever a prediction is shown."
VIDEOS = 12  # below the number of imports that starts a training by itself
LABELLED = 4
SEED = 7
IMPORT = 4  # videos in one import, which becomes one job: small enough for the workers to share the samples
KEYFRAME_SECONDS = 0.4  # between two keyframes of a labelled box
COMPLETE = "complete.json"


@dataclass(frozen=True)
class Samples:
    """The sample videos and what is in them."""

    folder: Path
    truths: "list[Truth]"

    def labelled(self) -> "list[Truth]":
        """LABELLED videos that teach most: of one class each, of the classes most frequent among the others."""
        counts = Counter(name for truth in self.truths for name in set(truth.classes))
        chosen: dict[str, Truth] = {}
        for truth in sorted(self.truths, key=lambda truth: (len(truth.classes) > 1, -counts[truth.classes[0]])):
            chosen.setdefault(truth.classes[0], truth)
        return list(chosen.values())[:LABELLED]


def make(folder: Path, progress: Callable[[int], None]) -> Samples:
    """The sample videos in `folder`, made unless they are there; `progress` hears how many are finished."""
    from model import truth
    from model.world.generation import generate

    if not (folder / COMPLETE).exists():
        generate(folder, videos=VIDEOS, seed=SEED, progress=progress)
        (folder / COMPLETE).write_text(json.dumps({"videos": VIDEOS, "seed": SEED}) + "\n")
    return Samples(folder, truth.read(folder))


def find_or_create(label_studio: "LabelStudio", project: int | None) -> dict[str, Any]:
    """The project's row: `project` if Label Studio still has it, else a new one with the world's classes as choices."""
    from backend.label_studio import LabelStudioError
    from label_config import template
    from model.world.objects import PAINTERS

    if project is not None:
        try:
            return label_studio.project(project)
        except LabelStudioError as error:
            if error.status != 404:
                raise
    return label_studio.create_project(TITLE, template(sorted(PAINTERS)), description=DESCRIPTION)


def upload(label_studio: "LabelStudio", project: int, samples: Samples, truths: "list[Truth]") -> dict[str, int]:
    """Upload those of `truths`' videos that the project lacks; task id by file name."""
    present = by_file(label_studio, project)
    missing = [samples.folder / truth.file for truth in truths if truth.file not in present]
    for first in range(0, len(missing), IMPORT):
        label_studio.import_files(project, missing[first : first + IMPORT])
    return by_file(label_studio, project) if missing else present


def by_file(label_studio: "LabelStudio", project: int) -> dict[str, int]:
    """Task id by the name its file had before the upload: Label Studio writes /data/upload/<project>/<8 hex>-<name>.

    Of several tasks with a name the first counts: the samples came before what people imported under their names.
    """
    rows = sorted(label_studio.tasks(project), key=lambda task: int(task["id"]), reverse=True)
    return {str(task["data"].get("video", "")).rpartition("/")[2].partition("-")[2]: int(task["id"]) for task in rows}


def label(
    label_studio: "LabelStudio", config: "LabelConfig", tasks: Mapping[str, int], truths: "list[Truth]", rate: float
) -> None:
    """Submit the true boxes and class of `truths` as a person would, where a task has no annotation yet.

    rate: frames a second of the sample videos.
    """
    for truth in truths:
        task = label_studio.task(tasks[truth.file])
        if not task["annotations"]:
            label_studio.create_annotation(int(task["id"]), true_result(config, truth, rate))


def true_result(config: "LabelConfig", truth: "Truth", rate: float) -> list[dict[str, Any]]:
    """What a careful annotator submits for a sample video: a box around each object that sounds, its class."""
    from label_config import Timeline, box_item, choice_item, with_ids
    from model.tracks import Keyframe

    seconds = len(next(iter(truth.boxes.values()))) / rate
    timeline = Timeline(rate, seconds)
    items = []
    for index in sorted({segment.object for segment in truth.segments}):
        boxes = truth.boxes[index]
        step = max(1, round(KEYFRAME_SECONDS * rate))
        frames = sorted({*range(0, len(boxes), step), len(boxes) - 1})
        keyframes = [
            Keyframe(frame / rate, box or (0.0, 0.0, 0.0, 0.0), visible=box is not None)
            for frame in frames
            for box in [boxes[frame]]
        ]
        items.append(box_item(config, timeline, keyframes, score=1.0, reason="drawn by the sample's maker"))
    items.append(choice_item(config, truth.classes[0], 1.0))
    by_machine = ("score", "origin", "meta")
    return with_ids({name: item[name] for name in item if name not in by_machine} for item in items if item)
