"""Label suggestions: by several neighbours, in a space where what all regions share does not count."""

import numpy as np
import pytest

from model.neighbours import Neighbour
from model.suggesting import CLIP_FLOOR, FLOOR, RegionSpace, suggest_choice, suggest_labels

SHARED = np.random.default_rng(0).normal(size=(2, 128))
KINDS = {
    name: np.random.default_rng(seed).normal(size=(2, 128)) for seed, name in enumerate(("bell", "drum", "dog"), 1)
}


def regions(kind: str, count: int, seed: int) -> np.ndarray:
    """Regions of one kind, (count, 2, 128): mostly what every region has, then what their kind has, and some noise."""
    noise = np.random.default_rng(seed).normal(size=(count, 2, 128))
    found = 4 * SHARED + KINDS[kind] + 0.2 * noise
    return (found / np.linalg.norm(found, axis=2, keepdims=True)).astype(np.float32)


@pytest.fixture
def space() -> RegionSpace:
    return RegionSpace(np.concatenate([regions(kind, 20, seed) for seed, kind in enumerate(KINDS)]))


def test_regions_that_share_a_direction_are_told_apart(space: RegionSpace) -> None:
    bell, drum = regions("bell", 2, 50), regions("drum", 1, 51)
    assert (bell[0] * drum[0]).sum(1).min() > 0.9  # by their cosines they are all alike
    same, other = space.place(bell) @ space.place(bell[:1]).T, space.place(drum) @ space.place(bell[:1]).T
    assert same.min() > FLOOR > other.max()
    np.testing.assert_allclose(np.linalg.norm(space.place(bell), axis=1), 1, atol=1e-5)


def test_the_nearest_label_is_suggested_and_a_kind_nobody_labelled_gets_none(space: RegionSpace) -> None:
    labelled = np.concatenate([regions("bell", 3, 60), regions("drum", 3, 61)])
    asked = np.concatenate([regions("drum", 1, 62), regions("bell", 1, 63), regions("dog", 1, 64)])
    found = suggest_labels(space.place(asked), space.place(labelled), ["bell"] * 3 + ["drum"] * 3)
    assert [each and each.label for each in found] == ["drum", "bell", None]
    assert all(each is None or FLOOR <= each.similarity <= 1 for each in found)


def test_one_wrong_label_is_outvoted(space: RegionSpace) -> None:
    labelled = regions("bell", 4, 70)
    [found] = suggest_labels(space.place(labelled[:1]), space.place(labelled), ["drum", "bell", "bell", "bell"])
    assert found is not None and found.label == "bell"


def test_labelling_another_example_takes_no_suggestion_away() -> None:
    same, other = np.eye(256)[:2]
    asked, labelled = same[None], np.stack([same, 0.5 * same + np.sqrt(0.75) * other])  # cosines of 1 and .5
    assert suggest_labels(asked, labelled[:1], ["trumpet"]) == [("trumpet", 1.0)]
    assert suggest_labels(asked, labelled, ["trumpet", "trumpet"]) == [("trumpet", 1.0)]
    assert suggest_labels(asked, labelled, ["trumpet", "drum"]) == [("trumpet", 1.0)]


def test_one_label_is_enough_to_begin_with(space: RegionSpace) -> None:
    [found] = suggest_labels(space.place(regions("dog", 1, 80)), space.place(regions("dog", 1, 81)), ["dog"])
    assert found is not None and found.label == "dog"
    assert suggest_labels(space.place(regions("dog", 2, 80)), np.zeros((0, 256)), []) == [None, None]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_project_of_few_regions_has_a_space_too(count: int) -> None:
    space = RegionSpace(regions("bell", count, 90))
    placed = space.place(regions("bell", 2, 91))
    assert placed.shape == (2, 256) and np.isfinite(placed).all()
    # Two regions of one kind must not look like opposites because the space was centred between them.
    assert float(placed[0] @ placed[1]) > 0.5


def test_the_nearest_labelled_clip_offers_its_choice() -> None:
    near = [Neighbour(1, 0.99), Neighbour(2, 0.9), Neighbour(3, 0.8)]
    assert suggest_choice(near, {2: "siren", 3: "dog"}) == ("siren", 0.9)
    assert suggest_choice(near, {}) is None
    assert suggest_choice([], {1: "dog"}) is None


def test_a_clip_too_far_away_offers_nothing() -> None:
    assert suggest_choice([Neighbour(1, CLIP_FLOOR - 0.01)], {1: "dog"}) is None
    assert suggest_choice([Neighbour(1, CLIP_FLOOR)], {1: "dog"}) == ("dog", CLIP_FLOOR)
