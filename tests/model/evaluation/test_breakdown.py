import numpy as np
import pytest

from model.evaluation.breakdown import by_class, by_size, size_of
from model.samples import Sample


def sample(video: int, classes: tuple[str, ...], side: float, sounding: set[int]) -> Sample:
    boxes = dict.fromkeys(range(len(classes)), (0.0, 0.0, side, side))
    return Sample(video, 0, 1.0, classes, boxes, frozenset(sounding), steady=True)


SAMPLES = [
    sample(0, ("dog",), 0.1, {0}),
    sample(0, ("dog", "cat"), 0.2, {0}),  # the cat is silent
    sample(1, ("dog", "cat"), 0.5, {0, 1}),
    sample(2, ("",), 0.3, {0}),
]
ROWS = {"pointing": np.array([1.0, 0.0, 1.0, 0.0])}


def test_a_class_has_the_samples_in_which_it_sounds():
    groups = by_class(SAMPLES, ROWS, seed=0)
    assert list(groups) == ["cat", "dog"]
    assert groups["dog"]["pointing"].n == 3
    assert groups["dog"]["pointing"].rows["model"].value == pytest.approx(2 / 3)
    assert groups["cat"]["pointing"].n == 1


def test_sizes_are_shares_of_the_frame():
    groups = by_size(SAMPLES, ROWS, seed=0)
    assert {name: one["pointing"].n for name, one in groups.items()} == {"small": 1, "medium": 2, "large": 1}
    assert groups["medium"]["pointing"].rows["model"].value == 0.0


@pytest.mark.parametrize(("pixels", "size"), [(31, "small"), (32, "medium"), (95, "medium"), (96, "large")])
def test_bounds_are_squares_of_32_and_96_of_224_pixels(pixels, size):
    assert size_of((pixels / 224) ** 2) == size
