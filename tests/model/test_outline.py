import numpy as np

from model.boxes import iou
from model.localization import regions
from model.outline import outline

SIZE = 112
BOX = (0.3, 0.2, 0.5, 0.8)  # a tall object: nothing a round hill of heat could tell


def scene(seed: int = 0) -> np.ndarray:
    """(112, 112, 3) a speckled red object on speckled green."""
    rng = np.random.default_rng(seed)
    frame = np.full((SIZE, SIZE, 3), (40, 140, 60))
    x1, y1, x2, y2 = (round(edge * SIZE) for edge in BOX)
    frame[y1:y2, x1:x2] = (200, 60, 50)
    return np.clip(frame + rng.normal(0, 12, frame.shape), 0, 255).astype(np.uint8)


def heat(x: float = 0.4, y: float = 0.5, grid: int = 14) -> np.ndarray:
    """(14, 14) logits of a round hill, wider than the object and shorter."""
    cells = (np.arange(grid) + 0.5) / grid
    return 8 * 0.5 ** (((cells[None] - x) / 0.18) ** 2 + ((cells[:, None] - y) / 0.18) ** 2) - 4


def test_the_box_ends_where_the_objects_colours_do():
    by_heat, by_colour = regions(heat())[0].box, regions(heat(), scene())[0].box
    assert iou(by_heat, BOX) < 0.6
    assert iou(by_colour, BOX) > 0.9


def test_another_object_of_the_same_colours_is_not_taken_in():
    frame = scene()
    frame[30:80, 85:105] = (200, 60, 50)
    assert iou(regions(heat(), frame)[0].box, BOX) > 0.9


def test_without_colours_to_tell_apart_the_heat_decides():
    for frame in (np.zeros((SIZE, SIZE, 3), np.uint8), np.full((SIZE, SIZE, 3), 255, np.uint8)):
        assert iou(regions(heat(), frame)[0].box, regions(heat())[0].box) > 0.5


def test_an_outline_that_leaves_the_heat_is_not_believed():
    frame = np.random.default_rng(1).integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)
    frame[52:60, 40:48] = 0  # a dark speck under the very peak of the heat
    box = regions(heat(), frame)[0].box
    assert iou(box, regions(heat())[0].box) >= 0.25


def test_frames_of_any_size_are_squashed_to_the_map():
    wide = np.repeat(np.repeat(scene(), 2, axis=0), 4, axis=1)
    assert iou(regions(heat(), wide)[0].box, BOX) > 0.9


def test_the_outline_is_connected_holds_the_peak_and_stays_on_its_own_ground():
    level = np.clip((heat().repeat(8, 0).repeat(8, 1) + 4) / 8, 0, 1)
    own = np.ones((SIZE, SIZE), bool)
    own[56:] = False
    peak = (54, 44)
    found = outline(level / level[peak], scene(), peak, own=own)
    assert found[peak]
    assert not found[56:].any()
