import numpy as np
import pytest
from PIL import Image

from model.world.rendering import render
from model.world.scenes import HEIGHT, WIDTH, Motion, Scene, Thing, plan


def still(x: float, y: float, angle: float = 0.0) -> Motion:
    return Motion(x, y, (0, 0), (0, 0), (np.pi / 2, 0), angle, 0, 0, 0, 0, 0)


def square(x: float, y: float, size: tuple[int, int] = (40, 20), angle: float = 0.0) -> Thing:
    return Thing("square", Image.new("RGBa", size, (255, 0, 0, 255)), still(x, y, angle))


def box_of(thing: Thing):
    ((_, (box,)),) = render(np.random.default_rng(1), Scene([thing], [], []), 1.0, 1)
    return box


def in_pixels(box) -> np.ndarray:
    return np.array(box) * [WIDTH, HEIGHT, WIDTH, HEIGHT]


def test_a_box_is_as_large_as_what_is_drawn() -> None:
    assert in_pixels(box_of(square(100, 60))) == pytest.approx([80, 50, 120, 70], abs=0.6)
    assert in_pixels(box_of(square(100.5, 60, angle=90))) == pytest.approx([90.5, 40, 110.5, 80], abs=0.6)


def test_a_box_ends_where_the_picture_does() -> None:
    assert in_pixels(box_of(square(0, 240))) == pytest.approx([0, 230, 20, 240], abs=0.6)
    assert in_pixels(box_of(square(160, 120, (500, 400)))) == pytest.approx([0, 0, 320, 240])


@pytest.mark.parametrize(("x", "y"), [(-30, 60), (350, 60), (100, -20), (100, 260), (9000, 9000)])
def test_what_is_out_of_view_has_no_box(x: float, y: float) -> None:
    assert box_of(square(x, y)) is None


def test_what_is_barely_there_has_no_box() -> None:
    faint = Thing("haze", Image.new("RGBa", (40, 20), (120, 0, 0, 120)), still(100, 60))
    assert box_of(faint) is None


def test_the_boxes_of_drawn_objects_are_tight() -> None:
    """What an object changes in the picture is what its box holds; none of it is beside the box, no edge is idle."""
    for seed in range(6):
        scene = plan(np.random.default_rng(seed), 6.0)
        without = render(np.random.default_rng(seed), Scene([], [], []), 2.0, 1)
        alone = render(np.random.default_rng(seed), Scene(scene.objects[:1], [], []), 2.0, 1)
        for (empty, _), (drawn, (box,)) in zip(without, alone, strict=True):
            if box is None:
                continue
            changed = np.abs(drawn.astype(int) - empty).max(axis=2) > 24
            columns, rows = np.flatnonzero(changed.any(axis=0)), np.flatnonzero(changed.any(axis=1))
            seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
            assert in_pixels(box) == pytest.approx(seen, abs=2)


def test_frames_are_opaque_colour_and_change() -> None:
    scene = plan(np.random.default_rng(3), 6.0)
    frames = [frame for frame, _ in render(np.random.default_rng(3), scene, 1.0, 5)]
    assert len(frames) == 5
    for frame in frames:
        assert frame.shape == (HEIGHT, WIDTH, 3)
        assert frame.dtype == np.uint8
    assert not np.array_equal(frames[0], frames[1])


def test_of_two_distractors_one_stands_before_the_object_and_one_behind() -> None:
    def distractor(colour: tuple[int, int, int, int]) -> Thing:
        return Thing("sheet", Image.new("RGBa", (60, 60), colour), still(100, 60))

    def middle(*distractors: Thing) -> list[int]:
        ((frame, (box,)),) = render(np.random.default_rng(1), Scene([square(100, 60)], [], list(distractors)), 1.0, 1)
        assert in_pixels(box) == pytest.approx([80, 50, 120, 70], abs=0.6)  # of all of it, hidden or not
        return frame[60, 100].tolist()

    green, blue = (0, 255, 0, 255), (0, 0, 255, 255)
    assert middle(distractor(green)) == [255, 0, 0]
    assert middle(distractor(green), distractor(blue)) in ([0, 255, 0], [0, 0, 255])
