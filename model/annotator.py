"""From a media file to what an annotator is shown: tracks, time segments, embeddings."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from model.activity import sounding_intervals
from model.checkpoints import Models
from model.confidence import CLIP, EMPTY, clip_evidence, empty_evidence
from model.hearing import moments_of_sound
from model.likeness import embed_images, embed_sounds, mean_direction
from model.linking import TrackRule, link
from model.listening import audible, centres, seconds_in
from model.localization import Region, listen, look, probabilities, regions
from model.moment import DIMENSION, Moment
from model.networks import AVOLNet
from model.picture import read_picture
from model.recording import SAMPLE_RATE, Recording
from model.seeing import Seen, under
from model.tracks import Segment, Track
from model.truth import union
from model.video import MediaError, MediaInfo, probe, read_sound, stream_frames

_TOLD_EVERY = 32  # samples


@dataclass(frozen=True)
class Annotation:
    """What was found in one file.

    Attributes:
        info: what the file holds.
        tracks: what sounds in the picture, highest score first.
        segments: when each track sounds, by start; none where the picture was asked about another sound.
        track_embeddings: (tracks, 2, 128) float32 of unit length: AVOL-Net's picture vector under each track's box,
            and AVE-Net's embedding of the seconds in which it sounds, or of the sound that was asked about.
        moments: about one a second, embedded by AVE-Net; with what is heard in the file itself, whatever was asked.
        image_embedding: (128,) float32, mean over the clip, of unit length; zeros without a picture.
        sound_embedding: (128,) float32, mean over what is heard, or over the sound that was asked about, of unit
            length; zeros where nothing is heard.
        score: 0..1, see `model.confidence`: the probability that an annotator accepts it unchanged; without tracks that
            nothing in view sounds; None without a picture.
        evidence: what the score was made from; empty where it needs none.
        reason: why there are no tracks, one line; None where there are some.
        sounding: half-open seconds in which anything is heard, in view or not.
        times: (T,) seconds of the sampled frames.
        maps: (T, g, g) float32 localization maps as probabilities, zeros while nothing is heard.
    """

    info: MediaInfo
    tracks: list[Track]
    segments: list[Segment]
    track_embeddings: np.ndarray
    moments: list[Moment]
    image_embedding: np.ndarray
    sound_embedding: np.ndarray
    score: float | None
    evidence: tuple[float, ...]
    reason: str | None
    sounding: list[tuple[float, float]]
    times: np.ndarray
    maps: np.ndarray

    @property
    def frames(self) -> int:
        """How many were looked at."""
        return len(self.times)


def annotate(
    path: str | Path,
    models: Models,
    *,
    query: str | Path | None = None,
    rate: float = 5.0,
    max_seconds: float = 6 * 3600.0,
    progress: Callable[[float], None] | None = None,
) -> Annotation:
    """Find what sounds in a file and when; or, with a query, what in its picture would make that sound.

    The file is read as it goes, a batch of frames at a time, so that hours of it need little memory.

    Args:
        path: the file.
        models: the version to use.
        query: a file whose sound the picture is asked about instead of its own.
        rate: samples a second.
        max_seconds: what lies beyond is left out.
        progress: called with the share done, 0..1, from time to time.

    Raises:
        MediaError: the file cannot be opened or nothing in it decodes. Any other file is annotated, or comes
            back without tracks and with a reason.
    """
    info = probe(path)
    recording = read_sound(path, max_seconds=max_seconds)
    own = sounding_intervals(recording)
    sounding = own if query is None else [(0.0, min(info.duration or max_seconds, max_seconds))]
    expected = int(max(info.duration, len(recording) / SAMPLE_RATE) * rate) + 1
    plan = centres(np.arange(expected) / rate, own, everything=query is not None)
    asked = audible(query) if query is not None else None
    heard = _heard_as_one(models.avol, asked) if asked is not None else None
    seen = Seen(models, recording, plan, heard, rate)
    size = (models.avol.config.image_size,) * 2
    for index, frame in enumerate(stream_frames(path, rate=rate, size=size, max_seconds=max_seconds)):
        seen.add(index, frame)
        if progress and index % _TOLD_EVERY == 0:
            progress(min(1.0, index / expected))
    seen.finish()
    if not seen.count and not len(recording):
        raise MediaError(f"{Path(path).name}: nothing in it can be decoded; convert it to H.264/AAC mp4 and try again.")
    if progress:
        progress(1.0)
    times = np.arange(seen.count) / rate
    tracks, segments = link(times, seen.found, sounding)
    if query is not None:
        tracks = [replace(track, reason=f"would make that sound ({track.score:.0%} sure)") for track in tracks]
    sound, track_sounds = _sounds(models, recording, own, asked, segments, len(tracks))
    score, evidence = _confidence(info, own, tracks, segments, seen)
    heard_moments = [moment for moment in seen.moments if moment.sound.any()]
    return Annotation(
        info=info if info.duration else replace(info, duration=max(seen.count / rate, len(recording) / SAMPLE_RATE)),
        tracks=tracks,
        segments=segments if query is None else [],
        track_embeddings=_embeddings(tracks, track_sounds),
        moments=seen.moments if seen.count else moments_of_sound(models, recording, own, rate),
        image_embedding=mean_direction([moment.image for moment in heard_moments or seen.moments]),
        sound_embedding=sound,
        score=score,
        evidence=evidence,
        reason=None if tracks else _reason(info, recording, own, seen),
        sounding=sounding,
        times=times,
        maps=seen.maps(),
    )


@dataclass(frozen=True)
class ImageAnnotation:
    """What makes a sound in one picture.

    Attributes:
        width: of the picture in pixels, as it is shown.
        height: likewise.
        regions: what makes the sound, highest score first.
        heatmap: (g, g) float32 localization map as probabilities.
        score: 0..1, the product of the regions' scores, as if they were right or wrong apart; without regions the
            confidence that nothing in view sounds.
        reason: why there are no regions, one line; None where there are some.
        image_embedding: (128,) float32 of unit length.
        sound_embedding: (128,) float32 of unit length.
    """

    width: int
    height: int
    regions: list[Region]
    heatmap: np.ndarray
    score: float
    reason: str | None
    image_embedding: np.ndarray
    sound_embedding: np.ndarray

    @property
    def frames(self) -> int:
        """One picture."""
        return 1


def annotate_image(
    image: str | Path, sound: str | Path, models: Models, rule: TrackRule = TrackRule()
) -> ImageAnnotation:
    """Find what in a picture makes the sound of a file.

    Args:
        image: a still picture.
        sound: a file with sound.
        models: the version to use.
        rule: whose `score` the best region reaches, and whose `beside` the others do, to count.

    Raises:
        MediaError: one of the files cannot be opened, or nothing is heard in the sound.
    """
    picture, seconds = read_picture(image), audible(sound)
    maps, vectors = look(models.avol, picture[None], _heard_as_one(models.avol, seconds))
    found = [replace(one, vector=under(one, vectors[0])) for one in regions(maps[0], picture)]
    kept = [region for region in found if region.score >= rule.beside] if found[0].score >= rule.score else []
    return ImageAnnotation(
        width=picture.shape[1],
        height=picture.shape[0],
        regions=kept,
        heatmap=probabilities(maps[0]),
        score=float(np.prod([region.score for region in kept])) if kept else 1.0 - found[0].score,
        reason=None if kept else f"nothing in the picture explains the sound (best match {found[0].score:.2f})",
        image_embedding=embed_images(models.ave, picture[None])[0],
        sound_embedding=mean_direction(embed_sounds(models.ave, seconds)),
    )


def _heard_as_one(network: AVOLNet, seconds: np.ndarray) -> torch.Tensor:
    """The mean of what the network hears in seconds (n, 48000), (1, e)."""
    mean = listen(network, seconds).mean(0, keepdim=True)
    return torch.nn.functional.normalize(mean, dim=1) if network.config.head == "distance" else mean


def _sounds_in(models: Models, recording: Recording, spans: list[tuple[float, float]]) -> np.ndarray:
    """AVE-Net's embeddings of seconds within spans, (n, 128)."""
    seconds = seconds_in(recording, spans)
    return embed_sounds(models.ave, seconds) if len(seconds) else np.zeros((0, DIMENSION), np.float32)


def _sounds(
    models: Models,
    recording: Recording,
    own: list[tuple[float, float]],
    asked: np.ndarray | None,
    segments: list[Segment],
    tracks: int,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """What a clip and each of its tracks are known by in sound, (128,) each: what is heard, or what was asked about."""
    if asked is not None:
        sound = mean_direction(embed_sounds(models.ave, asked))
        return sound, [sound] * tracks
    found = []
    for track in range(tracks):
        spans = [(segment.start, segment.end) for segment in segments if segment.track == track]
        found.append(mean_direction(_sounds_in(models, recording, _alone(spans, track, segments))))
    return mean_direction(_sounds_in(models, recording, own)), found


def _embeddings(tracks: list[Track], sounds: list[np.ndarray]) -> np.ndarray:
    """(tracks, 2, 128)."""
    found = np.zeros((len(tracks), 2, DIMENSION), np.float32)
    for index, (track, sound) in enumerate(zip(tracks, sounds, strict=True)):
        found[index] = track.vector, sound
    return found


def _alone(spans: list[tuple[float, float]], track: int, segments: list[Segment]) -> list[tuple[float, float]]:
    """The parts of a track's spans, of a second or more, in which no other sounds; all of them where there is none."""
    parts = spans
    for other in segments:
        if other.track != track:
            parts = [
                part
                for start, end in parts
                for part in ((start, min(end, other.start)), (max(start, other.end), end))
                if part[1] > part[0]
            ]
    return [part for part in parts if part[1] - part[0] >= 1.0] or spans


def _confidence(
    info: MediaInfo, sounding: list[tuple[float, float]], tracks: list[Track], segments: list[Segment], seen: Seen
) -> tuple[float | None, tuple[float, ...]]:
    """The clip's score and what it was made from."""
    if not info.has_picture or not seen.count:
        return None, ()
    if tracks:
        explained = union([(segment.start, segment.end) for segment in segments])
        heard = sum(end - start for start, end in sounding)
        left = heard - sum(end - start for start, end in explained)
        evidence = clip_evidence(
            [track.score for track in tracks], segments=len(segments), unexplained=max(0.0, left) / max(heard, 1e-9)
        )
        return CLIP.probability(evidence), evidence
    if not sounding and not seen.asked:
        return 1.0, ()  # silence needs no guess
    evidence = empty_evidence(seen.best)
    return EMPTY.probability(evidence), evidence


def _reason(info: MediaInfo, recording: Recording, sounding: list[tuple[float, float]], seen: Seen) -> str:
    if not info.has_picture:
        return "no picture: there is nothing to draw a box on"
    if not seen.count:
        return "no frame of the picture could be decoded"
    if seen.asked:
        return f"nothing in the picture would make that sound (best match {seen.best:.2f})"
    if not info.has_audio:
        return "no sound: the file has no audio track"
    if not len(recording):
        return "no sound: nothing of the audio track could be decoded"
    if not sounding:
        return "silent throughout"
    return f"nothing in the picture explains the sound (best match {seen.best:.2f})"
