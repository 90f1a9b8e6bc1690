"""A training killed at a random step and gone on with ends in the same weights as one never killed, to the bit.

    .venv/bin/python -m acceptance.killed_training [--kills 3] [--seed N]

Trains on a small generated world by `earmark train`, once undisturbed and once killed with SIGKILL again and again.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from acceptance.command import earmark
from acceptance.running import Findings

VIDEOS, STEPS = 40, 120
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Train twice, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=None, help="of the moments; random by default, and said")
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed
    rng, findings = random.Random(seed), Findings()
    findings.tell(f"seed of the moments: {seed}")
    with tempfile.TemporaryDirectory(prefix="earmark acceptance ") as name:
        folder = Path(name)
        earmark("world", folder / "videos", "--videos", VIDEOS, "--seed", 3)
        options = ("--steps", STEPS, "--batch", 16, "--cache", folder / "clips", "--seed", 1)
        whole = folder / "whole.safetensors"
        began = time.monotonic()
        earmark("train", folder / "videos", "--out", whole, *options)
        took = time.monotonic() - began
        findings.tell(f"undisturbed: {took:.0f} s")
        killed = folder / "killed.safetensors"
        snapshot = killed.with_name(killed.name + ".training")
        for _ in range(given.kills):
            wait = rng.uniform(0.3, 0.9) * took
            command = [sys.executable, "-m", "earmark", "train", folder / "videos", "--out", killed, "--resume"]
            process = subprocess.Popen([*map(str, (*command, *options))], cwd=ROOT, stdout=subprocess.DEVNULL)
            try:
                process.wait(wait)
                break  # it was quicker than the kill
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            findings.tell(f"killed after {wait:.1f} s; {'a' if snapshot.exists() else 'no'} snapshot is there")
        if not killed.exists():
            earmark("train", folder / "videos", "--out", killed, "--resume", *options)
        findings.check(_weights(whole) == _weights(killed), "the weights are the same, to the bit")
        findings.check(not snapshot.exists(), "the snapshot is gone once the training is done")
    return findings.code


def _weights(path: Path) -> dict[str, bytes]:
    from safetensors.numpy import load_file

    return {name: tensor.tobytes() for name, tensor in load_file(path).items()}


if __name__ == "__main__":
    sys.exit(main())
