"""Learning from very little: ten retrainings of the shipped weights, each on ten other videos of a shifted world.

By the trainer that a worker runs, with time enough, and through its gate. Pointing on 250 other shifted videos
is measured of the base and of every version; nothing may be promoted that points worse by more than .02. The versions
that the gate held back are measured as well, to tell what it kept from serving. Exits with 1 where one that is worse
was promoted. A run that is broken off goes on from its finished parts.

    .venv/bin/python -m acceptance.learning_from_little --data FOLDER
"""

import argparse
import json
import sys
from pathlib import Path

from acceptance.pointing import pointing
from acceptance.shifted_videos import made, paths, retrained, say
from acceptance.shifted_world import VIDEOS as BEFORE  # those that the other experiment learns from
from model.checkpoints import SHIPPED
from model.world.levels import Level

RUNS, VIDEOS = 10, 10
WORSE = 0.02  # of pointing


def main() -> int:
    """Make, retrain ten times, measure; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps videos, weights and measurements")
    data: Path = parser.parse_args().data.resolve()
    train = made(data, Level.SHIFTED, "train", BEFORE + RUNS * VIDEOS)
    test = made(data, Level.SHIFTED, "test")
    base = pointing(SHIPPED, test, data / "pointing")
    rows = []
    for number in range(RUNS):
        own = paths(train, BEFORE + number * VIDEOS, VIDEOS)
        weights, outcome = retrained(data, f"retrained-{VIDEOS}-{number}", own)
        if "refused" in outcome:
            rows.append({"run": number, "promoted": False, "reason": outcome["refused"]})
            continue
        say(f"measuring run {number}")
        after = pointing(weights, test, data / "pointing")
        difference = after.less(base)
        rows.append(
            {
                "run": number,
                "promoted": bool(outcome["card"]["gate"]["passed"]),
                "share": outcome["card"]["share"],
                "pointing": round(after.row.value or 0.0, 4),
                "difference": round(difference.value or 0.0, 4),
                "ci95": [round(end, 4) for end in difference.interval or ()],
                "reason": outcome["card"]["reason"],
            }
        )
    worse = [row for row in rows if row["promoted"] and row["difference"] < -WORSE]
    print(f"base: pointing {base.row.value:.3f}")
    print(f"{'run':>3} {'promoted':8} {'share':>6} {'pointing':>8} {'difference':>10}  95 %")
    for row in rows:
        figures = (
            f"{row['share']:6} {row['pointing']:8.3f} {row['difference']:+10.3f}  {row['ci95']}"
            if "share" in row
            else row["reason"]
        )
        print(f"{row['run']:3} {'yes' if row['promoted'] else 'no':8} {figures}")
    print(f"{'MISSED' if worse else 'met   '} promoted and worse by more than {WORSE:.2f}: {len(worse)}")
    print(json.dumps({"base": round(base.row.value or 0.0, 4), "runs": rows, "promoted_and_worse": len(worse)}))
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
