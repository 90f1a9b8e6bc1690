"""Figures by class and by size of what sounds: a mean hides what a network is blind to."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from model.boxes import union_area
from model.evaluation.evaluation import Groups
from model.figures import figure
from model.samples import Sample

# Bounds of the object's share of the frame: COCO's 32^2 and 96^2 pixels, of the 224^2 that cIoU is measured in.
SMALL, LARGE = (32 / 224) ** 2, (96 / 224) ** 2  # .020 and .184
SIZES = ("small", "medium", "large")


def by_class(samples: Sequence[Sample], rows: Mapping[str, np.ndarray], *, seed: int) -> Groups:
    """Figures of the model on the samples in which each class sounds, by name.

    A sample in which two classes sound counts for both; one whose objects are not named for none.

    Args:
        samples: n of them.
        rows: values (n,) of the model by figure.
        seed: of the intervals.
    """
    names = sorted({name for sample in samples for name in _sounding_in_view(sample)})
    return _grouped(samples, rows, names, _sounding_in_view, seed)


def by_size(samples: Sequence[Sample], rows: Mapping[str, np.ndarray], *, seed: int) -> Groups:
    """The same by share of the frame that the sounding objects' boxes cover together.

    small is below 2.0 % of it, large from 18.4 % on, medium between.
    """
    return _grouped(samples, rows, SIZES, lambda sample: {size_of(union_area(sample.sounding_boxes))}, seed)


def size_of(share: float) -> str:
    """The size of an object that covers such a share of the frame."""
    return SIZES[0] if share < SMALL else SIZES[1] if share < LARGE else SIZES[2]


def _sounding_in_view(sample: Sample) -> frozenset[str]:
    return sample.sounding_classes & sample.visible_classes


def _grouped(
    samples: Sequence[Sample],
    rows: Mapping[str, np.ndarray],
    names: Iterable[str],
    groups_of: Callable[[Sample], Iterable[str]],
    seed: int,
) -> Groups:
    members: dict[str, list[int]] = {name: [] for name in names}
    for index, sample in enumerate(samples):
        for name in groups_of(sample):
            members[name].append(index)
    return {
        name: {
            row: figure({"model": values[chosen]}, [samples[index].video for index in chosen], seed=seed)
            for row, values in rows.items()
        }
        for name, chosen in members.items()
    }
