"""The shifted world differs from the standard one in what it says it does, and in nothing else."""

import numpy as np
import pytest
from PIL import Image

from model.world import scenes, shifted, shifted_backgrounds
from model.world.mixing import track
from model.world.pitch import median_pitch
from model.world.scenes import Scene, Voicing
from model.world.synthesis import SAMPLE_RATE

SECONDS = 6.0
PLANS = 100


def planned(plan) -> list[Scene]:
    """Scenes of 100 videos, with plain squares for what would be drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenes, "portrait", lambda rng, painter, size, contrast: Image.new("RGBa", (int(size),) * 2))
        return [plan(np.random.default_rng([1, index]), SECONDS) for index in range(PLANS)]


def test_things_are_smaller_and_elsewhere() -> None:
    standard, moved = planned(scenes.plan), planned(shifted.plan)
    sizes = [[thing.image.width for scene in world for thing in scene.objects] for world in (standard, moved)]
    assert np.mean(sizes[1]) / np.mean(sizes[0]) == pytest.approx(shifted.SMALLER, abs=0.02)
    assert max(sizes[1]) <= shifted.SMALLER * scenes.OBJECT_SIZES[1]
    assert all(scene.places == shifted_backgrounds.PLACES for scene in moved)
    assert not set(shifted_backgrounds.PLACES) & set(standard[0].places)


def test_classes_and_timetables_stay() -> None:
    for before, after in zip(planned(scenes.plan), planned(shifted.plan), strict=True):
        assert [thing.name for thing in before.objects] == [thing.name for thing in after.objects]
        assert [voice.seed for voice in before.voices] == [voice.seed for voice in after.voices]


def test_every_voice_is_faster() -> None:
    voices = [voice for scene in planned(shifted.plan) for voice in (*scene.voices, *scene.off_screen)]
    assert {voice.speed for voice in planned(scenes.plan)[0].voices} == {1.0}
    assert all(shifted.SPEEDS[0] <= voice.speed < shifted.SPEEDS[1] for voice in voices)


@pytest.mark.parametrize("name", ["bee", "car", "trumpet"])
def test_what_is_faster_sounds_higher_and_as_loud(name: str) -> None:
    samples = 2 * SAMPLE_RATE
    slow, fast = (track(Voicing(name, 3, 0.0, [(0.0, 2.0)], speed), samples) for speed in (1.0, 1.5))
    assert len(fast) == samples
    assert median_pitch(fast) / median_pitch(slow) == pytest.approx(1.5, rel=0.2)
    assert np.sqrt(np.mean(fast**2)) == pytest.approx(np.sqrt(np.mean(slow**2)), rel=0.15)
