"""The plan of one shifted video: what a standard one shows, elsewhere, smaller, and sounding higher.

The same classes, and all else as in `scenes`, but for three things: it happens in places that no standard video shows;
things are two thirds as large; and each voice is played 1.3 to 1.7 times as fast, which raises its pitch by 5 to 9
semitones and quickens its rhythm with it.
"""

from dataclasses import replace

from model.world import scenes, shifted_backgrounds
from model.world.scenes import Generator, Scene, Voicing
from model.world.synthesis import log_uniform

SMALLER = 2 / 3
SPEEDS = 1.3, 1.7


def plan(rng: Generator, seconds: float) -> Scene:
    """Draw up one shifted video of the given length in seconds."""
    low, high = (SMALLER * size for size in scenes.OBJECT_SIZES)
    least, most = (SMALLER * size for size in scenes.DISTRACTOR_SIZES)
    scene = scenes.plan(rng, seconds, object_sizes=(low, high), distractor_sizes=(least, most))

    def faster(voice: Voicing) -> Voicing:
        return replace(voice, speed=log_uniform(rng, *SPEEDS))

    return replace(
        scene,
        voices=[faster(voice) for voice in scene.voices],
        off_screen=[faster(voice) for voice in scene.off_screen],
        places=shifted_backgrounds.PLACES,
    )
