"""From a media file to what an annotator is shown: tracks, time segments, embeddings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.checkpoints import Models
from model.tracks import Segment, Track
from model.video import MediaInfo


@dataclass(frozen=True)
class Annotation:
    """What was found in one file."""

    info: MediaInfo
    tracks: list[Track]  # highest score first
    segments: list[Segment]  # by start
    image_embedding: np.ndarray  # (128,) float32, mean over the clip, L2-normalised; zeros without a picture
    sound_embedding: np.ndarray  # (128,) float32, likewise; zeros without sound
    score: float | None  # 0..1: mean score of the tracks; without tracks the confidence that nothing in view sounds
    reason: str | None  # one line saying why there are no tracks; None where there are some
    times: np.ndarray  # (T,) seconds of the sampled frames
    maps: np.ndarray  # (T, g, g) float32 probabilities


def annotate(
    path: str | Path,
    models: Models,
    *,
    rate: float = 5.0,
    max_seconds: float = 3600.0,
    progress: Callable[[float], None] | None = None,
) -> Annotation:
    """Annotate a file, sampled `rate` times a second. `progress` is called with the share done, 0..1.

    Raises MediaError, one sentence, if the file cannot be opened or decoded; any file that can be is annotated, or
    comes back without tracks and with a reason.
    """
    raise NotImplementedError
