"""Training on a world so small that it is learned in seconds: two colours, two tones."""

import numpy as np
import pytest
import torch

from model.clips import Clip
from model.networks import NetworkConfig
from model.pairs import PairSource
from model.recipe import TrainingConfig
from model.training import Progress, TrainingError, split, train

TINY = NetworkConfig(image_size=32, width=0.125, embedding=16, sound_pool=4)


def toy_clip(key: str) -> Clip:
    """Even keys show a red patch and sound low, odd ones show a blue patch and sound high."""
    rng = np.random.default_rng(int(key))
    frames = rng.integers(80, 120, (10, 128, 128, 3), dtype=np.uint8)
    x, y = rng.integers(0, 80, 2)
    odd = int(key) % 2
    frames[:, y : y + 48, x : x + 48] = (40, 40, 240) if odd else (240, 40, 40)
    time = np.arange(2 * 48_000) / 48_000
    wave = np.sin(2 * np.pi * (6000 if odd else 600) * rng.uniform(0.9, 1.1) * time)
    return Clip(key, frames, (wave * 8000).astype(np.int16))


@pytest.mark.parametrize("kind", ["avol", "ave"])
def test_correspondence_is_learned(kind: str) -> None:
    source = PairSource([str(i) for i in range(40)], toy_clip)
    config = TrainingConfig(steps=60, batch=16, learning_rate=3e-3, validation_share=0.25, average=0.9)
    seen: list[Progress] = []
    network, report = train(kind, source, config, network_config=TINY, on_progress=seen.append)
    assert not network.training
    # Half of the negatives match by chance (two classes), so .75 is the ceiling; .72 to .75 over five seeds.
    assert report["accuracy"] > 0.65
    assert report["videos"] == 30 and report["held_out"] == 10 and report["steps"] == 60
    assert seen[-1].step == 60 and seen[-1].accuracy is not None


def test_training_goes_on_from_given_weights() -> None:
    source = PairSource([str(i) for i in range(16)], toy_clip)
    config = TrainingConfig(steps=2, batch=8, learning_rate=1e-6)
    first, _ = train("avol", source, config, network_config=TINY)
    second, _ = train("avol", source, config, start=first)
    for before, after in zip(first.image_trunk.parameters(), second.image_trunk.parameters(), strict=True):
        torch.testing.assert_close(before, after, atol=1e-4, rtol=0)
    other, _ = train("ave", source, config, start=first)
    for before, after in zip(first.sound_trunk.parameters(), other.sound_trunk.parameters(), strict=True):
        torch.testing.assert_close(before, after, atol=1e-4, rtol=0)


def test_the_same_seed_gives_the_same_weights() -> None:
    source = PairSource([str(i) for i in range(12)], toy_clip)
    config = TrainingConfig(steps=3, batch=8)
    first, second = (train("avol", source, config, network_config=TINY)[0] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_too_few_videos_are_refused_with_what_would_help() -> None:
    with pytest.raises(TrainingError, match=r"too few videos to learn from \(3\).*several hundred"):
        train("avol", PairSource(["1", "2", "3"], toy_clip), TrainingConfig(steps=1), network_config=TINY)


def test_the_split_is_stable_as_clips_are_added() -> None:
    keys = [str(i) for i in range(100)]
    learn, held_out = split(keys, 0.1)
    assert sorted(learn + held_out) == sorted(keys) and len(held_out) == 10
    more_learn, _ = split([*keys, "100", "101"], 0.1)
    assert len(set(held_out) & set(more_learn)) <= 1
