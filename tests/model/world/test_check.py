from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import generic_filter

from model import truth
from model.truth import Segment, Truth
from model.video import MediaInfo, Video
from model.world.check import BOUNDS, HARD_BOUNDS, check, deviation, observe
from model.world.encoding import encode
from model.world.generation import WORLD

RATE, HEIGHT, WIDTH = 10, 60, 80


def video(frames: np.ndarray, audio: np.ndarray | None = None) -> Video:
    seconds = len(frames) / RATE
    sound = np.zeros(int(seconds * 48_000), np.float32) if audio is None else audio
    info = MediaInfo(seconds, WIDTH, HEIGHT, RATE, has_picture=True, has_audio=True)
    return Video(frames, np.arange(len(frames)) / RATE, sound, info)


def labels(*segments: Segment, box=(0.0, 0.0, 0.5, 1.0), frames: int = 40) -> Truth:
    """A dog over the left half of the picture, unless said otherwise."""
    return Truth("a.mp4", ["dog", "bell"], list(segments), {0: [box] * frames})


def grey(frames: int = 40) -> np.ndarray:
    return np.full((frames, HEIGHT, WIDTH, 3), 128, np.uint8)


@pytest.mark.parametrize(("column", "hit"), [(10, 1.0), (70, 0.0)])
def test_the_most_moving_pixel_is_looked_for(column: int, hit: float) -> None:
    frames = grey()
    frames[:, :, 40:60] = 0  # more contrast elsewhere
    frames[::2, 20:30, column - 4 : column + 4] = 160
    assert observe(labels(Segment(0, 4, 0)), video(frames)).hits["moving"] == [hit] * 7


@pytest.mark.parametrize(("column", "hit"), [(10, 1.0), (70, 0.0)])
def test_the_most_contrasting_pixel_is_looked_for(column: int, hit: float) -> None:
    frames = grey()
    frames[:, 20:30, column - 4 : column] = 0
    frames[:, 20:30, column : column + 4] = 255
    frames[::2, :, 40:60] = 150  # something else moves
    assert observe(labels(Segment(0, 4, 0)), video(frames)).hits["contrasting"] == [hit] * 7


def test_centre_and_uniform_are_those_of_the_box() -> None:
    seen = observe(labels(Segment(0, 4, 0), box=(0.4, 0.4, 0.6, 0.6)), video(grey()))
    assert seen.hits["centre"] == [1.0] * 7
    assert seen.hits["uniform"] == pytest.approx([0.04] * 7)
    assert observe(labels(Segment(0, 4, 0), box=(0, 0, 0.4, 1)), video(grey())).hits["centre"] == [0.0] * 7


def test_moments_lie_in_seconds_sounded_through_by_one_set_of_visible_objects() -> None:
    assert len(observe(labels(Segment(0, 2, 0)), video(grey())).hits["centre"]) == 3  # .5, 1, 1.5
    # The bell, which nobody sees, begins inside a second of the dog's.
    assert len(observe(labels(Segment(0, 4, 0), Segment(2, 3, 1)), video(grey())).hits["centre"]) == 5
    assert observe(labels(Segment(0, 4, 1)), video(grey())).hits["centre"] == []
    assert observe(labels(Segment(0, 4, 0), box=None), video(grey())).hits["centre"] == []


def test_what_is_in_no_segment_is_quiet() -> None:
    assert observe(labels(Segment(0, 1, 0), Segment(0.5, 2.5, 1)), video(grey())).quiet == pytest.approx(1.5)


def test_voices_are_seconds_in_which_one_object_sounds_alone() -> None:
    times = np.arange(4 * 48_000) / 48_000
    tone = (0.1 * np.sin(2 * np.pi * 500 * times)).astype(np.float32)
    voices = observe(labels(Segment(0, 2, 0), Segment(1, 3, 1)), video(grey(), tone)).voices
    assert [name for name, _, _ in voices] == ["dog", "bell"]
    for _, pitch, decibels in voices:
        assert 2**pitch == pytest.approx(500, rel=0.03)
        assert decibels == pytest.approx(-23, abs=0.1)


def test_deviation_is_that_of_the_square_around() -> None:
    image = np.random.default_rng(0).uniform(0, 255, (12, 14)).astype(np.float32)
    assert deviation(image, 5) == pytest.approx(generic_filter(image.astype(np.float64), np.std, 5), abs=1e-6)


def test_the_generated_world_is_measured(small_world: tuple[Path, list[Truth]]) -> None:
    folder, truths = small_world
    told: list[tuple[int, int]] = []
    checked = check(folder, workers=1, progress=lambda *done: told.append(done))
    assert set(checked.measurements) == set(BOUNDS)
    assert checked.videos == 3
    assert checked.skipped == []
    assert told == [(1, 3), (2, 3), (3, 3)]
    two = sum(len(entry.classes) == 2 for entry in truths)
    assert checked.measurements["two_objects"].value == pytest.approx(two / 3)
    sounded = sum(entry.seconds_sounded() for entry in truths)
    assert checked.measurements["quiet"].value == pytest.approx(1 - sounded / 18, abs=0.01)
    assert checked.measurements["centre"].n > 10


def test_pitch_that_gives_classes_away_breaks_its_bound(tmp_path: Path) -> None:
    """A folder in which every dog is low and every bell high: its check must fail."""
    times = np.arange(3 * 48_000) / 48_000
    entries = []
    for number in range(8):
        name = "dog" if number % 4 < 2 else "bell"
        tone = 0.2 * np.sin(2 * np.pi * (150 if name == "dog" else 900) * (1 + number / 100) * times)
        frames = np.full((30, HEIGHT, WIDTH, 3), 128, np.uint8)
        path = tmp_path / f"{number}.mp4"
        encode(path, frames, tone.astype(np.float32), size=(HEIGHT, WIDTH), frame_rate=RATE, sample_rate=48_000)
        entries.append(Truth(path.name, [name], [Segment(0, 3, 0)], {0: [(0.0, 0.0, 0.9, 0.9)] * 30}))
    entries.append(Truth("gone.mp4", ["dog"], [], {}))
    truth.write(tmp_path, entries)
    checked = check(tmp_path, workers=1)
    assert not checked.holds
    held = {name: one.holds for name, one in checked.measurements.items()}
    assert held == dict.fromkeys(BOUNDS, False) | {"moving": held["moving"], "contrasting": held["contrasting"]}
    assert checked.measurements["pitch_loudness"].value > 0.9
    assert checked.measurements["uniform"].value == pytest.approx(0.81)
    assert checked.skipped == ["gone.mp4: no such file."]


def test_a_hard_folder_is_held_to_its_own_bounds(tmp_path: Path) -> None:
    """Blind points hit more often where two things sound at once; no folder may pass for hard unless made so."""
    truth.write(tmp_path, [])
    assert check(tmp_path).measurements["centre"].bound == BOUNDS["centre"]
    (tmp_path / WORLD).write_text('{"level": "hard", "seed": 0, "seconds": 6.0}')
    assert {name: one.bound for name, one in check(tmp_path).measurements.items()} == HARD_BOUNDS
    assert list(HARD_BOUNDS) == list(BOUNDS)


def test_an_empty_folder_keeps_to_no_bound(tmp_path: Path) -> None:
    truth.write(tmp_path, [])
    checked = check(tmp_path)
    assert [one.value for one in checked.measurements.values()] == [None] * len(BOUNDS)
    assert not any(one.holds for one in checked.measurements.values())
