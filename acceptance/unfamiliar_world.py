"""A world that Earmark does not know: can it be trained on other videos than those it was built on?

Another program than model/world draws textured shapes before grounds like photographs, moves them and synthesises their
sounds; nothing is shared but the form of truth.json. Makes 600 videos to train on and 100 unseen ones (once), trains by
the command a user would run, with its default options, and evaluates. Exits with 1 where pointing falls short.

    .venv/bin/python -m acceptance.unfamiliar_world --data FOLDER
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from PIL import Image
from scipy.interpolate import CubicSpline

from acceptance.command import earmark
from acceptance.unfamiliar_pictures import MARGIN, PATTERNS, SHAPES, SIDE, ground, thing
from acceptance.unfamiliar_sounds import FAMILIES, SAMPLE_RATE, noise, sound
from model.truth import FILE, Box, Segment, Truth, write
from model.workers import spread

TRAIN, UNSEEN = (600, 31_600), (100, 31_100)  # videos, seed
POINTING = 0.60
SECONDS = 6.0

# Of each class: shape, pattern and hue in degrees; it sounds by the family of the same place in FAMILIES.
LOOKS = (
    ("star", "stripes", 0), ("hexagon", "checks", 200), ("blob", "dots", 115), ("disc", "rings", 280),
    ("triangle", "rough", 45), ("gear", "grating", 165), ("cross", "shaded", 320), ("crescent", "lattice", 65),
    ("diamond", "spokes", 235), ("flower", "spiral", 20),
)  # fmt: skip
CLASSES = tuple(f"{pattern} {shape}" for shape, pattern, _ in LOOKS)
SILENT_SHAPES = tuple(shape for shape in SHAPES if shape not in {look[0] for look in LOOKS})


@dataclass(frozen=True)
class Mover:
    """Something drawn, and its path."""

    image: Image.Image  # RGBA
    path: CubicSpline  # seconds -> x, y (px, of the middle), turn (degrees), scale


def main() -> int:
    """Make, train, evaluate; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps videos and weights")
    data = parser.parse_args().data
    for name, (videos, seed) in {"train": TRAIN, "unseen": UNSEEN}.items():
        if not (data / name / FILE).is_file():  # written last
            print(f"making {videos} videos in {data / name}", file=sys.stderr, flush=True)
            make(data / name, videos, seed)
    weights = data / "unfamiliar.safetensors"
    earmark("train", data / "train", "--out", weights, "--anew")
    figures = json.loads(earmark("evaluate", "localization", "--data", data / "unseen", "--model", weights, "--json"))
    pointing = figures["pointing"]
    value, (low, high) = pointing["model"], pointing["ci95"]
    met = value >= POINTING
    print(
        f"pointing {value:.3f}  95 % {low:.3f}-{high:.3f}  n = {pointing['n']}  target >= {POINTING:.2f}  "
        f"{'met' if met else 'MISSED'}"
    )
    for name in ("random_weights", "centre", "uniform"):
        print(f"  {name:15} {pointing[name]:.3f}")
    return 0 if met else 1


def make(folder: Path, videos: int, seed: int) -> None:
    """Write that many videos and, last, their truth.json into a folder, made if need be; the same for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, list(spread(make_video, [(folder, seed, index) for index in range(videos)])))


def make_video(folder: Path, seed: int, index: int) -> Truth:
    """Write one video; answer its truth."""
    rng = np.random.default_rng([seed, index])
    count = 1 + int(rng.random() < 0.5)
    kinds = [int(kind) for kind in rng.choice(len(CLASSES), count, replace=False)]
    pieces = [thing(rng, *LOOKS[kind], rng.uniform(32, 48)) for kind in kinds]
    for _ in range(int(rng.integers(0, 3))):
        pattern = str(rng.choice(list(PATTERNS)))
        pieces.append(thing(rng, str(rng.choice(SILENT_SHAPES)), pattern, rng.uniform(0, 360), rng.uniform(28, 46)))
    movers = [Mover(piece, path) for piece, path in zip(pieces, _paths(rng, pieces), strict=True)]
    turns = _turns(rng, count)
    audio = _soundtrack(rng, kinds, turns)
    rate = (Fraction(25), Fraction(25, 2))[int(rng.random() < 0.5)]
    boxes: list[list[Box | None]] = [[] for _ in kinds]
    name = f"{index:04d}.mp4"
    _encode(folder / name, _frames(rng, movers, float(rate), boxes), rate, audio)
    return Truth(
        file=name,
        classes=[CLASSES[kind] for kind in kinds],
        segments=[Segment(start, end, who) for who, start, end in turns],
        boxes=dict(enumerate(boxes)),
    )


def _turns(rng: np.random.Generator, count: int) -> list[tuple[int, float, float]]:
    """Who sounds from when to when, in seconds: one object steadily or with a rest, or two in turn."""
    who = int(rng.integers(count))
    alternate = count == 2 and rng.random() < 0.5
    if not alternate and rng.random() < 0.5:
        return [(who, 0.0, SECONDS)]
    cuts = [0.0, *(SECONDS * rng.uniform([0.3, 0.62], [0.38, 0.7])), SECONDS]
    rest = 0.05 if alternate else rng.uniform(0.7, 1.2)
    turns = []
    for number, (start, end) in enumerate(pairwise(cuts)):
        last = end == SECONDS
        turns.append(((who + number) % 2 if alternate else who, round(start, 3), round(end - rest * (not last), 3)))
    return turns


def _soundtrack(rng: np.random.Generator, kinds: list[int], turns: list[tuple[int, float, float]]) -> np.ndarray:
    """Everything that sounds over noise 5 to 25 dB below it: (samples,) float32 in -1..1."""
    track = np.zeros(int(SECONDS * SAMPLE_RATE))
    seeds = rng.integers(2**31, size=len(kinds))
    for who, start, end in turns:
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        track[first:last] += sound(FAMILIES[kinds[who]], int(seeds[who]), last - first)
    track += 10 ** (-rng.uniform(5, 25) / 20) * noise(rng, len(track))
    return (track * rng.uniform(0.05, 0.16)).clip(-1, 1).astype(np.float32)


def _paths(rng: np.random.Generator, pieces: list[Image.Image]) -> list[CubicSpline]:
    """A smooth way for each thing, through five places about a home of its own, slowly turning all the while."""
    reach = np.array([max(piece.size) / 2 + 12 for piece in pieces])
    # Rather near the edges, or pointing at the middle of the picture would often be right.
    homes = [reach[:, None] + rng.beta(0.6, 0.6, (len(pieces), 2)) * (SIDE - 2 * reach[:, None]) for _ in range(40)]
    home = max(homes, key=lambda places: _least_gap(places, reach))
    paths = []
    for middle in home:
        knots = np.concatenate(
            [middle + rng.uniform(-18, 18, (5, 2)), np.cumsum(rng.normal(0, 14, (5, 1)), axis=0),
             rng.uniform(0.88, 1.1, (5, 1))], axis=1,
        )  # fmt: skip
        paths.append(CubicSpline(np.linspace(0, SECONDS, 5), knots))
    return paths


def _least_gap(places: np.ndarray, reach: np.ndarray) -> float:
    """The room between the two nearest things; negative where they may meet."""
    gaps = [
        float(np.hypot(*(places[i] - places[j]))) - reach[i] - reach[j] for i in range(len(places)) for j in range(i)
    ]
    return min(gaps, default=0.0)


def _frames(
    rng: np.random.Generator, movers: list[Mover], rate: float, boxes: list[list[Box | None]]
) -> Iterator[np.ndarray]:
    """Each frame, (256, 256, 3) uint8; adds to each list the box around the whole shape, covered or not."""
    place = ground(rng)
    drift = rng.uniform(0, 2 * MARGIN, (2, 2))  # the ground's corner at first and at last
    order = rng.permutation(len(movers))
    count = round(SECONDS * rate)
    for number in range(count):
        left, top = drift[0] + (drift[1] - drift[0]) * number / count
        frame = place.crop((int(left), int(top), int(left) + SIDE, int(top) + SIDE))
        for index in order:
            x, y, turn, scale = (float(value) for value in movers[index].path(number / rate))
            image = movers[index].image
            size = max(2, round(image.width * scale)), max(2, round(image.height * scale))
            turned = image.resize(size, Image.Resampling.BILINEAR).rotate(turn, Image.Resampling.BILINEAR, expand=True)
            corner = round(x - turned.width / 2), round(y - turned.height / 2)
            frame.paste(turned, corner, turned)
            if index < len(boxes):
                boxes[index].append(_box(turned, corner))
        yield np.asarray(frame)


def _box(image: Image.Image, corner: tuple[int, int]) -> Box | None:
    """Where an RGBA image pasted at a corner (px) is opaque by more than half, within the picture, in 0..1."""
    solid = image.getchannel("A").point(lambda value: 255 * (value > 127)).getbbox()
    if solid is None:
        return None
    x1, y1, x2, y2 = (min(max(corner[k % 2] + solid[k], 0), SIDE) / SIDE for k in range(4))
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _encode(path: Path, frames: Iterator[np.ndarray], rate: Fraction, audio: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "21", "threads": "1"})
        video.width = video.height = SIDE
        video.pix_fmt = "yuv420p"
        heard = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for pixels in frames:
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        for start in range(0, len(audio), 1024):
            frame = av.AudioFrame.from_ndarray(audio[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            container.mux(heard.encode(frame))
        container.mux(heard.encode(None))


if __name__ == "__main__":
    sys.exit(main())
