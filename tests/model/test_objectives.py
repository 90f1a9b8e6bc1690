"""What the objectives reward."""

import math

import torch

from model.objectives import contrastive, correspondence, soft_maximum


def test_soft_maximum_lies_between_mean_and_maximum() -> None:
    maps = torch.randn(5, 14, 14, generator=torch.Generator().manual_seed(0))
    pooled = soft_maximum(maps, 2.0)
    assert (pooled > maps.mean((1, 2))).all() and (pooled < maps.amax((1, 2))).all()
    torch.testing.assert_close(soft_maximum(maps, 1e4), maps.amax((1, 2)), atol=1e-2, rtol=0)


def test_contrastive_is_log_batch_at_chance_and_zero_when_solved() -> None:
    assert math.isclose(contrastive(torch.zeros(8, 8)).item(), math.log(8), rel_tol=1e-5)
    assert contrastive(torch.eye(8) * 100).item() < 1e-6
    assert contrastive((1 - torch.eye(8)) * 100).item() > 50


def test_pairs_of_other_worlds_are_no_negatives() -> None:
    scores = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    worlds = torch.tensor([0, 0, 1, 1, 1, 1])
    each = [contrastive(scores[part, part]) for part in (slice(0, 2), slice(2, 6))]
    torch.testing.assert_close(contrastive(scores, worlds), (2 * each[0] + 4 * each[1]) / 6)


def test_a_sound_belongs_to_each_picture_that_is_heard_in_it() -> None:
    heard = torch.eye(4)
    heard[1, 0] = 1  # sound 0 is a mixture of its own and that of picture 1
    both = torch.full((4, 4), -50.0).masked_fill(heard > 0, 50.0)
    # Picture 1 is in two sounds, sound 0 of two pictures: a half each is the best there is, ln 2 for one row of four.
    assert math.isclose(contrastive(both, heard=heard).item(), math.log(2) / 4, rel_tol=1e-5)
    hidden = both.clone()
    hidden[1, 0] = -50.0  # the louder hides the other
    assert contrastive(hidden, heard=heard).item() > 10


def test_mixtures_of_other_worlds_are_no_negatives_either() -> None:
    scores = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    worlds = torch.tensor([0, 0, 1, 1, 1, 1])
    heard = torch.eye(6)
    heard[0, 1] = heard[4, 5] = heard[2, 3] = 1
    each = [contrastive(scores[part, part], heard=heard[part, part]) for part in (slice(0, 2), slice(2, 6))]
    torch.testing.assert_close(contrastive(scores, worlds, heard), (2 * each[0] + 4 * each[1]) / 6)


def test_correspondence_is_log_two_at_chance_and_zero_when_solved() -> None:
    together = torch.tensor([True, True, False, False])
    assert math.isclose(correspondence(torch.zeros(4), together).item(), math.log(2), rel_tol=1e-6)
    assert correspondence(torch.tensor([50.0, 50.0, -50.0, -50.0]), together).item() < 1e-6
    assert correspondence(torch.tensor([-50.0, -50.0, 50.0, 50.0]), together).item() > 40
