"""`make results`: docs/results.md from the JSON kept in docs/results/.

With --data the heatmaps are drawn anew first, by the shipped weights and those that FOLDER/weights holds; with
--measure too, what is missing among the JSON, or what is named, is measured before.

.venv/bin/python -m acceptance.results [--data FOLDER [--measure [NAME ...]]]
"""

import argparse
import sys
from pathlib import Path

from acceptance.results import heatmaps, page
from acceptance.results.experiments import EXPERIMENTS
from acceptance.results.measure import KEPT, RETRIEVAL, measure, measure_retrieval, measured, provide
from model import checkpoints


def main() -> int:
    """Measure, draw, write; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments to measure, whether there or not")
    parser.add_argument("--measure", action="store_true", help="measure what is missing, or what is named")
    parser.add_argument("--data", type=Path, help="folder for videos, clips and weights; some 20 GB")
    given = parser.parse_args()
    known = (*EXPERIMENTS, RETRIEVAL)
    if unknown := sorted(set(given.names) - set(known)):
        parser.error(f"there is no experiment {', '.join(unknown)}; there are {', '.join(known)}")
    if given.measure and given.data is None:
        parser.error("--measure needs --data FOLDER")
    if given.measure:
        for name in given.names or [name for name in known if measured(name) is None]:
            print(f"--- {name}", flush=True)
            try:
                measure_retrieval(given.data) if name == RETRIEVAL else measure(EXPERIMENTS[name], given.data)
            except FileNotFoundError as error:
                print(f"Not measured: {error}")
    if given.data is not None:
        _draw(given.data)
    print(f"{page.write()} written.")
    return 0


def _draw(data: Path) -> None:
    """The heatmaps of the weights there are."""
    standard, hard = checkpoints.SHIPPED / "avol.safetensors", data / "weights" / "hard.safetensors"
    for name, weights, test in (("avol", standard, "standard/test"), ("hard", hard, "hard/test")):
        if not weights.is_file():
            continue
        folder = provide(data, test)
        heatmaps.draw_failures(weights, folder, KEPT / f"failures-{name}.png", KEPT / f"boxes-{name}.png")
        if name == "avol":
            heatmaps.draw_swapped(weights, folder, KEPT / "swapped.png")


if __name__ == "__main__":
    sys.exit(main())
