"""The tracks an annotator gets on generated videos of 6 to 30 s, and the work they save.

Makes the videos (once), annotates them by the shipped weights, and prints each figure beside its target: boxes and
times against the truth, regions where nothing in view sounds, and what mending costs a simulated annotator beside
drawing everything on a blank screen (its rules: model/evaluation/effort.py). Exits with 1 when a target is missed.

    .venv/bin/python -m acceptance.tracks --data FOLDER [--weights FOLDER] [--level hard] [--json]
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.annotator import Annotation, annotate
from model.checkpoints import SHIPPED, Models, load_models
from model.evaluation.effort import blank, mending
from model.evaluation.tracks import Source, compare, sources
from model.recording import SAMPLE_RATE
from model.truth import Truth
from model.video import decode, stream_frames
from model.world.encoding import encode
from model.world.generation import FRAME_RATE, generate
from model.world.levels import Level
from model.world.scenes import HEIGHT, WIDTH

LENGTHS = (6.0, 12.0, 20.0, 30.0)  # seconds of the videos
EACH = 15  # videos of each length
SEED = 9_260_000  # nothing is trained or chosen on these
ACCEPTED = (0.5, 0.6, 0.7)  # IoU from which the simulated annotator lets a box be
OVERLAP, TIME, KEYFRAMES, FALSE, SAVED = 0.55, 0.85, 1.0, 0.05, 0.45


@dataclass(frozen=True)
class Watched:
    """One video annotated."""

    path: Path
    truth: Truth
    sources: list[Source]
    found: Annotation


def main() -> int:
    """Make, annotate, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the videos for the next time")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="a model version's folder")
    parser.add_argument("--level", type=Level, choices=list(Level), default=Level.STANDARD)
    parser.add_argument("--json", action="store_true", help="the figures as one line, without targets")
    options = parser.parse_args()
    models = load_models(options.weights)
    watched = [
        watch(folder / truth.file, truth, models)
        for folder, truth in videos(options.data, options.level, seed=SEED, each=EACH)
    ]
    figures = measured(watched)
    figures |= false_regions(watched, options.data, options.level, models)
    if options.json:
        print(json.dumps(figures))
        return 0
    return told(figures)


def videos(data: Path, level: Level, *, seed: int, each: int) -> Iterator[tuple[Path, Truth]]:
    """Folder and truth of every video; made if need be."""
    for seconds in LENGTHS:
        folder = data / f"tracks-{level.value}-{seed}" / f"{seconds:.0f}s"
        for truth in generate(folder, videos=each, seed=seed + int(seconds), seconds=seconds, level=level):
            yield folder, truth


def watch(path: Path, truth: Truth, models: Models) -> Watched:
    """Annotate one video."""
    found = annotate(path, models)
    print(f"\r{path.parent.name}/{path.name}: {len(found.tracks)} tracks ", end="", file=sys.stderr, flush=True)
    return Watched(path, truth, sources(truth, FRAME_RATE, found.info.duration), found)


def measured(watched: Sequence[Watched]) -> dict[str, float]:
    """The figures of annotated videos; intervals of the work saved are bootstrapped over videos."""
    compared = [compare(one.found.tracks, one.found.segments, one.sources, one.found.info.duration) for one in watched]

    def total(name: str) -> float:
        return float(sum(getattr(one, name) for one in compared))

    figures = {
        "videos": float(len(watched)),
        "mean_iou": total("overlap") / total("moments"),
        "precision": total("right_time") / max(total("track_time"), 1e-9),
        "recall": total("found_time") / total("source_time"),
        "recall_together": total("found_together") / total("together"),
        "keyframes": total("keyframes") / total("seconds"),
    }
    drawn = np.array([blank(one.sources) for one in watched])
    rng = np.random.default_rng(0)
    draws = rng.integers(len(watched), size=(1000, len(watched)))
    for level in ACCEPTED:
        mended = np.array([mending(one.found.tracks, one.sources, accepted=level) for one in watched])
        figures[f"saved_{level:.1f}"] = 1 - mended.sum() / drawn.sum()
        low, high = np.percentile(1 - mended[draws].sum(1) / drawn[draws].sum(1), [2.5, 97.5])
        figures |= {f"saved_{level:.1f}_low": float(low), f"saved_{level:.1f}_high": float(high)}
        figures[f"unchanged_{level:.1f}"] = float((mended == 0).mean())
    return figures


def false_regions(watched: Sequence[Watched], data: Path, level: Level, models: Models) -> dict[str, float]:
    """Share of videos that get a region though nothing in view sounds: silenced ones, and ones that hear another's."""
    silent = [bool(found.tracks) for found in revoiced(watched, data, level, models, seed=SEED, silent=True)]
    elsewhere = [bool(found.tracks) for found in revoiced(watched, data, level, models, seed=SEED)]
    return {
        "unheard": float(len(elsewhere)),
        "false_silent": float(np.mean(silent)),
        "false_elsewhere": float(np.mean(elsewhere)),
    }


def revoiced(
    watched: Sequence[Watched], data: Path, level: Level, models: Models, *, seed: int, silent: bool = False
) -> Iterator[Annotation]:
    """What is found in the videos once they are silent, or hear one of which nothing is in view."""
    folder = data / f"tracks-{level.value}-{seed}" / ("silent" if silent else "elsewhere")
    folder.mkdir(parents=True, exist_ok=True)
    for number, (one, other) in enumerate(_strangers(watched)):
        target = folder / f"{number:05}.mp4"
        samples = round(one.found.info.duration * SAMPLE_RATE)
        if not target.exists():
            heard = np.zeros(1, np.float32) if silent else decode(other.path, rate=0.1, size=(2, 2)).audio
            _revoice(one.path, target, np.resize(heard, samples))
        yield annotate(target, models)


def _strangers(watched: Sequence[Watched]) -> list[tuple[Watched, Watched]]:
    """Each video with another of which nothing that sounds, in view or not, is of a class in its view."""
    pairs = []
    for place, one in enumerate(watched):
        for other in [*watched[place + 1 :], *watched[:place]]:
            if not _heard_classes(other.truth) & set(one.truth.classes):
                pairs.append((one, other))
                break
    return pairs


def _heard_classes(truth: Truth) -> set[str]:
    in_view = {truth.classes[segment.object] for segment in truth.segments}
    return in_view | {voice["class"] for voice in truth.extras.get("off_screen", [])}


def _revoice(source: Path, target: Path, audio: np.ndarray) -> None:
    part = target.with_suffix(".part")
    frames = stream_frames(source, rate=FRAME_RATE)
    encode(part, frames, audio, size=(HEIGHT, WIDTH), frame_rate=FRAME_RATE, sample_rate=SAMPLE_RATE)
    part.replace(target)


def told(figures: dict[str, float]) -> int:
    """Print each figure beside its target; answer the exit code."""
    rows = [
        ("mean IoU over the sounding time", figures["mean_iou"], OVERLAP, True),
        ("precision of sounding time", figures["precision"], TIME, True),
        ("recall of sounding time", figures["recall"], TIME, True),
        ("keyframes a second", figures["keyframes"], KEYFRAMES, False),
        ("regions in silent videos", figures["false_silent"], FALSE, False),
        ("regions where what sounds is out of view", figures["false_elsewhere"], FALSE, False),
        ("work saved, boxes accepted from IoU .5", figures["saved_0.5"], SAVED, True),
    ]
    missed = 0
    print(file=sys.stderr)
    for name, value, target, above in rows:
        met = value >= target if above else value <= target
        missed += not met
        print(f"{name:42} {value:.3f}  target {'>=' if above else '<='} {target:.2f}  {'met' if met else 'MISSED'}")
    for level in ACCEPTED:
        low, high = figures[f"saved_{level:.1f}_low"], figures[f"saved_{level:.1f}_high"]
        saved, unchanged = figures[f"saved_{level:.1f}"], figures[f"unchanged_{level:.1f}"]
        print(f"accepted from IoU {level}: saved {saved:.3f} ({low:.3f}-{high:.3f}), videos unchanged {unchanged:.3f}")
    print(f"recall of the time in which two or more sound at once: {figures['recall_together']:.3f}")
    print(f"{figures['videos']:.0f} videos of 6 to 30 s, {figures['unheard']:.0f} more each silenced and revoiced")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
