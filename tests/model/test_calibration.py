"""Calibration: logits of a network say how likely a pair corresponds."""

import pytest
import torch

from model.calibration import accuracy, area, calibrate, pair_scores
from model.networks import AVOLNet, NetworkConfig
from model.pairs import PairSource
from tests.model.training.test_training import toy_clip


def test_accuracy_counts_both_kinds_equally() -> None:
    assert accuracy(torch.tensor([1.0, 1.0, -1.0, 1.0]), torch.tensor([-1.0, -1.0, -1.0, 1.0])) == 0.75
    assert accuracy(torch.ones(3), torch.ones(30)) == 0.5


def test_area_counts_how_often_a_positive_lies_above_a_negative() -> None:
    assert area(torch.tensor([3.0, 1.0]), torch.tensor([0.0, 2.0])) == 0.75
    assert area(torch.zeros(3), torch.zeros(5)) == 0.5  # ties count half
    assert area(torch.tensor([-1.0]), torch.tensor([1.0, 2.0])) == 0.0


def test_calibrated_logits_are_log_odds() -> None:
    generator = torch.Generator().manual_seed(0)
    # Two unit normals 2 apart: the log odds of x are 2 (x - middle).
    positives, negatives = (torch.randn(20_000, generator=generator) + mean for mean in (7.0, 5.0))
    network = AVOLNet(NetworkConfig(head="product"))
    scale, shift = network.conv7.weight.item(), network.conv7.bias.item()
    calibrate(network, positives, negatives)
    slope = network.conv7.weight.item() / scale
    assert abs(slope - 2) < 0.1  # the slope's standard error at 40,000 pairs is .02
    assert abs((network.conv7.bias.item() - slope * shift) + 12) < 0.6
    assert accuracy(positives * slope - 12, negatives * slope - 12) > 0.83  # .841 at best


def test_a_network_the_wrong_way_round_is_left_alone() -> None:
    network = AVOLNet(NetworkConfig(head="product"))
    before = network.conv7.weight.item()
    assert not calibrate(network, torch.randn(100) - 5, torch.randn(100) + 5)
    assert network.conv7.weight.item() == before


def test_the_same_seed_scores_the_same_pairs() -> None:
    source = PairSource([f"{i}" for i in range(5)], toy_clip)
    network = AVOLNet().eval()
    first, second = (pair_scores(network, source, source.keys, rounds=2, seed=3, chunk=4) for _ in range(2))
    assert torch.equal(first[0], second[0]) and torch.equal(first[1], second[1])
    assert len(first[0]) == len(first[1]) == 10
    with pytest.raises(ValueError, match="two clips"):
        pair_scores(network, source, source.keys[:1])
