"""How much two trainings on the same cores slow each other down, as torch's threads wait by default and in Earmark.

Prints the steps a second of AVOL-Net at its small size, of one and of two at once in sum, as ratios to one with torch's
default: medians of alternating runs.

    .venv/bin/python -m benchmarks.shared_cores [--seconds 8] [--runs 3]
"""

import argparse
import os
import sys
import time
from contextlib import ExitStack
from statistics import median
from subprocess import PIPE, Popen

from earmark import SPIN_COUNT

SPINS = "GOMP_SPINCOUNT"
WAYS = {"torch's default": {}, "as in Earmark": {SPINS: SPIN_COUNT}}


def main() -> None:
    """Measure in processes of their own: how threads wait is read once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8, help="of each run")
    parser.add_argument("--runs", type=int, default=3, help="of each kind, alternating")
    parser.add_argument("--learn", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.learn:
        learn(given.seconds)
        return
    kinds = [(way, count) for way in WAYS for count in (1, 2)]
    found: dict[tuple[str, int], list[float]] = {kind: [] for kind in kinds}
    for _ in range(given.runs):
        for way, count in kinds:
            found[way, count].append(together(way, count, given.seconds))
    baseline = median(found["torch's default", 1])
    for (way, count), speeds in found.items():
        print(f"{count} {way:16} {median(speeds) / baseline:.2f}  ({median(speeds):.1f} steps/s)")


def together(way: str, count: int, seconds: float) -> float:
    """Steps a second that `count` learners make in sum."""
    command = [sys.executable, "-m", "benchmarks.shared_cores", "--learn", "--seconds", str(seconds)]
    environment = {name: value for name, value in os.environ.items() if name != SPINS} | WAYS[way]
    with ExitStack() as running:
        learners = [
            running.enter_context(Popen(command, env=environment, stdin=PIPE, stdout=PIPE, text=True))
            for _ in range(count)
        ]
        told = [(learner.stdin, learner.stdout) for learner in learners if learner.stdin and learner.stdout]
        for _, said in told:
            said.readline()  # all is loaded
        for word, _ in told:
            word.close()
        return sum(float(said.read()) for _, said in told)


def learn(seconds: float) -> None:
    """Say that all is loaded, wait for the word, then learn and tell the steps a second."""
    import torch

    from model.networks import AVOLNet
    from model.objectives import contrastive

    torch.manual_seed(0)
    network = AVOLNet()
    optimiser = torch.optim.Adam(network.parameters())
    pictures, sounds = torch.rand(64, 3, 112, 112), network.spectrogram(torch.rand(64, 48_000) - 0.5)

    def step() -> None:
        optimiser.zero_grad()
        contrastive(network.pair_logits(network.vision(pictures), network.sound(sounds))).backward()
        optimiser.step()

    step()
    print("ready", flush=True)
    sys.stdin.read()
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        step()
        steps += 1
    print(steps / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
