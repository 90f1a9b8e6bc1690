"""What sounds in each level's videos: the names of the classes, how each looks and how it sounds."""

import numpy as np

from model.world import kin_objects, kin_sounds, objects, sounds
from model.world.drawing import Painter
from model.world.synthesis import Voice

PAINTERS: dict[str, Painter] = {**objects.PAINTERS, **kin_objects.PAINTERS}
VOICES: dict[str, Voice] = {**sounds.VOICES, **kin_sounds.VOICES}

STANDARD: tuple[str, ...] = tuple(sounds.VOICES)
HARD: tuple[str, ...] = tuple(VOICES)  # the standard ones and their kin
# Who sounds nearly like whom.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("bell", "bicycle"),
    ("bird", "parrot", "owl"),
    ("kettle", "flute", "owl"),
    ("train", "tractor", "motorbike"),
    ("trumpet", "violin"),
    ("cow", "sheep", "cat", "dog"),
    ("clock", "typewriter"),
)


def kin(name: str) -> list[str]:
    """The classes that sound nearly like this one, itself left out; sorted."""
    return sorted({other for family in FAMILIES if name in family for other in family} - {name})


def sing(name: str, seed: int, samples: int) -> np.ndarray:
    """The voice of one individual of a class, (samples,) float64 at 48 kHz; same seed, same individual.

    Of unit RMS, except where clicks would then peak above 12: those are scaled to that peak.
    """
    track = VOICES[name](np.random.default_rng(seed), samples)
    return track / max(float(np.sqrt(np.mean(track**2))), float(np.abs(track).max()) / 12, 1e-9)
