"""Learning: both networks of a new version, from a current one and a team's own unlabelled clips, few or many."""

import copy
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch

from model import checkpoints
from model.calibration import pair_scores
from model.checkpoints import Models
from model.networks import Network
from model.pairs import PairSource
from model.training import Progress, train
from model.training.processes import Processes
from model.training.recipe import TrainingConfig
from model.training.snapshot import SnapshotError
from training_jobs import holding_out
from training_jobs import rehearsal as rehearsing

log = logging.getLogger(__name__)

N = TypeVar("N", bound=Network)

# A current version is close to where it should be: a third of the rate that trains from nothing keeps it there.
LEARNING_RATE = 3e-4
# The fewer the clips, the sooner a network knows them by heart: with 4 times as many, twice as many steps.
STEPS_A_ROOT = 20
VALIDATION_SHARE = 0.1  # of the clips, to stop early and to calibrate by: with few, neither hangs on them
FEWEST_LEARNT = 4  # clips, apart from those held out: each is told from the sounds of the others
TRUSTED_CLIPS = 50  # clips that a new calibration must be made on to count as much as the parent's
CARRIED_PAIRS = 300  # corresponding pairs by which the calibration is carried over
# How far from the parent's weights towards the learnt ones a version may lie, tried in this order at the gate. What a
# few clips teach holds for them more than for others; weights in between keep more of what the parent knows (Wortsman
# et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
SHARES = (1.0, 0.5, 0.25, 0.125)
AVOL_SHARE = 0.6  # of the time: it draws the boxes
# Clips in all under which a training is refused: what it learns from, what it calibrates on, what the gate holds out.
FEWEST = holding_out.LEAST + FEWEST_LEARNT + 2


def recipe(clips: int, *, minutes: float = 3.0, steps: int | None = None) -> TrainingConfig:
    """How to go on learning from so many clips, held-out ones included.

    Args:
        clips: how many.
        minutes: wall-clock budget; with few clips less is enough.
        steps: exactly so many instead.
    """
    held_out = max(2, round(clips * VALIDATION_SHARE))
    return TrainingConfig(
        minutes=minutes,
        steps=steps,
        most_steps=round(STEPS_A_ROOT * math.sqrt(max(1, clips - held_out))),
        learning_rate=LEARNING_RATE,
        validation_share=VALIDATION_SHARE,
        fewest=FEWEST_LEARNT,
        # Half a standard error of the area at .5 (Hanley & McNeil, 1982).
        tolerance=round(0.5 * math.sqrt((2 * held_out + 1) / 12) / held_out, 4),
    )


def learn(
    models: Models,
    source: PairSource,
    workdir: Path,
    *,
    minutes: float = 3.0,
    steps: int | None = None,
    rehearsal: PairSource | None = None,
    snapshots: Path | None = None,
    device: str = "cpu",
    on_progress: Callable[[str, Progress], None] = lambda _network, _progress: None,
) -> dict[str, Any]:
    """Train AVOL-Net and AVE-Net on clips from the weights of `models`, and write them as a version.

    Args:
        models: the version to start from.
        source: the clips to learn from, none of them held out for the gate.
        workdir: folder that gets both weight files and a card.
        minutes: wall-clock budget for both, of which few clips need little, see `recipe`.
        steps: of each network, instead of a budget.
        rehearsal: generated clips to go on with, see `training_jobs.rehearsal`; a network that does not know them
            learns from `source` alone.
        snapshots: folder to keep the state of the training in, and to go on from where it holds one.
        device: where the networks are trained.
        on_progress: called about once a second with "avol" or "ave" and where it stands.

    Returns:
        The version's card: name, parent, clips by hash and the report of each training.

    Raises:
        TrainingError: too few clips, or the loss became infinite.
    """
    for folder in (workdir, snapshots):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    reports: dict[str, Any] = {}
    for kind, start, share in (("avol", models.avol, AVOL_SHARE), ("ave", models.ave, 1 - AVOL_SHARE)):
        known = rehearsal if rehearsal is not None and rehearsing.knows(start, rehearsal) else None

        def report(progress: Progress, kind: str = kind) -> None:
            on_progress(kind, progress)

        network, reports[kind] = _train(
            kind,
            source,
            recipe(len(source), minutes=minutes * share, steps=steps),
            start=start,
            rehearsal=known,
            processes=Processes(device=device),
            snapshot=None if snapshots is None else snapshots / f"{kind}.snapshot",
            on_progress=report,
        )
        reports[kind]["rehearsed"] = 0 if known is None else len(known)
        carry_calibration(network, start, source, reports[kind]["held_out"])
        checkpoints.save(workdir / f"{kind}.safetensors", network, reports[kind])
    return {
        "version": checkpoints.version_of(workdir),
        "parent": models.version,
        "created": time.time(),
        "clips": sorted(source.keys),
        "training": reports,
    }


def _train(
    kind: str, source: PairSource, config: TrainingConfig, *, snapshot: Path | None, **options: Any
) -> tuple[Network, dict[str, Any]]:
    """Train from a snapshot where there is one; one that is damaged, or of other clips, is passed over."""
    if snapshot is not None and snapshot.exists():
        try:
            return train(kind, source, config, snapshot=snapshot, resume=True, **options)
        except SnapshotError as error:
            log.warning("%s is trained from the start: %s", kind, error)
    return train(kind, source, config, snapshot=snapshot, **options)


def carry_calibration(network: Network, parent: Network, source: PairSource, calibrated_on: int) -> None:
    """Pull a network's calibration towards its parent's, the more the fewer clips it was made on; in place.

    Training ends in a calibration on the clips it held out. A handful of them puts the threshold anywhere, while the
    parent's was made on many: over the same pairs, the logits get the mean and the spread of the parent's.

    Args:
        network: just trained from `parent`.
        parent: the version before, of the same kind.
        source: the clips learnt from; labels are not needed, so all of them serve.
        calibrated_on: number of clips in the network's own calibration.
    """
    rounds = max(1, CARRIED_PAIRS // len(source))
    new, old = (torch.cat(pair_scores(net, source, source.keys, rounds=rounds)).double() for net in (network, parent))
    trust = 1 - calibrated_on / (calibrated_on + TRUSTED_CLIPS)
    factor = float(old.std() / new.std().clamp(min=1e-6)) ** trust
    offset = trust * float(old.mean() - new.mean()) + (1 - factor) * float(new.mean())
    network.recalibrate(factor, offset)


def towards(parent: N, learnt: N, share: float) -> N:
    """A network between two of the same kind: `share` of the way from the parent's weights to the learnt ones."""
    between = copy.deepcopy(parent)
    with torch.no_grad():
        for value, goal in zip(between.state_dict().values(), learnt.state_dict().values(), strict=True):
            if value.dtype.is_floating_point:
                value.lerp_(goal, share)
    return between


def between(parent: Models, learnt: Models, share: float) -> Models:
    """A version between two: `share` of the way from the parent's weights to the learnt ones, of both networks."""
    return Models(towards(parent.avol, learnt.avol, share), towards(parent.ave, learnt.ave, share), "", learnt.card)


def steps_left(kind: str, progress: Progress, minutes: float) -> tuple[float, float]:
    """Share of both trainings that is done, 0..1, and the seconds left of both, estimated."""
    share = AVOL_SHARE if kind == "avol" else 1 - AVOL_SHARE
    before = 0.0 if kind == "avol" else AVOL_SHARE
    done = progress.step / progress.steps if progress.steps else 0.0
    after = minutes * 60 * (1 - AVOL_SHARE) if kind == "avol" else 0.0
    if progress.step < progress.steps:  # AVE-Net takes as many steps, where there is time for them
        after = min(after, progress.seconds_left * progress.steps / (progress.steps - progress.step))
    return before + share * done, progress.seconds_left + after


def too_few(videos: int) -> str | None:
    """Why so many usable videos cannot be trained on, and what would help; None where they can."""
    if videos >= FEWEST:
        return None
    return (
        f"{videos} usable unlabelled videos are too few to learn from: "
        f"import at least {FEWEST - videos} more, {FEWEST} in all, and press Start Training."
    )
