"""Scenes pasted together from photographs and recordings: real sights and sounds with exact truth.

Needs a folder of cut-out photographs and recordings with a manifest (shared/media/composites beside the checkout).
Scenes of its train split are there to learn from; those of its dev split, of other photographs and recordings, to
measure on: one or two objects of different classes on a photographed background, one of them heard. They are an
experiment of the results page: `.venv/bin/python -m acceptance.results --measure --data FOLDER composites`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from PIL import Image

from model import truth
from model.truth import Box, Segment, Truth
from model.workers import spread
from model.world.encoding import encode

SIZE, FRAME_RATE, SECONDS, SAMPLE_RATE = 224, 25, 4.0, 48_000
SOURCE = Path(__file__).parents[2] / "shared" / "media" / "composites"
SPLITS = {"train": (1600, 41), "dev": (250, 42)}  # scenes, seed
Scraps = dict[str, list[Path]]  # files by class


def provide(folder: Path, split: str) -> None:
    """Write the scenes of a split, "train" or "dev", and their truth.json into a folder, unless they are there."""
    if (folder / truth.FILE).is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    videos, seed = SPLITS[split]
    truths = list(spread(scene, [(folder, split, seed, index) for index in range(videos)]))
    truth.write(folder, truths)


def scene(folder: Path, split: str, seed: int, index: int) -> Truth:
    """Write one scene; the same seed and index give the same one."""
    rng = np.random.default_rng([seed, index])
    pictures, sounds = scraps(split)
    both = sorted(set(pictures) & set(sounds))
    classes = [str(name) for name in rng.choice(both, size=1 + index % 2, replace=False)]
    images = [_cutout(pictures[name][rng.integers(len(pictures[name]))], rng) for name in classes]
    places = _places(images, rng)
    drifts = rng.uniform(-6, 6, (len(classes), 2))  # px a second
    background = _background(pictures["background"][rng.integers(len(pictures["background"]))], rng)
    boxes: list[list[Box | None]] = [[] for _ in classes]

    def frames() -> Iterator[np.ndarray]:
        for number in range(round(SECONDS * FRAME_RATE)):
            picture = background.copy()
            for image, (x, y), drift, track in zip(images, places, drifts, boxes, strict=True):
                left, top = (round(at + move * number / FRAME_RATE) for at, move in zip((x, y), drift, strict=True))
                picture.paste(image, (left, top), image)
                track.append(_box(image, left, top))
            yield np.asarray(picture)

    heard = int(rng.integers(len(classes)))
    audio = _heard(sounds[classes[heard]], rng)
    name = f"{index:05d}.mp4"
    encode(folder / name, frames(), audio, size=(SIZE, SIZE), frame_rate=FRAME_RATE, sample_rate=SAMPLE_RATE)
    return Truth(name, classes, [Segment(0.0, SECONDS, heard)], dict(enumerate(boxes)))


def scraps(split: str) -> tuple[Scraps, Scraps]:
    """Photographs and recordings of a split, by class."""
    pictures: Scraps = defaultdict(list)
    sounds: Scraps = defaultdict(list)
    with (SOURCE / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["split"] == split and row["style"] != "crop30":  # 30 pixels a side show nothing at this size
                (pictures if row["kind"] == "image" else sounds)[row["class"]].append(SOURCE / row["file"])
    return pictures, sounds


def _cutout(path: Path, rng: np.random.Generator) -> Image.Image:
    with Image.open(path) as file:
        image = file.convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda a: 255 * (a > 127)).getbbox() or (0, 0, *image.size))
    scale = rng.uniform(70, 110) / max(image.size)
    image = image.resize([max(8, round(side * scale)) for side in image.size], Image.Resampling.LANCZOS)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else image


def _background(path: Path, rng: np.random.Generator) -> Image.Image:
    with Image.open(path) as file:
        image = file.convert("RGB")
    side = round(min(image.size) * rng.uniform(0.7, 1.0))
    left, top = (int(rng.integers(whole - side + 1)) for whole in image.size)
    return image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, (left, top, left + side, top + side))


def _places(images: list[Image.Image], rng: np.random.Generator) -> list[tuple[float, float]]:
    """Where each goes; of 40 tries the one with least in common."""

    def overlap(places: list[tuple[float, float]]) -> float:
        if len(places) < 2:
            return 0.0
        (x, y), (u, v) = places
        wide = min(x + images[0].width, u + images[1].width) - max(x, u)
        high = min(y + images[0].height, v + images[1].height) - max(y, v)
        return max(0.0, wide) * max(0.0, high)

    tries = [[tuple(rng.uniform(0, SIZE - side) for side in image.size) for image in images] for _ in range(40)]
    return min(tries, key=overlap)  # type: ignore[arg-type]


def _box(image: Image.Image, left: int, top: int) -> Box | None:
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + image.width, SIZE), min(top + image.height, SIZE)
    return (x1 / SIZE, y1 / SIZE, x2 / SIZE, y2 / SIZE) if x1 < x2 and y1 < y2 else None


def _heard(recordings: list[Path], rng: np.random.Generator) -> np.ndarray:
    """Recordings of one class end to end, over the whole scene, at a common loudness, with some noise."""
    wanted, parts, length = round(SECONDS * SAMPLE_RATE), [], 0
    while length < wanted:
        with av.open(str(recordings[rng.integers(len(recordings))])) as file:
            resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
            decoded = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
        part = np.concatenate([frame.to_ndarray()[0] for frame in decoded])
        parts.append(part / (np.sqrt(np.mean(part**2)) + 1e-6))
        length += len(part)
    sound = np.concatenate(parts)[:wanted] * 0.08 + rng.normal(0, 0.08 * 10 ** (-rng.uniform(10, 25) / 20), wanted)
    return np.clip(sound, -1, 1).astype(np.float32)
