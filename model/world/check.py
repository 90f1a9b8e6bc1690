"""How hard a labelled folder is: what guesses reach that neither look for the object nor listen to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter

from model import truth
from model.boxes import Box, contains, union_area
from model.recording import audio_second
from model.truth import Truth
from model.video import MediaError, Video, decode, probe
from model.workers import spread
from model.world.generation import level_of
from model.world.levels import Level
from model.world.pitch import loudness, median_pitch

RATE = 2.0  # moments a second, as in `evaluate`
HALF = 0.5  # s: half of the audio second around a moment
MOTION, CONTRAST = 5, 9  # px: sides of the squares over which motion and contrast are taken


@dataclass(frozen=True)
class Bound:
    """What a measurement has to keep to, both ends included."""

    what: str
    of: str  # what n counts
    least: float = 0.0
    most: float = 1.0


BOUNDS = {
    "centre": Bound("middle of the picture on what sounds", "moments", most=0.25),
    "uniform": Bound("any point of the picture on what sounds", "moments", most=0.15),
    "moving": Bound("most moving pixel on what sounds", "moments", most=0.45),
    "contrasting": Bound("most contrasting pixel on what sounds", "moments", most=0.45),
    "pitch_loudness": Bound("class known by pitch and loudness alone", "seconds", most=0.40),
    "two_objects": Bound("videos with two class objects", "videos", least=0.40),
    "quiet": Bound("time silent or off screen", "seconds", least=0.05, most=0.16),
}
# Hard videos sound in two places at once, which a blind point hits more often, and hold more objects and pauses.
HARD_BOUNDS = BOUNDS | {
    "centre": replace(BOUNDS["centre"], most=0.30),
    "uniform": replace(BOUNDS["uniform"], most=0.20),
    "pitch_loudness": replace(BOUNDS["pitch_loudness"], most=0.25),
    "two_objects": replace(BOUNDS["two_objects"], least=0.55),
    "quiet": replace(BOUNDS["quiet"], most=0.22),
}


@dataclass(frozen=True)
class Measurement:
    """One number and the bound it has to keep to."""

    value: float | None  # None: there was nothing to measure it on
    n: int  # how many moments, seconds or videos it is the mean of
    bound: Bound

    @property
    def holds(self) -> bool:
        """Whether the value keeps to its bound; nothing measured does not."""
        return self.value is not None and self.bound.least <= self.value <= self.bound.most


@dataclass(frozen=True)
class Checked:
    """The measurements of a folder, by the keys of BOUNDS, and the videos that could not be used."""

    measurements: dict[str, Measurement]
    videos: int
    skipped: list[str] = field(default_factory=list)  # one sentence each

    @property
    def holds(self) -> bool:
        """Whether every bound is kept."""
        return all(one.holds for one in self.measurements.values())


@dataclass(frozen=True)
class Observation:
    """What one video adds to the measurements."""

    hits: dict[str, list[float]]  # one value a moment: of "centre", "uniform", "moving", "contrasting"
    voices: list[
        tuple[str, float, float]
    ]  # class, log2 of the pitch in Hz, dB of each second in which one object sounds
    seconds: float  # length
    quiet: float  # seconds in no segment


def check(folder: Path, *, workers: int | None = None, progress: Callable[[int, int], None] | None = None) -> Checked:
    """Measure how hard a folder of videos with their truth.json is.

    Moments are taken at 2 Hz where a visible object sounds through the second around them and no segment begins or
    ends inside it. A point hits where it lies in the box of any object that sounds then.

    - centre: the middle of the picture hits.
    - uniform: the share of the picture that those boxes cover, which is how often a random point hits.
    - moving: the pixel hits where the luminance differs most between the frame and the next, in the mean over 5x5 px.
    - contrasting: the pixel hits around which the luminance deviates most, by the standard deviation over 9x9 px.
    - pitch_loudness: a nearest-centroid classifier on (median pitch, loudness) of the decoded sound, both scaled to
      unit deviation, knows the class; over the whole seconds through which one object sounds alone. The videos are
      halved; each half is told apart by the other's centroids.
    - two_objects: the share of the videos in which objects of two classes or more are labelled.
    - quiet: the share of the time in no segment: silent, or sounding off screen.

    The bounds are those of the level the folder was made at; of any other folder, the standard ones.

    Args:
        folder: with `truth.json`.
        workers: processes; by default as many as there are cores for this one.
        progress: called after each video with how many are done, of how many.

    Raises:
        model.truth.TruthError: `truth.json` is missing or malformed.
    """
    truths = truth.read(folder)
    bounds = HARD_BOUNDS if level_of(folder) is Level.HARD else BOUNDS
    seen: list[Observation] = []
    skipped = []
    results = spread(_observe_or_say, [(folder, labels) for labels in truths], workers=workers)
    for done, result in enumerate(results, 1):
        if isinstance(result, Observation):
            seen.append(result)
        else:
            skipped.append(result)
        if progress is not None:
            progress(done, len(truths))
    values = {name: [value for one in seen for value in one.hits[name]] for name in list(BOUNDS)[:4]}
    values["pitch_loudness"] = _told_apart([one.voices for one in seen])
    values["two_objects"] = [float(len(set(labels.classes)) >= 2) for labels in truths]
    measured = {
        name: Measurement(float(np.mean(one)) if one else None, len(one), bounds[name]) for name, one in values.items()
    }
    length = sum(one.seconds for one in seen)
    quiet = sum(one.quiet for one in seen) / length if length else None
    measured["quiet"] = Measurement(quiet, round(length), bounds["quiet"])
    return Checked(measured, len(seen), skipped)


def _observe_or_say(folder: Path, labels: Truth) -> Observation | str:
    try:
        path = folder / labels.file
        video = decode(path, rate=probe(path).frame_rate or RATE, size=None)
    except MediaError as error:
        return str(error)
    return observe(labels, video)


def observe(labels: Truth, video: Video) -> Observation:
    """What a video, decoded at its own frame rate and size, adds to the measurements."""
    duration, rate = video.info.duration, video.info.frame_rate
    hits: dict[str, list[float]] = {"centre": [], "uniform": [], "moving": [], "contrasting": []}
    for k in range(int(duration * RATE) + 1):
        time = k / RATE
        boxes = _sounding_boxes(labels, time, duration, rate)
        number = int(time * rate + 1e-6)
        if not boxes or number + 1 >= len(video.frames):
            continue
        now, following = _luminance(video.frames[number]), _luminance(video.frames[number + 1])
        points = {
            "centre": (0.5, 0.5),
            "moving": _peak(uniform_filter(np.abs(following - now), MOTION)),
            "contrasting": _peak(deviation(now, CONTRAST)),
        }
        hits["uniform"].append(union_area(boxes))
        for name, point in points.items():
            hits[name].append(float(any(contains(box, point) for box in boxes)))
    voices = []
    for start in range(int(duration)):
        alone = labels.sounding_at(start, start + 1)
        if len(alone) == 1 and not labels.boundary_within(start, start + 1) and len(video.audio):
            second = audio_second(video.audio, start + HALF)
            pitch = float(np.log2(max(median_pitch(second), 1.0)))
            voices.append((labels.classes[alone[0]], pitch, loudness(second)))
    return Observation(hits, voices, duration, max(0.0, duration - labels.seconds_sounded()))


def _sounding_boxes(labels: Truth, time: float, duration: float, rate: float) -> list[Box]:
    """The boxes of the visible objects that sound through the second around `time`; none if anything changes in it."""
    start, end = time - HALF, time + HALF
    if start < 0 or end > duration + 1e-6 or labels.boundary_within(start + 1e-6, end - 1e-6):
        return []
    boxes = labels.boxes_at(time, rate)
    return [boxes[index] for index in labels.sounding_at(start, end) if index in boxes]


def _luminance(frame: np.ndarray) -> np.ndarray:
    """(h, w) float32 of an (h, w, 3) uint8 RGB frame (ITU-R BT.601)."""
    return frame @ np.array([0.299, 0.587, 0.114], np.float32)


def deviation(image: np.ndarray, side: int) -> np.ndarray:
    """Standard deviation over the square of `side` px around each pixel of an image (h, w)."""
    centred = image.astype(np.float64) - image.mean()
    return np.sqrt(np.maximum(uniform_filter(centred**2, side) - uniform_filter(centred, side) ** 2, 0))


def _peak(image: np.ndarray) -> tuple[float, float]:
    """Where the highest value of an image (h, w) lies: x, y in 0..1."""
    row, column = np.unravel_index(np.argmax(image), image.shape)
    return (float(column) + 0.5) / image.shape[1], (float(row) + 0.5) / image.shape[0]


def _told_apart(videos: Sequence[Sequence[tuple[str, float, float]]]) -> list[float]:
    """For each second 1 where the nearest centroid of the other half of the videos is of its class, else 0."""
    halves = [[voice for number in range(half, len(videos), 2) for voice in videos[number]] for half in (0, 1)]
    right: list[float] = []
    for known, asked in (halves, halves[::-1]):
        if not known or not asked:
            continue
        names = np.array([name for name, _, _ in known])
        features = np.array([numbers for _, *numbers in known])  # (k, 2)
        scale = features.std(axis=0) + 1e-9
        classes = np.unique(names)
        centroids = np.stack([features[names == name].mean(axis=0) for name in classes]) / scale  # (classes, 2)
        unknown = np.array([numbers for _, *numbers in asked]) / scale
        nearest = np.argmin(((unknown[:, None] - centroids[None]) ** 2).sum(axis=2), axis=1)
        right += [float(classes[guess] == name) for guess, (name, _, _) in zip(nearest, asked, strict=True)]
    return right
