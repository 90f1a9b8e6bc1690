"""Pairs: where a second of sound lies around its frame, and what the augmentations do."""

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency

from model.clips import Clip
from model.motion import around
from model.optical_flow import BOUND, tv_l1
from model.pairs import GRID, PairSource, augment_images, augment_sounds, mix_sounds
from model.recording import SAMPLE_RATE
from tests.model.test_optical_flow import sliding


def clip(key: str, seconds: int = 4) -> Clip:
    """A clip whose every frame and every sample tell their time: grey level and amplitude count .04 s steps."""
    frames = np.repeat(np.arange(seconds * 5, dtype=np.uint8) * 5, 8 * 8 * 3).reshape(-1, 8, 8, 3)
    audio = (np.arange(seconds * SAMPLE_RATE) // round(GRID * SAMPLE_RATE)).astype(np.int16)
    return Clip(key, frames, audio)


def draw(misalignment: float, count: int = 200, **how: object) -> tuple[np.ndarray, np.ndarray]:
    """Frame steps and audio start steps, in units of .04 s."""
    source = PairSource(["a", "b"], clip)
    frames, waves = source.draw(["a"] * count, np.random.default_rng(0), misalignment=misalignment, **how)
    return frames[:, 0, 0, 0].numpy().astype(int), (waves[:, 0] * 32768).round().int().numpy()


def test_the_frame_lies_in_the_middle_of_its_second() -> None:
    frame, start = draw(0.0)
    assert (frame - start == 12).all()  # 12 steps before, the frame's own, 12 after
    assert frame.min() == 15 and frame.max() == 85  # frames nearer to an end have no whole second: every fifth is kept


def test_misaligned_sound_stays_on_the_grid_and_within_bounds() -> None:
    frame, start = draw(1.0, 2000)
    inside = (frame >= 40) & (frame <= 60)
    offset = start[inside] - (frame[inside] - 12)
    assert offset.min() == -25 and offset.max() == 25
    assert start.min() >= 0 and start.max() <= 75


@pytest.mark.parametrize("misalignment", [0.0, 1.0])
def test_starts_of_both_kinds_of_pair_have_the_same_distribution(misalignment: float) -> None:
    """What the paper's shortcut prevention asks for: a start tells nothing about whether a pair corresponds."""
    count = 4000
    _, together = draw(misalignment, count)
    _, apart = draw(misalignment, count, others=["b"] * count)
    histograms = [np.bincount(starts, minlength=76) for starts in (together, apart)]
    assert (histograms[0] > 0).sum() == (histograms[1] > 0).sum()  # the same starts
    assert chi2_contingency(np.stack(histograms)[:, histograms[0] > 0]).pvalue > 0.01


def test_every_start_lies_on_the_grid_but_those_of_naive_negatives() -> None:
    def on_grid(**how: object) -> np.ndarray:
        _, waves = PairSource(["a", "b"], clip).draw(["a"] * 100, np.random.default_rng(1), misalignment=1.0, **how)
        steps = (waves * 32768).round().int()
        return (steps[:, round(GRID * SAMPLE_RATE) - 1] == steps[:, 0]).numpy()

    assert on_grid().all() and on_grid(others=["b"] * 100).all()
    assert on_grid(others=["b"] * 100, naive=True).mean() < 0.1


def test_the_same_seed_draws_the_same_pairs() -> None:
    assert all(np.array_equal(a, b) for a, b in zip(draw(0.4), draw(0.4), strict=True))


def test_clips_beyond_the_memory_are_read_again() -> None:
    reads: list[str] = []

    def load(key: str) -> Clip:
        reads.append(key)
        return clip(key)

    source = PairSource(["a", "b"], load, memory=clip("a").nbytes)
    for _ in range(3):
        source.clip("a")
        source.clip("b")
    assert reads == ["a", "b", "b", "b"]


def test_clips_are_read_ahead_until_the_memory_is_full() -> None:
    source = PairSource(["a", "b", "c"], clip, memory=2 * clip("a").nbytes)
    source.keep(["a", "b", "c"])
    assert source.clip("a") is source.clip("a") and source.clip("b") is source.clip("b")
    assert source.clip("c") is not source.clip("c")


def test_no_clip_is_refused() -> None:
    with pytest.raises(ValueError, match="no clip"):
        PairSource([], clip)


def test_augmented_images_differ_and_stay_in_range() -> None:
    frames = torch.randint(0, 256, (6, 128, 128, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images = augment_images(frames, 112, torch.Generator().manual_seed(1))
    assert images.shape == (6, 3, 112, 112) and images.min() >= 0 and images.max() <= 1
    again = augment_images(frames, 112, torch.Generator().manual_seed(2))
    assert not torch.equal(images, again)


def test_augmented_sounds_keep_their_shape_in_time() -> None:
    waves = torch.randn(4, SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    louder = augment_sounds(waves, torch.Generator().manual_seed(1))
    gain = 20 * torch.log10(louder[:, :1000].norm(dim=1) / waves[:, :1000].norm(dim=1))
    assert gain.abs().max() <= 8.01 and gain.std() > 0.5
    torch.testing.assert_close(torch.nn.functional.cosine_similarity(louder, waves), torch.ones(4))


def test_a_mixture_is_its_own_second_and_another_and_says_which() -> None:
    waves = torch.randn(200, 400, generator=torch.Generator().manual_seed(0))
    waves /= waves.norm(dim=1, keepdim=True)
    mixtures, heard = mix_sounds(waves, 0.3, torch.Generator().manual_seed(1))
    mixed = heard.sum(0) == 2
    assert (heard.diagonal() == 1).all() and heard.sum() == 200 + mixed.sum()
    assert 0.2 < mixed.float().mean() < 0.4
    assert torch.equal(mixtures[~mixed], waves[~mixed])
    partners = (heard - torch.eye(200)).argmax(0)[mixed]
    added = mixtures[mixed] - waves[mixed]
    gain = 20 * torch.log10(added.norm(dim=1))
    assert gain.abs().max() <= 6.01 and gain.std() > 2
    torch.testing.assert_close(torch.nn.functional.cosine_similarity(added, waves[partners]), torch.ones(len(added)))


def test_sounds_of_two_worlds_are_not_mixed() -> None:
    waves = torch.randn(8, 400, generator=torch.Generator().manual_seed(0))
    worlds = (torch.arange(8) >= 5).long()
    _, heard = mix_sounds(waves, 1.0, torch.Generator().manual_seed(1), worlds=worlds)
    assert heard.sum() == 8 + 6  # all but the first second of each world, whose neighbour is of the other
    assert not heard[worlds[:, None] != worlds].any()


def test_a_seconds_frames_are_augmented_alike() -> None:
    frame = torch.randint(0, 256, (3, 1, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    images = augment_images(frame.expand(-1, 25, -1, -1, -1), 56, torch.Generator().manual_seed(1))
    assert images.shape == (3, 3, 25, 56, 56)
    assert torch.equal(images, images[:, :, :1].expand_as(images))
    # As a single frame would be, by the same draws.
    torch.testing.assert_close(images[:, :, 0], augment_images(frame[:, 0], 56, torch.Generator().manual_seed(1)))


def test_augmented_flow_is_the_flow_of_augmented_frames() -> None:
    frames = sliding(2, -1, count=11)
    shown = torch.from_numpy(around("flow", frames, 5))[None]
    mirrored = set()
    for seed in range(6):
        images = augment_images(shown, 128, torch.Generator().manual_seed(seed))
        each = [augment_images(one[None], 128, torch.Generator().manual_seed(seed)) for one in torch.from_numpy(frames)]
        torch.testing.assert_close(images[:, :3], each[5])
        seen = (torch.cat(each).permute(0, 2, 3, 1) * 255).round().byte().numpy()
        flow = tv_l1(seen, 64)[:, 8:-8, 8:-8].mean((0, 1, 2)) / BOUND
        augmented = images[0, 3:].unflatten(0, (10, 2))[..., 16:-16, 16:-16].mean((0, 2, 3))
        np.testing.assert_allclose(augmented.numpy(), flow, atol=0.015)
        assert 0.19 < abs(flow[0]) < 0.3 and -0.15 < flow[1] < -0.09
        mirrored.add(bool(flow[0] < 0))
    assert mirrored == {True, False}


def test_brightness_and_saturation_leave_flow_alone() -> None:
    still = torch.full((8, 32, 32, 23), 128, dtype=torch.uint8)
    images = augment_images(still, 32, torch.Generator().manual_seed(0))
    assert images[:, :3].std() > 0.03 and not images[:, 3:].any()
