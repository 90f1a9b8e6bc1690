from collections import Counter

import numpy as np
import pytest
from PIL import Image

from model.world import scenes
from model.world.classes import STANDARD
from model.world.scenes import HEIGHT, WIDTH, Motion, Scene, plan, timetable

SECONDS = 6.0
PLANS = 300


@pytest.fixture(scope="module")
def planned() -> list[Scene]:
    """Scenes of 300 videos, with plain squares for what would be drawn: nothing here looks at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenes, "portrait", lambda rng, painter, size, contrast: Image.new("RGBa", (int(size),) * 2))
        return [plan(np.random.default_rng([1, index]), SECONDS) for index in range(PLANS)]


def test_about_half_of_the_videos_hold_two_objects_of_different_classes(planned: list[Scene]) -> None:
    two = [scene for scene in planned if len(scene.objects) == 2]
    assert 0.45 < len(two) / PLANS < 0.63  # planned .54; three standard deviations of 300
    assert all(scene.objects[0].name != scene.objects[1].name for scene in two)


def test_every_class_and_enough_distractors_are_seen(planned: list[Scene]) -> None:
    seen = Counter(thing.name for scene in planned for thing in scene.objects)
    assert set(seen) == set(STANDARD)
    assert len(STANDARD) >= 12
    assert min(seen.values()) > 10  # 33 expected of each
    things = [len(scene.objects) + len(scene.distractors) for scene in planned]
    assert min(things) == 2
    assert max(things) == 4
    assert not set(STANDARD) & {thing.name for scene in planned for thing in scene.distractors}


def test_two_objects_take_turns_sound_together_or_one_is_silent() -> None:
    rng = np.random.default_rng(0)
    kinds: Counter[str] = Counter()
    for _ in range(1000):
        first, second = timetable(rng, 2, SECONDS)
        if not first or not second:
            kinds["one silent"] += 1
        elif any(a < d and c < b for a, b in first for c, d in second):
            kinds["together"] += 1
        else:
            kinds["turns"] += 1
    assert kinds["turns"] / 1000 == pytest.approx(0.52, abs=0.05)
    assert kinds["together"] / 1000 == pytest.approx(0.2, abs=0.05)
    assert kinds["one silent"] / 1000 == pytest.approx(0.28, abs=0.05)


@pytest.mark.parametrize("seconds", [3.0, 6.0, 20.0])
def test_stretches_follow_each_other_inside_the_video(seconds: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        for times in timetable(rng, int(rng.integers(1, 3)), seconds):
            edges = [edge for stretch in times for edge in stretch]
            assert edges == sorted(edges)
            assert all(0 <= edge <= seconds for edge in edges)


def test_a_tenth_of_the_time_nothing_in_the_picture_sounds(planned: list[Scene]) -> None:
    grid = np.arange(0, SECONDS, 0.02)
    quiet = [
        not any(start <= t < end for voice in scene.voices for start, end in voice.times)
        for scene in planned
        for t in grid
    ]
    assert 0.07 < np.mean(quiet) < 0.15  # measured .105, before notes die away
    off_screen = [scene for scene in planned if scene.off_screen]
    assert 0.1 < len(off_screen) / PLANS < 0.35
    for scene in off_screen:
        assert not {voice.name for voice in scene.off_screen} & {thing.name for thing in scene.objects}
        for voice in scene.off_screen:
            for start, end in voice.times:
                assert not any(a < end and start < b for other in scene.voices for a, b in other.times)


def test_what_sounds_is_in_view(planned: list[Scene]) -> None:
    """Objects come and go, but never while they sound."""
    away = 0
    for scene in planned:
        for thing, voice in zip(scene.objects, scene.voices, strict=True):
            at = {t: thing.motion.at(t) for t in np.arange(0, SECONDS, 0.1)}
            inside = {t: 0 < x < WIDTH and 0 < y < HEIGHT for t, (x, y, _, _) in at.items()}
            away += not all(inside.values())
            assert all(inside[t] for t in inside for start, end in voice.times if start <= t < end)
    assert away > 10


def test_videos_of_three_seconds_can_be_planned() -> None:
    for index in range(10):
        assert plan(np.random.default_rng(index), 3.0).objects


def test_nothing_in_a_motion_depends_on_sound() -> None:
    motion = Motion(100, 80, (10, 5), (0.25, 0.5), (0, 0), 6, 0.5, 0.05, 1, 0, 1, enters=2.0, leaves=4.0, side=-1)
    assert motion.at(0.0)[0] < -WIDTH  # still outside, at the left
    assert motion.at(2.0) == pytest.approx((100, 80, 0, 1))
    assert motion.at(3.0)[:2] == pytest.approx((90, 80))
    assert motion.at(5.5)[0] < -WIDTH
