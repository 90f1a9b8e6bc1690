"""Neighbours are those that comparing every clip with every other finds, and no more than are asked for are kept."""

import tracemalloc

import numpy as np
import pytest

from model.neighbours import nearest, similarities

FLOOR = 0.5


def clips(count: int, spread: float = 1.0) -> np.ndarray:
    """Clips around one direction, (count, 256): picture and sound, each of unit length."""
    found = 1.0 + spread * np.random.default_rng(0).normal(size=(count, 2, 128))
    return (found / np.linalg.norm(found, axis=2, keepdims=True)).reshape(count, 256).astype(np.float32)


@pytest.fixture
def some() -> np.ndarray:
    """Enough for several blocks; one is there twice, one has nothing."""
    found = clips(600)
    found[40], found[50] = found[20], 0.0
    return found


def test_the_nearest_are_those_of_comparing_all(some: np.ndarray) -> None:
    tasks = [3 * row + 1 for row in range(len(some))]
    asked = tasks[::2]
    found = dict(zip(asked, nearest(asked, tasks, some, most=5, floor=FLOOR), strict=True))
    similarities = some @ some.T / 2
    np.fill_diagonal(similarities, -1.0)
    for task, near in found.items():
        line = similarities[(task - 1) // 3]
        best = [row for row in np.argsort(-line)[:5].tolist() if line[row] >= FLOOR]
        assert [one.similarity for one in near] == pytest.approx(line[best].tolist(), abs=1e-5)
        assert task not in {one.task for one in near}
    assert found[tasks[20]][0] == (tasks[40], 1.0)
    assert found[tasks[50]] == []


def test_the_nearest_of_some_is_told_too(some: np.ndarray) -> None:
    tasks, labelled = list(range(len(some))), {7, 50, 300, 599}
    similarities = some @ some.T / 2
    for task, near in zip(tasks, nearest(tasks, tasks, some, most=2, floor=FLOOR, among=labelled), strict=True):
        expected = max((one for one in sorted(labelled - {task})), key=lambda one: similarities[task, one])
        if similarities[task, expected] >= FLOOR:
            assert expected in {one.task for one in near}
        assert len(near) <= 3
        assert near == sorted(near, key=lambda one: -one.similarity)


def test_equally_like_clips_are_told_in_the_order_of_their_tasks() -> None:
    same = np.repeat(clips(1), 300, axis=0)
    for near in nearest(range(100, 300), range(300), same, most=3, floor=FLOOR, among={50, 60}):
        assert [one.task for one in near] == [0, 1, 2, 50]


def test_what_neither_has_does_not_count() -> None:
    one, other = clips(2).reshape(2, 2, 128)
    nothing = np.zeros(128, np.float32)
    found = similarities(
        np.stack([np.r_[one[0], one[1]], np.r_[nothing, one[1]], np.r_[one[0], nothing]]),
        np.stack([np.r_[other[0], other[1]], np.r_[nothing, other[1]], np.r_[nothing, nothing]]),
    )
    seen, heard = one[0] @ other[0], one[1] @ other[1]
    expected = [[(seen + heard) / 2, heard / 2, 0], [heard / 2, heard, 0], [seen / 2, 0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_memory_grows_with_the_clips_and_not_with_their_pairs() -> None:
    peaks = []
    for count in (1000, 4000):
        many = clips(count, spread=0.1)
        tracemalloc.start()
        found = list(nearest(range(count), range(count), many, most=5, floor=FLOOR))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(found) == count and all(len(near) == 5 for near in found)
    assert peaks[1] < 6 * peaks[0]
