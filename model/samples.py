"""Samples: the moments of videos that a figure is measured at."""

from dataclasses import dataclass

from model.boxes import Box
from model.truth import Truth
from model.video import Video

LOCALIZATION_RATE = 2.0  # moments a second of a video at which pointing and boxes are measured
HALF = 0.5  # s: half of the audio second around a frame
SLACK = 1e-6  # s: times that differ by less are one time


@dataclass(frozen=True)
class Sample:
    """A frame and the audio second centred on it, with what the labels say of both.

    Attributes:
        video: index of the video among those evaluated.
        index: of the frame among those sampled from the video.
        time: seconds, when the frame is shown.
        classes: class of each object of the video, "" where the labels do not name it.
        boxes: box of each object visible in the frame; the whole frame where the labels do not say where it is.
        sounding: objects that sound through the whole second, visible or not; empty where nothing is labelled.
        steady: whether no segment begins or ends inside the second, so that one set of objects sounds in it.
        localized: whether pointing and boxes are measured here too, not only correspondence.
        votes: how many of the boxes must hold a point for it to count as sounding for certain: 2 where several
            annotators drew the same object, see `model.datasets.flickr_soundnet`.
    """

    video: int
    index: int
    time: float
    classes: tuple[str, ...]
    boxes: dict[int, Box]
    sounding: frozenset[int]
    steady: bool
    localized: bool = True
    votes: int = 1

    @property
    def sounding_boxes(self) -> list[Box]:
        """Boxes of the visible objects that sound."""
        return [box for index, box in self.boxes.items() if index in self.sounding]

    @property
    def sounding_classes(self) -> frozenset[str]:
        """Classes that sound through the second, as far as they are named."""
        return frozenset(self.classes[index] for index in self.sounding if self.classes[index])

    @property
    def visible_classes(self) -> frozenset[str]:
        """Classes of the visible objects, as far as they are named."""
        return frozenset(self.classes[index] for index in self.boxes if self.classes[index])


def samples_of(labels: Truth, video: Video, *, number: int, rate: float) -> list[Sample]:
    """The samples of a video whose second lies inside the file and is sounded through by a labelled object.

    Args:
        labels: of this video.
        video: decoded at `rate`.
        number: of the video among those evaluated.
        rate: samples a second; sample k is frame k.
    """
    found = []
    for index in range(len(video.frames)):
        time = index / rate
        start, end = time - HALF, time + HALF
        if start < 0 or end > video.info.duration + SLACK:
            continue
        sounding = frozenset(labels.sounding_at(start, end))
        if not sounding:
            continue
        found.append(
            Sample(
                video=number,
                index=index,
                time=time,
                classes=tuple(labels.classes),
                boxes=labels.boxes_at(time, video.info.frame_rate),
                sounding=sounding,
                steady=not labels.boundary_within(start + SLACK, end - SLACK),
                localized=(time * LOCALIZATION_RATE).is_integer(),
            )
        )
    return found
