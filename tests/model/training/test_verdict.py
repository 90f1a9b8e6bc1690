import torch

from model.training.verdict import verdict


def test_a_network_the_wrong_way_round_is_said() -> None:
    """What comes out when the last layer's sign is turned after training: nobody must mistake it for a bad luck."""
    positives, negatives = torch.randn(400) - 2, torch.randn(400) + 2
    learnt, told = verdict(positives, negatives, 40, 360, aligned=False)
    assert not learnt and "the wrong way round" in told


def test_too_few_held_out_to_confirm_anything_is_said() -> None:
    learnt, told = verdict(torch.randn(40) + 9, torch.randn(40) - 9, 2, 10, aligned=True)
    assert not learnt and "in 1.00 of cases (.50 is chance), and with 2 of them chance alone reaches 1.00" in told
