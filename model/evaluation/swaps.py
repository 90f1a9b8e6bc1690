"""Swaps: frames heard with a second of another video, in which another of the visible classes sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.boxes import Box
from model.samples import Sample


@dataclass(frozen=True)
class Swap:
    """A frame and another video's second.

    Attributes:
        frame: sample index of the frame.
        second: sample index of the second.
        boxes: where in the frame the class that sounds in the second is.
    """

    frame: int
    second: int
    boxes: list[Box]


def swaps_of(samples: Sequence[Sample], frames: Sequence[int], *, seed: int) -> tuple[list[Swap], int]:
    """For each frame that shows a class which is silent there, a second in which that class alone sounds.

    Args:
        samples: where seconds are taken from, always another video than the frame's.
        frames: indices of the samples whose frames are asked for.
        seed: of the choice among such seconds.

    Returns:
        The swaps, and how many frames with a silent class found no such second.
    """
    rng = np.random.default_rng(seed)
    alone: dict[str, list[int]] = {}
    for index, sample in enumerate(samples):
        if sample.steady and len(sample.sounding_classes) == 1:
            (only,) = sample.sounding_classes
            alone.setdefault(only, []).append(index)
    swaps, without = [], 0
    for frame in frames:
        sample = samples[frame]
        silent = sorted(sample.visible_classes - sample.sounding_classes)
        if not silent:
            continue
        other = str(rng.choice(silent))
        seconds = [index for index in alone.get(other, []) if samples[index].video != sample.video]
        if seconds:
            boxes = [box for number, box in sample.boxes.items() if sample.classes[number] == other]
            swaps.append(Swap(frame, int(rng.choice(seconds)), boxes))
        else:
            without += 1
    return swaps, without
