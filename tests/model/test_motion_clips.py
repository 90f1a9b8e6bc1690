"""Clips with motion: their frames are those of the right times, and what goes into a cache comes out."""

from pathlib import Path

import numpy as np
import pytest

from model import optical_flow
from model.clips import ClipCache
from model.motion_clips import CACHES, FlowCache, FlowClip, FramesCache, FramesClip, spread_moments
from model.networks import NETWORKS
from model.pairs import GRID, PairSource
from model.recording import SAMPLE_RATE
from model.video import MediaError, decode
from tests.model.test_video import write_video


def grey(frames: np.ndarray) -> np.ndarray:
    """Grey levels of frames (..., s, s, 3) below the white bar; of frame k of `write_video` it is 2 k + 16."""
    return frames[..., 10:, :, :3].mean((-3, -2, -1))


def counting_sound(seconds: int) -> np.ndarray:
    """Sound whose amplitude counts steps of .04 s."""
    return (np.arange(seconds * SAMPLE_RATE) // round(GRID * SAMPLE_RATE)).astype(np.int16)


def test_a_moments_25_frames_are_those_of_its_second(tmp_path: Path) -> None:
    cache = FramesCache(tmp_path, size=32)
    clip = cache.load(cache.add(write_video(tmp_path / "a.mp4", click=0.5)))
    assert clip.steps.tolist() == list(range(50))
    shown = clip.moment(20)
    assert shown.shape == (25, 32, 32, 3)
    np.testing.assert_allclose(grey(shown), 2 * np.arange(8, 33) + 16, atol=2.5)  # JPEG
    np.testing.assert_allclose(grey(clip.moment(0)), 2 * np.maximum(np.arange(-12, 13), 0) + 16, atol=2.5)
    loud = np.flatnonzero(np.abs(clip.audio.astype(int)) > 8000) / SAMPLE_RATE
    assert abs(loud[0] - 0.5) < 0.01


def test_its_frames_are_kept_compressed(tmp_path: Path) -> None:
    cache = FramesCache(tmp_path)
    clip = cache.load(cache.add(write_video(tmp_path / "a.mp4")))
    assert clip.nbytes - clip.audio.nbytes < 50 * 128 * 128 * 3 / 5


def test_flow_comes_back_as_it_was_computed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    cache = FlowCache(tmp_path / "cache", size=32)
    clip = cache.load(cache.add(path))
    assert clip.steps.tolist() == spread_moments(50) == [15, 21, 28, 34]
    frames = decode(path, rate=25.0, size=(32, 32)).frames
    for number, step in enumerate(clip.steps):
        shown = clip.moment(number)
        assert shown.shape == (32, 32, 23)
        assert abs(grey(shown) - (2 * step + 16)) < 2.5  # JPEG
        flow = optical_flow.stack(frames[step - 5 : step + 6], 16)
        np.testing.assert_array_equal(shown[::2, ::2, 3:], flow)


def test_moments_have_their_whole_second_in_the_video() -> None:
    assert spread_moments(150) == [28, 59, 90, 121]
    assert spread_moments(25) == [12]
    assert spread_moments(26) == [12, 13]
    assert spread_moments(10) == [5]


def test_caches_of_every_kind_share_a_folder(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    caches = [kind(tmp_path / "cache", size=32) for kind in CACHES.values()]
    keys = {cache.add(path) for cache in caches}
    assert len(keys) == 1 and len(list((tmp_path / "cache").iterdir())) == 3
    key = keys.pop()
    assert [cache.load(key).moment(0).shape for cache in caches] == [(32, 32, 3), (25, 32, 32, 3), (32, 32, 23)]


def test_there_is_a_cache_for_every_network() -> None:
    assert {kind: CACHES[network.takes] for kind, network in NETWORKS.items() if network.takes != "frame"} == {
        "ave-mf": FramesCache,
        "ave-of": FlowCache,
    }
    assert CACHES["frame"] is ClipCache


@pytest.mark.parametrize("kind", [FramesCache, FlowCache])
def test_a_video_without_sound_is_refused(tmp_path: Path, kind: type) -> None:
    with pytest.raises(MediaError, match=r"a\.mp4: less than a second of sound"):
        kind(tmp_path / "cache", size=32).add(write_video(tmp_path / "a.mp4", click=None))
    assert not list((tmp_path / "cache").iterdir())


def test_the_sound_drawn_is_that_of_the_25_frames() -> None:
    from model.clips import to_jpeg

    jpegs = [to_jpeg(np.full((16, 16, 3), 2 * step, np.uint8)) for step in range(100)]
    source = PairSource(["a"], lambda key: FramesClip(key, jpegs, counting_sound(4)))
    shown, waves = source.draw(["a"] * 40, np.random.default_rng(0), misalignment=0.0)
    assert shown.shape == (40, 25, 16, 16, 3)
    levels = shown.float().mean((2, 3, 4)).numpy()
    start = (waves[:, 0] * 32768).round().int().numpy()
    # All 25 frames, the first as the second of sound begins; JPEG errs by less than half a step of 2.
    np.testing.assert_allclose(levels, 2 * (start[:, None] + np.arange(25)), atol=0.9)
    assert len(set(start)) > 20


def test_the_sound_drawn_is_that_around_the_flow() -> None:
    steps = np.array([20, 50, 80])
    frames = np.repeat(steps.astype(np.uint8), 8 * 8 * 3).reshape(3, 8, 8, 3)
    flows = np.repeat(steps.astype(np.uint8), 4 * 4 * 20).reshape(3, 4, 4, 20)
    source = PairSource(["a"], lambda key: FlowClip(key, steps, frames, flows, counting_sound(4)))
    shown, waves = source.draw(["a"] * 30, np.random.default_rng(0), misalignment=0.0)
    start = (waves[:, 0] * 32768).round().int()
    assert (shown.amin((1, 2, 3)).int() == start + 12).all() and (shown.amax((1, 2, 3)).int() == start + 12).all()
    assert set(start.tolist()) == {8, 38, 68}
