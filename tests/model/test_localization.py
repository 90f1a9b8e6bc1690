import numpy as np
import pytest
import torch

from model.boxes import contains, iou
from model.localization import BoxRule, localize, peak, probabilities, regions
from model.networks import AVOLNet, NetworkConfig

GRID = 14


def hill(x: float, y: float, width: float, height: float, top: float = 4.0) -> np.ndarray:
    """A map (14, 14) of logits that falls off from (x, y); at half its height it is width x height of the frame."""
    cells = (np.arange(GRID) + 0.5) / GRID
    across, down = (cells - x) / (width / 2), (cells - y) / (height / 2)
    return (top + 4) * 0.5 ** (across[None] ** 2 + down[:, None] ** 2) - 4


def test_peak_is_the_highest_point_between_cells_too():
    x, y = peak(hill(0.32, 0.71, 0.3, 0.3))
    assert x == pytest.approx(0.32, abs=1 / GRID)
    assert y == pytest.approx(0.71, abs=1 / GRID)


def test_box_covers_the_hill_and_not_the_rest():
    box = regions(hill(0.4, 0.6, 0.4, 0.3), rule=BoxRule(threshold=0.5))[0].box
    assert iou(box, (0.2, 0.45, 0.6, 0.75)) > 0.7


def test_a_lower_threshold_gives_a_larger_box():
    logits = hill(0.5, 0.5, 0.3, 0.3)
    sizes = [regions(logits, rule=BoxRule(threshold=t))[0].box for t in (0.2, 0.4, 0.6)]
    widths = [box[2] - box[0] for box in sizes]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[2]


def test_scale_and_shift_of_the_logits_do_not_move_the_box():
    logits = hill(0.3, 0.3, 0.3, 0.4) + np.random.default_rng(0).normal(0, 0.2, (GRID, GRID))
    assert regions(logits * 3 - 7)[0].box == regions(logits)[0].box


def test_one_object_is_one_region_whose_score_is_the_peak_probability():
    logits = hill(0.6, 0.4, 0.3, 0.3, top=2.0)
    found = regions(logits)
    assert len(found) == 1
    assert found[0].score == pytest.approx(float(probabilities(logits).max()), abs=0.01)
    assert contains(found[0].box, found[0].peak)


def test_two_objects_sounding_together_are_two_regions_highest_first():
    logits = np.maximum(hill(0.25, 0.3, 0.25, 0.25, top=4), hill(0.75, 0.7, 0.25, 0.25, top=3))
    found = regions(logits)
    assert len(found) == 2
    assert contains(found[0].box, (0.25, 0.3))
    assert contains(found[1].box, (0.75, 0.7))
    assert found[0].score > found[1].score
    assert iou(found[0].box, found[1].box) == 0.0


def test_a_ridge_with_two_tops_is_one_region():
    logits = np.maximum(hill(0.42, 0.5, 0.3, 0.3), hill(0.58, 0.5, 0.3, 0.3))
    assert len(regions(logits)) == 1


def test_flat_and_noisy_maps_give_boxes_inside_the_frame():
    rng = np.random.default_rng(1)
    for logits in (np.zeros((GRID, GRID)), *rng.normal(0, 1, (20, GRID, GRID)), np.full((GRID, GRID), -40.0)):
        for region in regions(logits):
            x1, y1, x2, y2 = region.box
            assert 0 <= x1 < x2 <= 1
            assert 0 <= y1 < y2 <= 1
            assert 0 <= region.score <= 1


def test_the_mirrored_frame_counts_as_much_as_the_frame():
    torch.manual_seed(0)
    network = AVOLNet(NetworkConfig(image_size=64)).eval()
    rng = np.random.default_rng(2)
    frames = rng.integers(0, 255, (3, 64, 64, 3), dtype=np.uint8)
    waveforms = rng.normal(0, 0.1, (3, 48_000)).astype(np.float32)
    maps = localize(network, frames, waveforms)
    mirrored = localize(network, np.ascontiguousarray(frames[:, :, ::-1]), waveforms)
    assert maps.shape == (3, network.config.grid, network.config.grid)
    np.testing.assert_allclose(maps[:, :, ::-1], mirrored, atol=1e-6)
    assert not np.allclose(maps, localize(network, frames, waveforms, flip=False), atol=1e-6)
