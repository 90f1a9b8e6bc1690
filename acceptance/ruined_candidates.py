"""Candidates ruined on purpose are refused by the gate, each for its own reason; an honest one serves; and rolling
back restores the predictions that were there before, to the byte.

    .venv/bin/python -m acceptance.ruined_candidates [--videos 60] [--data FOLDER]

From the shipped weights and generated videos: one candidate trained honestly, one on shuffled pairs, so that no
second belongs to its frame; AVE-Net with all pictures in one place; AVOL-Net with maps that are flat; AVOL-Net deaf to
what it hears.
"""

import argparse
import copy
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from acceptance.running import Findings
from backend.settings import Settings
from backend.versions import VersionStore
from label_config import template
from model import checkpoints
from model.checkpoints import SHIPPED, Models
from model.clips import ClipCache
from model.pairs import PairSource
from model.training import train
from model.training.recipe import TrainingConfig
from model.world.generation import generate
from training_jobs import gate
from training_jobs.checks.held_out import HeldOut
from training_jobs.holding_out import hold_out
from training_jobs.learning import SHARES, between, learn
from training_jobs.predictor import SoundingObjects

SEED = 5_660_060
HONEST_STEPS, SHUFFLED_STEPS = 40, 60
ANNOTATED = 3  # videos annotated under each version
PROJECT = "00000000-1-1"


class ShuffledPairs(PairSource):
    """Pairs of which none belongs together."""

    def draw(self, keys: Sequence[str], rng: np.random.Generator, **options: Any) -> tuple[Tensor, Tensor]:
        """Each frame with a second of the clip after its own."""
        return super().draw(keys, rng, **{**options, "others": [*keys[1:], keys[0]]})


def main() -> int:
    """Make, ruin, judge; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=60)
    parser.add_argument("--data", type=Path, default=None, help="folder that keeps the videos for the next time")
    given = parser.parse_args()
    findings, began = Findings(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="earmark acceptance ") as name:
        folder = Path(name)
        videos = (given.data or folder) / f"world-{given.videos}-{SEED}"
        truths = generate(videos, videos=given.videos, seed=SEED, workers=1)
        cache = ClipCache(folder / "clips")
        keys = [cache.add(videos / truth.file) for truth in truths]
        learnt_from, held_out = hold_out(keys)
        source, judged_on = PairSource(learnt_from, cache.load), PairSource(held_out, cache.load)
        findings.tell(f"{len(learnt_from)} videos to learn from, {len(held_out)} held out")
        current = checkpoints.load_models()

        def refused(what: str, candidate: Models, check: str, reason: str = "") -> None:
            _, verdict = gate.judge({1.0: candidate}, current, judged_on, held_out)
            told = check in verdict.failed and verdict.reason.startswith(reason)
            findings.check(told, f"{what}: {verdict.reason} Failed: {', '.join(verdict.failed)}.")

        refused("deaf", _deaf(current, judged_on, held_out), "listening", "AVOL-Net no longer listens")
        refused("flat maps", _flat(current), "map focus", "AVOL-Net has collapsed")
        refused("one place", _one_place(current), "spread of pictures", "AVE-Net has collapsed")
        shuffled = _shuffled(current, learnt_from, cache)
        # Its maps may have gone flat as well: where nothing belongs together, nothing is worth pointing at.
        refused("shuffled pairs", shuffled, "correspondence of AVOL-Net")

        new = folder / "version"
        card = learn(current, source, new, steps=HONEST_STEPS)
        learnt = checkpoints.load_models(new)
        ways = {share: between(current, learnt, share) for share in SHARES}
        share, verdict = gate.judge(ways, current, judged_on, held_out)
        findings.check(verdict.passed, f"honest, {share:g} of the way: {verdict.reason} {verdict.metrics}")
        for kind, network in (("avol", ways[share].avol), ("ave", ways[share].ave)):
            checkpoints.save(new / f"{kind}.safetensors", network)
        (new / checkpoints.CARD).write_text(json.dumps(card | {"metrics": verdict.metrics, "gate": verdict.to_dict()}))
        _roll_back(findings, folder, new, [videos / truth.file for truth in truths[:ANNOTATED]])
    findings.tell(f"{time.monotonic() - began:.0f} s")
    return findings.code


def _deaf(current: Models, source: PairSource, keys: Sequence[str]) -> Models:
    """Whatever it is given, it hears the mean of what the current version hears: its maps show what is often loud."""
    models = copy.deepcopy(current)
    heard = torch.cat([sound for _, _, sound in HeldOut(source, keys).seen_and_heard(current.avol)]).mean(0)
    with torch.no_grad():
        models.avol.sound_head.fc2.weight.zero_()
        models.avol.sound_head.fc2.bias.copy_(heard)
    return models


def _flat(current: Models) -> Models:
    """Every place looks the same to it."""
    models = copy.deepcopy(current)
    with torch.no_grad():
        models.avol.conv6.weight.zero_()
    return models


def _one_place(current: Models) -> Models:
    """Every picture is embedded in the same place."""
    models = copy.deepcopy(current)
    with torch.no_grad():
        models.ave.image_head.fc2.weight.zero_()
    return models


def _shuffled(current: Models, keys: Sequence[str], cache: ClipCache) -> Models:
    """Trained to hear together what does not belong together."""
    config = TrainingConfig(steps=SHUFFLED_STEPS, learning_rate=3e-4, validation_share=0.25)
    avol, _ = train("avol", ShuffledPairs(list(keys), cache.load), config, start=current.avol)
    return Models(avol, current.ave, "", {})  # type: ignore[arg-type]


def _roll_back(findings: Findings, folder: Path, new: Path, videos: Sequence[Path]) -> None:
    """Predictions under the base, the new version, and the base again."""
    store = VersionStore(Settings(home=folder / "home"))
    base, version = store.seed(SHIPPED), store.add(new)
    before = _predictions(store, videos)
    store.promote(PROJECT, version)
    between_them = _predictions(store, videos)
    findings.check(store.rollback(PROJECT) == base, f"rolled back from {version} to {base}")
    after = _predictions(store, videos)
    findings.check(
        before == after, f"the predictions of {len(videos)} videos are the same to the byte after rolling back"
    )
    findings.check(before != between_them, f"and were others under {version}")


def _predictions(store: VersionStore, videos: Sequence[Path]) -> str:
    """What a worker would send to Label Studio under the current version."""
    weights = store.path(store.current(PROJECT))
    predictor = SoundingObjects(template(["bell"]), weights=weights, fetch=Path)
    tasks = [{"id": number, "data": {"video": str(path)}} for number, path in enumerate(videos)]
    rows = predictor.predict(tasks)
    assert not [row for row in rows if "error" in row], rows
    return json.dumps(rows, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
