"""How far the scores of regions and predictions mean what they say, and, with --fit, the coefficients behind them.

Annotates generated videos, standard and hard, by the shipped weights and draws a reliability curve: of the regions
scored about .8, the share that is right. With --fit it fits `model/confidence.py` to other videos instead and prints
the coefficients to put there.

    .venv/bin/python -m acceptance.confidence --data FOLDER [--weights FOLDER] [--fit]
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from acceptance import tracks
from acceptance.running import Findings
from model.checkpoints import SHIPPED, Models, load_models
from model.confidence import CLIP, EMPTY, TRACK, Logistic
from model.evaluation.effort import mending
from model.evaluation.tracks import compare
from model.world.levels import Level
from training_jobs.comparison import wilson

FIT = ((9_270_000, 20), (9_280_000, 15))  # seeds, and videos of each length
PENALTY = 0.1  # on the square of each weight: few videos must not make a score extreme
BINS = np.array([0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0001])
OFF = 0.1  # by which the mean score of regions may differ from the share that is right, in each part
FEWEST = 30  # regions or predictions for a part to count
CURVE = Path(__file__).parents[1] / "docs" / "results" / "reliability.png"


@dataclass
class Seen:
    """Evidence and outcome of tracks, clips with tracks, and clips without."""

    tracks: list[tuple[tuple[float, ...], bool]] = field(default_factory=list)
    clips: list[tuple[tuple[float, ...], bool]] = field(default_factory=list)
    empty: list[tuple[tuple[float, ...], bool]] = field(default_factory=list)


def main() -> int:
    """Annotate; then fit, or compare and draw; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the videos for the next time")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="a model version's folder")
    parser.add_argument("--fit", action="store_true", help="fit the coefficients, on videos of their own")
    options = parser.parse_args()
    models = load_models(options.weights)
    seen = Seen()
    for level in (Level.STANDARD, Level.HARD):
        for seed, each in FIT if options.fit else ((tracks.SEED, tracks.EACH),):
            collect(seen, options.data, level, models, seed=seed, each=each)
    print(file=sys.stderr)
    if options.fit:
        for name in ("tracks", "clips", "empty"):
            print(name, fitted(getattr(seen, name)), f"{len(getattr(seen, name))} of them")
        return 0
    return checked(seen)


def collect(seen: Seen, data: Path, level: Level, models: Models, *, seed: int, each: int) -> None:
    """Annotate a level's videos, and again with the sound of others, and add what is known to what came of it."""
    watched = [
        tracks.watch(folder / truth.file, truth, models)
        for folder, truth in tracks.videos(data, level, seed=seed, each=each)
    ]
    for one in watched:
        found = one.found
        right = compare(found.tracks, found.segments, one.sources, found.info.duration).right
        seen.tracks += [(track.evidence, good) for track, good in zip(found.tracks, right, strict=True)]
        if found.tracks:
            seen.clips.append((found.evidence, mending(found.tracks, one.sources) == 0))
        elif found.evidence:
            seen.empty.append((found.evidence, not one.sources))
    for found in tracks.revoiced(watched, data, level, models, seed=seed):
        seen.tracks += [(track.evidence, False) for track in found.tracks]
        if found.tracks:
            seen.clips.append((found.evidence, False))
        elif found.evidence:
            seen.empty.append((found.evidence, True))


def fitted(known: Sequence[tuple[tuple[float, ...], bool]]) -> Logistic:
    """The penalized maximum-likelihood coefficients."""
    evidence = np.array([one for one, _ in known])
    outcome = np.array([good for _, good in known], float)

    def loss(weights: np.ndarray) -> float:
        logits = evidence @ weights[:-1] + weights[-1]
        likelihood = np.logaddexp(0, logits) - outcome * logits
        return float(likelihood.sum() + PENALTY * (weights[:-1] ** 2).sum())

    best = minimize(loss, np.zeros(evidence.shape[1] + 1)).x
    return Logistic(tuple(round(float(weight), 3) for weight in best[:-1]), round(float(best[-1]), 3))


def checked(seen: Seen) -> int:
    """Print and draw how reliable the scores are; answer the exit code."""
    findings = Findings()
    curves = {}
    for name, rule, known in (
        ("regions", TRACK, seen.tracks),
        ("predictions with regions", CLIP, seen.clips),
        ("predictions without", EMPTY, seen.empty),
    ):
        scores = np.array([rule.probability(evidence) for evidence, _ in known])
        right = np.array([good for _, good in known], float)
        findings.tell(f"{name}: {len(known)}, mean score {scores.mean():.3f}, right {right.mean():.3f}")
        part = np.digitize(scores, BINS) - 1
        curve = []
        for number in range(len(BINS) - 1):
            inside = part == number
            if not inside.any():
                continue
            mean, share, count = float(scores[inside].mean()), float(right[inside].mean()), int(inside.sum())
            curve.append((mean, share, count))
            # Of predictions there are too few for a fixed margin: the score must lie in the interval of the share.
            low, high = wilson(round(share * count), count)
            holds = abs(mean - share) <= OFF if name == "regions" else low <= mean <= high
            line = f"{name} scored {mean:.2f}: {share:.2f} right ({low:.2f}-{high:.2f}), of {count}"
            if count >= FEWEST:
                findings.check(holds, line)
            else:
                findings.tell(line)
        curves[name] = curve
    draw(curves)
    return findings.code


def draw(curves: dict[str, list[tuple[float, float, int]]]) -> None:
    """The reliability curves as a picture; the area of a dot is how many it stands for."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 4.6), layout="constrained")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for colour, (name, curve) in zip(("#0077BB", "#EE7733", "#009988"), curves.items(), strict=True):
        means, shares, counts = (list(column) for column in zip(*curve, strict=True))
        axes.plot(means, shares, color=colour, linewidth=1, label=name)
        axes.scatter(means, shares, s=[10 + 2 * count for count in counts], color=colour, alpha=0.7)
    axes.set(xlabel="score", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1.03))
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(CURVE, dpi=110)
    pyplot.close(figure)
    print(f"drawn: {CURVE.relative_to(Path.cwd()) if CURVE.is_relative_to(Path.cwd()) else CURVE}")


if __name__ == "__main__":
    sys.exit(main())
