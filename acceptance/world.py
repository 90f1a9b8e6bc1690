"""The generated world: hard enough by measurement, made fast enough, the same whoever makes it.

Makes 120 videos of six seconds (once) and measures how often guesses hit that neither look for the object nor listen
to it; makes some of them again elsewhere, one after the other, counting processor time; compares the bytes. Exits with
1 when anything is missed.

    .venv/bin/python -m acceptance.world --data FOLDER
"""

import argparse
import filecmp
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VIDEOS = 120
SEED = 5
TIMED = 12  # videos made again
CPU_SECONDS = 1.0  # a six-second video, on one core
CLASSES = 12


def main() -> int:
    """Make, measure, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder for the videos; kept, and used again")
    data = parser.parse_args().data / f"world-{VIDEOS}-{SEED}"
    checked = json.loads(_earmark("world", data, "--videos", VIDEOS, "--seed", SEED, "--check", "--json"))
    missed = 0
    for name, one in checked["check"].items():
        missed += _say(name, one["value"], one["n"], one["least"], one["most"])
    truths = json.loads((data / "truth.json").read_text())
    missed += _say("classes", len({name for truth in truths for name in truth["classes"]}), VIDEOS, CLASSES, 1000)
    with tempfile.TemporaryDirectory() as elsewhere:
        seconds = _remake(Path(elsewhere))
        same = sum(
            filecmp.cmp(data / f"{index:05d}.mp4", Path(elsewhere) / f"{index:05d}.mp4", shallow=False)
            for index in range(TIMED)
        )
    missed += _say("cpu_seconds", seconds, TIMED, 0, CPU_SECONDS)
    missed += _say("same_bytes", same / TIMED, TIMED, 1, 1)
    if checked["videos"] != VIDEOS:
        print(f"Only {checked['videos']} of {VIDEOS} videos could be measured.")
        missed += 1
    return 1 if missed else 0


def _remake(folder: Path) -> float:
    """Make the first videos again, in this process; answer processor seconds a video, all of its threads counted."""
    from model.world.generation import make_video

    make_video(folder, SEED, 0)  # imports and first uses are no part of a video
    began = time.process_time()
    for index in range(TIMED):
        make_video(folder, SEED, index)
    return (time.process_time() - began) / TIMED


def _say(name: str, value: float | None, n: int, least: float, most: float) -> int:
    """Print one line; 1 if the value is not within its bounds, else 0."""
    met = value is not None and least <= value <= most
    shown = "-" if value is None else f"{value:.3f}"
    print(f"{name:15} {shown:>7}  n = {n:4}  bounds {least:g} .. {most:g}  {'met' if met else 'MISSED'}", flush=True)
    return 0 if met else 1


def _earmark(*arguments: object) -> str:
    """Run the command; its progress shows, its result is answered, and a broken bound is read from the result."""
    command = [sys.executable, "-m", "earmark", *map(str, arguments)]
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    if not ran.stdout:
        sys.exit(1)  # it said why on stderr
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
