"""YouTube-VIS (Yang et al., "Video Instance Segmentation", arXiv 1905.04804): its document, with boxes and no masks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from label_config.regions import Box
from training_jobs.accepted import Accepted


@dataclass(frozen=True)
class Instance:
    """One object through a video.

    Attributes:
        label: its class.
        track: its box in each frame of the video, None where it is gone.
    """

    label: str
    track: Sequence[Box | None]


def instances_of(one: Accepted) -> list[Instance]:
    """The objects of an annotation that have a box in some frame; an image is one frame."""
    if one.is_image:
        return [Instance(one.label_of(region), [region.box]) for region in one.regions.stills]
    times = [(frame + 0.5) / _rate(one) for frame in range(_length(one))]
    found = [Instance(one.label_of(box), [one.box_at(box, time) for time in times]) for box in one.regions.boxes]
    return [instance for instance in found if any(instance.track)]


class Document:
    """The document of one split."""

    def __init__(self, names: Sequence[str]) -> None:
        """names: every class of the dataset, in the order of their ids from 1."""
        self.videos: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._ids = {name: number for number, name in enumerate(names, 1)}

    def add(self, one: Accepted, instances: Sequence[Instance], *, file: str, sound: str | None) -> None:
        """Add a video.

        Args:
            one: what people submitted.
            instances: of it.
            file: name of its media, relative to the document.
            sound: likewise of the other sound it was asked about; None without one.
        """
        video = {
            "id": len(self.videos) + 1,
            "file_name": file,
            "width": one.info.width,
            "height": one.info.height,
            "length": _length(one),
            "fps": None if one.is_image else round(_rate(one), 6),
            "seconds": round(one.info.duration, 6),
            "task": one.task,
        }
        if sound is not None:
            video["sound"] = sound
        self.videos.append(video)
        for number, instance in enumerate(instances, 1):
            self._add_instance(video, number, instance)

    def _add_instance(self, video: dict[str, Any], number: int, instance: Instance) -> None:
        width, height = video["width"], video["height"]
        pixels = [
            box and [box[0] * width, box[1] * height, (box[2] - box[0]) * width, (box[3] - box[1]) * height]
            for box in instance.track
        ]
        self._annotations.append(
            {
                "id": len(self._annotations) + 1,
                "video_id": video["id"],
                "instance_id": number,
                "category_id": self._ids[instance.label],
                "iscrowd": 0,
                "width": width,
                "height": height,
                "bboxes": [box and [round(edge, 2) for edge in box] for box in pixels],
                "areas": [box and round(box[2] * box[3], 2) for box in pixels],
            }
        )

    def text(self) -> str:
        """The document as JSON."""
        categories = [{"id": number, "name": name, "supercategory": ""} for name, number in self._ids.items()]
        document = {"videos": self.videos, "categories": categories, "annotations": self._annotations}
        return json.dumps(document) + "\n"


def _rate(one: Accepted) -> float:
    """Frames a second of a video: the file's, or Label Studio's where the file does not say."""
    return one.info.frame_rate or one.frame_rate


def _length(one: Accepted) -> int:
    """Number of frames."""
    return 1 if one.is_image else max(1, round(one.info.duration * _rate(one)))
