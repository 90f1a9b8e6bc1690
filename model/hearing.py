"""What AVE-Net hears in a file without a picture, as its seconds go by."""

import numpy as np

from model.checkpoints import Models
from model.likeness import embed_sounds
from model.listening import centres
from model.moment import DIMENSION, Moment, Pace
from model.recording import SAMPLE_RATE, Recording, audio_second

_BATCH = 32  # seconds through the network at once


def moments_of_sound(
    models: Models, recording: Recording, sounding: list[tuple[float, float]], rate: float
) -> list[Moment]:
    """The moments of a sound alone, at the times at which a picture that goes with it would have them.

    Args:
        models: the version to use.
        recording: the sound.
        sounding: half-open seconds in which anything is heard.
        rate: samples a second that moments are chosen from.
    """
    times = np.arange(int(len(recording) / SAMPLE_RATE * rate)) / rate
    middles, pace = centres(times, sounding, everything=False), Pace(rate)
    chosen = [index for index in range(len(times)) if pace.takes(index, heard=index in middles)]
    sounds = np.zeros((len(chosen), DIMENSION), np.float32)
    heard = [place for place, index in enumerate(chosen) if index in middles]
    for start in range(0, len(heard), _BATCH):
        places = heard[start : start + _BATCH]
        seconds = np.stack([audio_second(recording, middles[chosen[place]]) for place in places])
        sounds[places] = embed_sounds(models.ave, seconds)
    nothing = np.zeros(DIMENSION, np.float32)
    return [Moment(float(times[index]), nothing, sound) for index, sound in zip(chosen, sounds, strict=True)]
