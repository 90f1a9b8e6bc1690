from model.evaluation.swaps import Swap, swaps_of
from model.samples import Sample

LEFT, RIGHT = (0.0, 0.0, 0.4, 0.4), (0.6, 0.6, 1.0, 1.0)


def sample(video: int, classes: str, sounding: set[int], *, visible: str = "", steady: bool = True) -> Sample:
    boxes = {k: box for k, box in enumerate([LEFT, RIGHT]) if k < len(classes) and classes[k] not in visible}
    return Sample(video, 0, 1.0, tuple(classes), boxes, frozenset(sounding), steady)


def test_the_second_is_anothers_in_which_only_the_silent_class_sounds():
    samples = [
        sample(0, "ab", {0}),
        sample(0, "ab", {1}),  # b alone, but in the same video
        sample(1, "ab", {0, 1}),  # b, but not alone
        sample(2, "b", {0}, steady=False),  # b alone, but something begins
        sample(3, "b", {0}),
    ]
    assert swaps_of(samples, [0], seed=0) == ([Swap(0, 4, [RIGHT])], 0)


def test_frames_without_a_silent_class_in_view_are_passed_over():
    samples = [
        sample(0, "ab", {0, 1}),
        sample(1, "aa", {0}),  # the other object is of the class that sounds
        sample(2, "ab", {0}, visible="b"),  # b is out of view
        sample(3, "b", {0}),
    ]
    assert swaps_of(samples, [0, 1, 2, 3], seed=0) == ([], 0)


def test_frames_whose_silent_class_is_heard_nowhere_else_are_counted():
    samples = [sample(0, "ab", {0}), sample(1, "ac", {0}), sample(2, "c", {0})]
    assert swaps_of(samples, [0, 1], seed=0) == ([Swap(1, 2, [RIGHT])], 1)


def test_the_choice_is_seeded():
    samples = [sample(0, "ab", {0})] + [sample(video, "b", {0}) for video in range(1, 50)]
    first = [swaps_of(samples, [0], seed=seed)[0][0].second for seed in range(10)]
    assert first == [swaps_of(samples, [0], seed=seed)[0][0].second for seed in range(10)]
    assert len(set(first)) > 5
