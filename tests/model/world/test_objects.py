import numpy as np
import pytest

from model.world.classes import PAINTERS, VOICES
from model.world.drawing import Pen


def drawn(name: str, seed: int) -> np.ndarray:
    pen = Pen()
    PAINTERS[name](pen, np.random.default_rng(seed))
    return np.asarray(pen.image)


def test_what_is_drawn_has_a_voice_and_what_has_a_voice_is_drawn() -> None:
    assert tuple(PAINTERS) == tuple(VOICES)


@pytest.mark.parametrize("name", PAINTERS)
def test_individuals_fill_their_canvas_and_differ(name: str) -> None:
    first, again, other = drawn(name, 0), drawn(name, 0), drawn(name, 1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    solid = first[..., 3] > 127
    assert 0.2 < solid.mean() < 0.9
    # Wide or tall enough that a box around it is filled by it.
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    box = (rows[-1] - rows[0]) * (columns[-1] - columns[0])
    assert solid.sum() / box > 0.3
