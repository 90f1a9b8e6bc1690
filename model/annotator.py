"""From a media file to what an annotator is shown: tracks, time segments, embeddings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from model.activity import sounding_intervals
from model.checkpoints import Models
from model.localization import Region, localize, probabilities, regions
from model.networks import AVENet, to_input
from model.tracks import Segment, Track, link, samples_in
from model.video import MediaInfo, Video, audio_second, decode

# Samples through the network at once: about 100 MB with the small network.
_BATCH = 32
# Samples a second that the clip's mean embeddings are taken from.
_EMBEDDING_RATE = 1.0


@dataclass(frozen=True)
class Annotation:
    """What was found in one file.

    Attributes:
        info: what the file holds.
        tracks: what sounds in the picture, highest score first.
        segments: when each track sounds, by start.
        image_embedding: (128,) float32, mean over the clip, of unit length; zeros without a picture.
        sound_embedding: (128,) float32, mean over what is heard, of unit length; zeros where nothing is.
        score: 0..1, mean of the tracks' scores; without tracks the confidence that nothing in view sounds;
            None without a picture.
        reason: why there are no tracks, one line; None where there are some.
        sounding: half-open seconds in which anything is heard, in view or not.
        times: (T,) seconds of the sampled frames.
        maps: (T, g, g) float32 localization maps as probabilities, zeros while nothing is heard.
    """

    info: MediaInfo
    tracks: list[Track]
    segments: list[Segment]
    image_embedding: np.ndarray
    sound_embedding: np.ndarray
    score: float | None
    reason: str | None
    sounding: list[tuple[float, float]]
    times: np.ndarray
    maps: np.ndarray


def annotate(
    path: str | Path,
    models: Models,
    *,
    rate: float = 5.0,
    max_seconds: float = 3600.0,
    progress: Callable[[float], None] | None = None,
) -> Annotation:
    """Find what sounds in a file and when.

    Args:
        path: the file.
        models: the version to use.
        rate: samples a second.
        max_seconds: what lies beyond is left out.
        progress: called with the share done, 0..1, from time to time.

    Raises:
        MediaError: the file cannot be opened or nothing in it decodes. Any other file is annotated, or comes
            back without tracks and with a reason.
    """
    size = models.avol.config.image_size
    video = decode(path, rate=rate, size=(size, size), max_seconds=max_seconds)
    sounding = sounding_intervals(video.audio)
    sampled = _Sampled(video, sounding)
    maps = np.full((len(video.times), models.avol.config.grid, models.avol.config.grid), -np.inf, np.float32)
    for first in range(0, len(sampled.heard), _BATCH):
        batch = sampled.heard[first : first + _BATCH]
        maps[batch] = localize(models.avol, video.frames[batch], sampled.seconds(batch))
        if progress:
            progress(min(first + _BATCH, len(sampled.heard)) / len(sampled.heard))
    found: list[list[Region]] = [[] for _ in video.times]
    for index in sampled.heard:
        found[index] = regions(maps[index], video.frames[index])
    tracks, segments = link(video.times, found, sounding)
    return Annotation(
        info=video.info,
        tracks=tracks,
        segments=segments,
        image_embedding=_image_embedding(models.ave, sampled),
        sound_embedding=_sound_embedding(models.ave, sampled),
        score=_score(video, tracks, found),
        reason=None if tracks else _reason(video, sounding, found),
        sounding=sounding,
        times=video.times,
        maps=probabilities(maps),
    )


class _Sampled:
    """The samples of a video in which anything is heard, and the second of sound that goes with each."""

    def __init__(self, video: Video, sounding: list[tuple[float, float]]) -> None:
        self.video = video
        self._centres: dict[int, float] = {}
        for start, end in sounding:
            # The second is kept inside the sound where it fits: beyond its edges there is only background.
            low, high = min(start + 0.5, (start + end) / 2), max(end - 0.5, (start + end) / 2)
            for index in samples_in(video.times, start, end):
                self._centres[index] = min(max(float(video.times[index]), low), high)
        self.heard = sorted(self._centres)

    def seconds(self, indices: list[int]) -> np.ndarray:
        """(n, 48000) float32."""
        return np.stack([audio_second(self.video.audio, self._centres[index]) for index in indices])

    def spread(self, indices: list[int]) -> list[int]:
        """About one index for each 1/_EMBEDDING_RATE seconds."""
        times = self.video.times
        step = float(times[1] - times[0]) if len(times) > 1 else 1.0
        return indices[:: max(1, round(1 / (_EMBEDDING_RATE * step)))]


@torch.inference_mode()
def _image_embedding(network: AVENet, sampled: _Sampled) -> np.ndarray:
    device = next(network.parameters()).device
    every = list(range(len(sampled.video.times)))
    chosen = sampled.spread(sampled.heard or every)
    parts = []
    for first in range(0, len(chosen), _BATCH):
        images = to_input(sampled.video.frames[chosen[first : first + _BATCH]], network.config)
        parts.append(network.embed_images(images.to(device)))
    return _mean_direction(parts, network.config.embedding)


@torch.inference_mode()
def _sound_embedding(network: AVENet, sampled: _Sampled) -> np.ndarray:
    device = next(network.parameters()).device
    chosen = sampled.spread(sampled.heard)
    parts = []
    for first in range(0, len(chosen), _BATCH):
        seconds = torch.from_numpy(sampled.seconds(chosen[first : first + _BATCH]))
        parts.append(network.embed_sounds(network.spectrogram(seconds.to(device))))
    return _mean_direction(parts, network.config.embedding)


def _mean_direction(parts: list[torch.Tensor], width: int) -> np.ndarray:
    if not parts:
        return np.zeros(width, np.float32)
    mean = torch.cat(parts).mean(0)
    return torch.nn.functional.normalize(mean, dim=0).float().cpu().numpy()


def _score(video: Video, tracks: list[Track], found: list[list[Region]]) -> float | None:
    if tracks:
        return float(np.mean([track.score for track in tracks]))
    if not len(video.frames):
        return None
    return 1.0 - max((region.score for here in found for region in here), default=0.0)


def _reason(video: Video, sounding: list[tuple[float, float]], found: list[list[Region]]) -> str:
    if not video.info.has_picture:
        return "no picture: there is nothing to draw a box on"
    if not len(video.frames):
        return "no frame of the picture could be decoded"
    if not video.info.has_audio:
        return "no sound: the file has no audio track"
    if not len(video.audio):
        return "no sound: nothing of the audio track could be decoded"
    if not sounding:
        return "silent throughout"
    best = max((region.score for here in found for region in here), default=0.0)
    return f"nothing in the picture explains the sound (best match {best:.2f})"
