"""A shifted world: what retraining the shipped weights on 60 of its videos gains there, and costs at home.

The shifted world (`model/world/shifted.py`) has other backgrounds, sizes and pitches than the one the shipped weights
know. They are retrained on 60 of its videos by the trainer that a worker runs, with time enough, and passed through
its gate. Pointing is measured before and after on 250 others of it, and on 250 of the base's own world. Exits
with 1 where too little is gained or too much is lost. A run that is broken off goes on from its finished parts.

    .venv/bin/python -m acceptance.shifted_world --data FOLDER
"""

import argparse
import json
import sys
from pathlib import Path

from acceptance.pointing import pointing
from acceptance.shifted_videos import made, paths, retrained, say
from model.checkpoints import SHIPPED
from model.figures import Row
from model.world.benchmark import SPLITS
from model.world.levels import Level

VIDEOS = 60
MANY, MANY_MINUTES = SPLITS[Level.SHIFTED]["train"].videos, 40.0
GAIN, COST = 0.10, 0.05  # of pointing: least on the shifted world, most on the base's own


def main() -> int:
    """Make, retrain, measure, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps videos, weights and measurements")
    parser.add_argument(
        "--reference", action="store_true", help=f"retrain on {MANY} videos too: half of that gain is enough"
    )
    options = parser.parse_args()
    data: Path = options.data.resolve()
    train = made(data, Level.SHIFTED, "train", MANY if options.reference else VIDEOS)
    tests = {level: made(data, level, "test") for level in (Level.SHIFTED, Level.STANDARD)}
    weights, outcome = retrained(data, f"retrained-{VIDEOS}", paths(train, 0, VIDEOS))
    versions = {"base": SHIPPED, f"{VIDEOS} videos": weights}
    if options.reference:
        versions[f"{MANY} videos"] = retrained(data, f"retrained-{MANY}", paths(train, 0, MANY), minutes=MANY_MINUTES)[
            0
        ]
    found = {}
    for name, folder in versions.items():
        say(f"measuring {name}")
        found[name] = {level: pointing(folder, tests[level], data / "pointing") for level in tests}
    base, after = found["base"], found[f"{VIDEOS} videos"]
    gained, lost = after[Level.SHIFTED].less(base[Level.SHIFTED]), after[Level.STANDARD].less(base[Level.STANDARD])
    wanted = GAIN
    if options.reference:
        whole = found[f"{MANY} videos"][Level.SHIFTED].less(base[Level.SHIFTED])
        wanted = min(GAIN, (whole.value or 0.0) / 2)
    promoted = bool(outcome["card"]["gate"]["passed"])
    checks = {
        f"gained on the shifted world: {_text(gained)}, at least {wanted:.2f}": (gained.value or 0.0) >= wanted,
        f"lost at home: {_text(lost)}, at most {COST:.2f}": (lost.value or 0.0) >= -COST,
        f"promoted by the gate: {outcome['card']['reason']}": promoted,
    }
    print(f"{'pointing':14} {'shifted world':22} base's own world")
    for name, by_level in found.items():
        print(f"{name:14} {_text(by_level[Level.SHIFTED].row):22} {_text(by_level[Level.STANDARD].row)}")
    for what, holds in checks.items():
        print(f"{'met   ' if holds else 'MISSED'} {what}")
    told = {name: {level.value: _plain(one.row) for level, one in by_level.items()} for name, by_level in found.items()}
    print(
        json.dumps(
            {
                "pointing": told,
                "gained": _plain(gained),
                "lost": _plain(lost),
                "promoted": promoted,
                "share": outcome["card"]["share"],
                "seconds": outcome["seconds"],
                "reason": outcome["card"]["reason"],
            }
        )
    )
    return 0 if all(checks.values()) else 1


def _text(row: Row) -> str:
    low, high = row.interval or (float("nan"),) * 2
    return f"{row.value:.3f} ({low:.3f} to {high:.3f})"


def _plain(row: Row) -> dict[str, object]:
    return {"value": round(row.value or 0.0, 4), "ci95": [round(end, 4) for end in row.interval or ()]}


if __name__ == "__main__":
    sys.exit(main())
