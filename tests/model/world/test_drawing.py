import numpy as np
import pytest

from model.world.drawing import Pen, hue, mix, ring, smooth, sprite

RED = (200, 40, 40)


def rectangle(width: float = 0.8, height: float = 0.2) -> Pen:
    pen = Pen()
    pen.box(0.1, 0.4, 0.1 + width, 0.4 + height, RED, outline=None)
    return pen


def test_a_sprite_is_cut_out_and_of_the_size_asked_for() -> None:
    image = sprite(rectangle(), 40)
    assert image.mode == "RGBa"
    assert image.width == pytest.approx(80, abs=1)
    assert image.height == pytest.approx(20, abs=1)
    stretched = sprite(rectangle(), 40, stretch=4.0)
    assert stretched.width == pytest.approx(160, abs=1)
    assert stretched.height == pytest.approx(10, abs=1)


def test_a_sprite_turned_by_a_right_angle_stands() -> None:
    image = sprite(rectangle(), 40, rotation=90)
    assert image.width == pytest.approx(20, abs=1)
    assert image.height == pytest.approx(80, abs=1)


def test_contrast_moves_colours_away_from_grey_and_leaves_the_shape() -> None:
    pale, plain, vivid = (np.asarray(sprite(rectangle(), 40, contrast=k)).astype(int) for k in (0.5, 1.0, 1.5))
    assert np.array_equal(pale[..., 3], vivid[..., 3])
    distances = [np.abs(one[10, 40, :3] - 127.5) for one in (pale, plain, vivid)]
    assert (distances[0] < distances[1]).all()
    assert (distances[1] < distances[2]).all()
    assert (vivid[..., :3] <= vivid[..., 3:]).all()  # premultiplied


def test_a_flipped_sprite_is_mirrored() -> None:
    pen = rectangle()
    pen.box(0.1, 0.4, 0.3, 0.6, (40, 40, 200), outline=None)
    plain, flipped = (np.asarray(sprite(pen, 40, flip=flip)).astype(int) for flip in (False, True))
    assert np.abs(plain[5:-5] - flipped[5:-5, ::-1]).max() <= 12


def test_a_pattern_shows_only_inside_its_shape() -> None:
    pen = Pen()
    pen.inside(ring(0.5, 0.5, 0.2, 0.2), lambda layer: layer.box(0, 0, 1, 1, RED, outline=None))
    alpha = np.asarray(pen.image)[..., 3]
    assert alpha[192, 192] == 255
    assert alpha[192, 192 + 90] == 0
    assert 0.11 < (alpha > 0).mean() < 0.14  # pi / 25


def test_smooth_runs_through_its_points() -> None:
    points = [(0.1, 0.1), (0.9, 0.2), (0.5, 0.8)]
    path = smooth(points)
    assert all(min(abs(x - a) + abs(y - b) for a, b in path) < 1e-9 for x, y in points)
    assert smooth(points, closed=False)[-1] == points[-1]


def test_colours_stay_colours() -> None:
    assert hue(0, 1, 1) == (255, 0, 0)
    assert hue(480, 2, -1) == (0, 0, 0)
    assert mix((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
