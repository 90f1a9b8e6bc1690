"""The shipped weights on 250 videos of the generated world that nothing was trained or chosen on.

Makes the videos (once), evaluates the weights in the repository by the command a user would run, and prints each figure
beside its target. Exits with 1 when one is missed.

    .venv/bin/python -m acceptance.shipped_weights --data FOLDER
"""

import argparse
import json
import sys
from pathlib import Path

from acceptance.command import earmark
from model.world.benchmark import SPLITS
from model.world.levels import Level

TEST = SPLITS[Level.STANDARD]["test"]

POINTING, SWAP_POINTING, BOX_IOU50 = 0.93, 0.92, 0.62
BELOW_CEILING = 0.08  # how far correspondence may stay below what the labels permit


def main() -> int:
    """Make, evaluate, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the videos for the next time")
    data = parser.parse_args().data / f"world-{TEST.videos}-{TEST.seed}"
    earmark("world", data, "--videos", TEST.videos, "--seed", TEST.seed)
    figures = json.loads(earmark("evaluate", "localization", "--data", data, "--json"))
    targets = {
        "pointing": POINTING,
        "swap_pointing": SWAP_POINTING,
        "box_iou50": BOX_IOU50,
        "avc": figures["avc"]["ceiling"] - BELOW_CEILING,
    }
    missed = 0
    for name, target in targets.items():
        value, (low, high), n = (figures[name][key] for key in ("model", "ci95", "n"))
        verdict = "met" if value >= target else "MISSED"
        missed += verdict != "met"
        print(f"{name:14} {value:.3f}  95 % {low:.3f}-{high:.3f}  n = {n:5}  target >= {target:.3f}  {verdict}")
    print(f"{'mean_iou':14} {figures['mean_iou']['model']:.3f}  (no target)")
    if figures["videos"] != TEST.videos or figures["avc"]["n"] < 4000:
        print(f"Too little was measured: {figures['videos']} videos, {figures['avc']['n']} pairs.")
        missed += 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
