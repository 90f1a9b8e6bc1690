"""Networks whose answers are known beforehand get the figures they deserve."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from model import truth
from model.datasets import open_dataset
from model.evaluation import Evaluation, EvaluationError, evaluate_localization
from model.evaluation.controls import UNTRAINED, untrained
from model.networks import AVOLNet, NetworkConfig
from model.truth import Segment, Truth
from tests.model.humming import COLOURS, LEFT, RIGHT, TONES, hum


class Seer(AVOLNet):
    """Knows the colours and the tones of the humming squares; `turn` makes it take each tone for the next one's."""

    def __init__(self, turn: int = 0, *, deaf: bool = False) -> None:
        super().__init__(NetworkConfig(width=0.1, embedding=3))
        self.turn, self.deaf = turn, deaf

    def vision(self, images):
        colours = torch.tensor(list(COLOURS.values())) / 255  # (3, 3)
        distance = (images[:, None] - colours[None, :, :, None, None]).norm(dim=2)  # (B, 3, S, S)
        return F.adaptive_avg_pool2d((distance < 0.3).float(), self.config.grid)

    def sound(self, spectrograms):
        bins = [round(tone / 48_000 * 512) for tone in TONES.values()]
        level = spectrograms.mean((1, 3))[:, bins]  # (B, 3)
        heard = (level > -1).float()
        return torch.ones_like(heard) if self.deaf else heard.roll(self.turn, 1)

    def maps(self, vision, sound):
        return torch.einsum("behw,be->bhw", vision, sound) - 0.5


def values(evaluation, figure):
    return {name: row.value for name, row in evaluation.figures[figure].rows.items()}


@pytest.fixture(scope="module")
def progress() -> dict[str, tuple[int, int]]:
    """How far each phase of `evaluation` got, filled by it."""
    return {}


@pytest.fixture(scope="module")
def evaluation(humming: Path, progress: dict[str, tuple[int, int]]) -> Evaluation:
    """Of a network that is always right."""
    return evaluate_localization(
        open_dataset(humming), Seer().eval(), on_progress=lambda name, *at: progress.update({name: at})
    )


def test_a_network_that_sees_and_hears_right_is_right_everywhere(evaluation):
    assert values(evaluation, "pointing")["model"] == 1.0
    assert values(evaluation, "swap_pointing")["model"] == 1.0
    assert values(evaluation, "swap_pointing")["original_audio"] == 0.0
    assert values(evaluation, "right_of_two")["model"] == 1.0
    assert values(evaluation, "right_of_two")["chance"] == values(evaluation, "right_of_two")["silence"] == 0.5
    assert values(evaluation, "box_iou50")["model"] == 1.0
    assert values(evaluation, "mean_iou")["model"] > 0.75  # the grid's cells are 1/14 of the frame
    assert values(evaluation, "avc")["model"] == values(evaluation, "avc")["ceiling"]
    assert evaluation.videos == 6
    assert evaluation.skipped == []


def test_counts_follow_from_the_labels(evaluation):
    figures = evaluation.figures
    # Turns: .5, 1, 1.5, 2.5, 3, 3.5 s of three videos; sounding throughout: .5, 1 .. 3.5 s of three.
    assert figures["pointing"].n == figures["box_iou50"].n == figures["mean_iou"].n == 3 * 6 + 3 * 7
    assert figures["swap_pointing"].n == 3 * 6 + 7
    assert figures["swap_pointing"].notes == {"no_sound": 0}
    # At 4 Hz ten of the turns' seconds and all thirteen others, once as they are and once mismatched.
    assert figures["avc"].n == 2 * (3 * 10 + 3 * 13)


def test_a_network_that_takes_one_sound_for_another_is_wrong(humming):
    evaluation = evaluate_localization(open_dataset(humming), Seer(turn=1).eval())
    # Where the class it takes the sound for is out of view its map is flat: its peak is nowhere in particular.
    assert values(evaluation, "pointing")["model"] < 0.1
    assert values(evaluation, "avc")["model"] < 0.5


def test_a_deaf_network_is_found_out_by_the_swap(humming):
    evaluation = evaluate_localization(open_dataset(humming), Seer(deaf=True).eval())
    swap = values(evaluation, "swap_pointing")
    assert swap["model"] == pytest.approx(swap["original_audio"])
    assert values(evaluation, "pointing")["model"] < 1.0
    assert values(evaluation, "avc")["model"] == 0.5  # it answers yes to everything


def test_baselines_are_what_the_boxes_make_them(evaluation):
    pointing, overlap = values(evaluation, "pointing"), values(evaluation, "mean_iou")
    assert pointing["centre"] == 0.0  # no square reaches the middle
    assert pointing["uniform"] == pytest.approx(0.3 * 0.5)  # the area of each
    # A box of .3 x .5 in the middle, x .35..0.65, y .25..0.75, shares .01 x .45 with the left square and .05 x .45
    # with the right one: overlaps .0045 / .2955 and .0225 / .2775. Left counts in 3 x 3 + 7 of 39 samples.
    assert overlap["centre"] == pytest.approx((16 * 0.0045 / 0.2955 + 23 * 0.0225 / 0.2775) / 39, abs=1e-6)
    assert pointing["random_weights"] < 1.0
    assert values(evaluation, "avc")["chance"] == 0.5


def test_map_overlaps_are_those_of_the_protocol(evaluation):
    area = values(evaluation, "ciou_auc")
    # Squares of .15 of the frame. The whole frame has IoU .15 with them, so thresholds 0, .05, .1 are reached, and .15
    # where cutting to whole pixels left enough; half the frame .3, so 0 .. .25 are.
    assert 0.05 * 2.5 <= area["uniform"] <= 0.05 * 3.5
    assert 0.05 * 5.5 <= area["ceiling"] <= 0.05 * 6.5
    assert values(evaluation, "ciou")["centre"] == values(evaluation, "ciou")["uniform"] == 0.0
    # This network's map has one value all around the square, so the cut at its median leaves the square alone.
    assert values(evaluation, "ciou")["model"] == 1.0


def test_without_the_right_sound_a_network_that_listens_is_lost(evaluation):
    pointing = values(evaluation, "pointing")
    assert pointing["silence"] == 0.0  # it hears nothing, so its map is flat and its peak in a corner
    assert pointing["other_sound"] < 0.7  # right where the other video happens to hum the same
    assert values(evaluation, "ciou_auc")["silence"] == values(evaluation, "ciou_auc")["uniform"]


def test_figures_by_class_and_size_count_every_sample_once_here(evaluation):
    by_class, by_size = evaluation.groups["by_class"], evaluation.groups["by_size"]
    assert {name: figures["pointing"].n for name, figures in by_class.items()} == {
        "blue": 3 + 3 + 7,  # the second turn of b, the first of c, all of f
        "green": 3 + 3 + 7,
        "red": 3 + 3 + 7,
    }
    assert {name: figures["box_iou50"].n for name, figures in by_size.items()} == {"small": 0, "medium": 39, "large": 0}
    assert by_class["red"]["pointing"].rows["model"].value == 1.0
    assert by_size["small"]["pointing"].rows["model"].value is None


def test_progress_names_every_phase_to_its_end(evaluation, progress):
    untrained_phases = [f"maps, untrained network {number}" for number in range(1, UNTRAINED + 1)]
    assert list(progress) == ["videos", "maps, model", *untrained_phases, "pairs, model", "cIoU", "boxes"]
    assert all(done == total > 0 for done, total in progress.values())


def test_an_object_out_of_view_does_not_count(tmp_path):
    made = hum(tmp_path, "a.mp4", [("red", LEFT), ("green", RIGHT)], [Segment(0.0, 4.0, 0)])
    made.boxes[0][50:] = [None] * 50
    truth.write(tmp_path, [made])
    evaluation = evaluate_localization(open_dataset(tmp_path), Seer().eval())
    assert evaluation.figures["pointing"].n == 3  # .5, 1, 1.5 s
    assert evaluation.figures["avc"].n == 0  # one video has no mismatched pairs
    assert evaluation.figures["avc"].to_dict()["model"] is None
    assert evaluation.figures["swap_pointing"].notes == {"no_sound": 3}


def test_nothing_that_counts_is_one_sentence(tmp_path):
    truth.write(tmp_path, [hum(tmp_path, "silent.mp4", [("red", LEFT)], [])])
    with pytest.raises(EvaluationError, match="none of its 1 usable videos has a second"):
        evaluate_localization(open_dataset(tmp_path), Seer().eval())
    truth.write(tmp_path, [Truth("gone.mp4", ["red"], [], {})])
    with pytest.raises(EvaluationError, match="none of its 0 usable videos"):
        evaluate_localization(open_dataset(tmp_path), Seer().eval())


def test_plain_values_have_one_key_a_figure(evaluation):
    plain = evaluation.to_dict()
    figures = ["pointing", "swap_pointing", "right_of_two", "ciou", "ciou_auc", "box_iou50", "mean_iou", "avc"]
    assert list(plain) == [*figures, "by_class", "by_size", "videos", "skipped"]
    controls = {"other_sound", "silence", "white_noise"}
    assert {"model", "centre", "uniform", "random_weights", "n", "ci95"} | controls <= set(plain["pointing"])
    assert {"model", "ceiling", "n", "ci95"} <= set(plain["avc"])


def test_the_untrained_row_is_the_mean_of_networks_that_anyone_can_make(humming):
    config = NetworkConfig(image_size=48, width=0.1)
    evaluations = [evaluate_localization(open_dataset(humming), untrained(config, seed=k)) for k in range(UNTRAINED)]
    for name in ("pointing", "swap_pointing", "box_iou50", "mean_iou"):
        rows = [one.figures[name].rows for one in evaluations]
        assert rows[0]["random_weights"] == rows[1]["random_weights"]  # the same seed, the same figures
        assert rows[0]["random_weights"].value == pytest.approx(np.mean([row["model"].value for row in rows]))
