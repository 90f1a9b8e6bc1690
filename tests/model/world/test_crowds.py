from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from model.world import crowds
from model.world.classes import HARD, kin
from model.world.crowds import plan, timetable
from model.world.rendering import render
from model.world.scenes import HEIGHT, WIDTH, Scene, Thing

SECONDS = 6.0
PLANS = 300


@pytest.fixture(scope="module")
def planned() -> list[Scene]:
    """Scenes of 300 videos, with plain squares for what would be drawn: nothing here looks at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "portrait", lambda rng, painter, size, contrast: Image.new("RGBa", (int(size),) * 2))
        return [plan(np.random.default_rng([1, index]), SECONDS) for index in range(PLANS)]


def test_up_to_three_objects_stand_among_many_things(planned: list[Scene]) -> None:
    counts = Counter(len(scene.objects) for scene in planned)
    for count, share in zip((1, 2, 3), crowds.COUNTS, strict=True):
        assert counts[count] / PLANS == pytest.approx(share, abs=0.09)  # three standard deviations of 300
    assert all(len({thing.name for thing in scene.objects}) == len(scene.objects) for scene in planned)
    assert np.mean([len(scene.distractors) for scene in planned]) > 3
    seen = Counter(thing.name for scene in planned for thing in scene.objects)
    assert set(seen) == set(HARD)
    assert len(HARD) >= 22
    assert min(seen.values()) > 8  # 26 expected of each


def test_those_who_sound_nearly_alike_often_meet(planned: list[Scene]) -> None:
    several = [scene for scene in planned if len(scene.objects) > 1]
    meet = [scene.objects[1].name in kin(scene.objects[0].name) for scene in several]
    assert 0.2 < np.mean(meet) < 0.5
    assert all(other in HARD and name in kin(other) for name in HARD for other in kin(name))


def test_objects_take_turns_sound_together_or_stay_silent() -> None:
    rng = np.random.default_rng(0)
    kinds: Counter[str] = Counter()
    for _ in range(600):
        times = [own for own in timetable(rng, 3, SECONDS) if own]
        edges = sorted((start, end) for own in times for start, end in own)
        together = any(after < end for (_, end), (after, _) in pairwise(edges))
        kinds["together" if together else "turns" if len(times) > 1 else "alone"] += 1
    assert kinds["turns"] / 600 == pytest.approx(0.4, abs=0.07)
    assert kinds["together"] / 600 == pytest.approx(0.35, abs=0.07)
    assert kinds["alone"] / 600 == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("seconds", [3.0, 20.0])
def test_stretches_follow_each_other_inside_the_video(seconds: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        for times in timetable(rng, int(rng.integers(1, 4)), seconds):
            edges = [edge for stretch in times for edge in stretch]
            assert edges == sorted(edges)
            assert all(0 <= edge <= seconds for edge in edges)


def test_sizes_differ_fourfold(planned: list[Scene]) -> None:
    sizes = [thing.image.width for scene in planned for thing in scene.objects]
    assert np.quantile(sizes, 0.95) > 3 * np.quantile(sizes, 0.05)


def test_something_passes_before_all_others(planned: list[Scene]) -> None:
    def passes(thing: Thing) -> bool:
        at = [thing.motion.at(t)[0] for t in np.arange(0, 60, 0.5)]
        return min(at) < -thing.image.width / 2 and max(at) > WIDTH + thing.image.width / 2

    passing = [scene for scene in planned if scene.distractors and passes(scene.distractors[-1])]
    assert len(passing) / PLANS == pytest.approx(crowds.PASSING, abs=0.09)
    for scene in planned:
        assert scene.depths is not None
        assert sorted(scene.depths) == list(range(len(scene.objects) + len(scene.distractors)))
    assert all(scene.depths[-1] == len(scene.depths) - 1 for scene in passing)


def test_what_sounds_is_in_view_and_mostly_uncovered() -> None:
    """A person who looks could tell: things cover each other, but hide each other only for moments."""
    shares = []
    for index in range(25):
        scene = plan(np.random.default_rng([2, index]), SECONDS)
        flat = [_flat(thing, (0, 120, 0)) for thing in [*scene.objects, *scene.distractors]]
        count = len(scene.objects)
        for number, voice in enumerate(scene.voices):
            shown = [_flat(thing, (250, 0, 250)) if k == number else thing for k, thing in enumerate(flat)]
            alone = _pixels(Scene([shown[number]], [], []))
            among = _pixels(Scene(shown[:count], [], shown[count:], depths=scene.depths))
            for second, (own, left) in enumerate(zip(alone, among, strict=True)):
                if any(start <= second < end for start, end in voice.times):
                    assert own > 300  # px
                    shares.append(left / own)
    assert len(shares) > 100
    assert 0.7 < np.mean(np.array(shares) > 0.9) < 0.98  # covered often enough, too
    assert np.mean(np.array(shares) < 0.3) < 0.03


def _flat(thing: Thing, colour: tuple[int, int, int]) -> Thing:
    opaque = np.asarray(thing.image)[..., 3] > 127
    pixels = np.zeros((*opaque.shape, 4), np.uint8)
    pixels[opaque] = (*colour, 255)
    return replace(thing, image=Image.frombytes("RGBa", opaque.shape[::-1], pixels.tobytes()))


def _pixels(scene: Scene) -> list[int]:
    """How much of the picture is magenta, in each second."""
    frames = [frame for frame, _ in render(np.random.default_rng(0), scene, SECONDS, 1)]
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    return [int((np.abs(frame.astype(int) - (250, 0, 250)).sum(axis=2) < 60).sum()) for frame in frames]
