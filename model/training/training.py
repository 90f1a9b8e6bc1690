"""Train a network on unlabelled clips by audio-visual correspondence."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import torch

from model import calibration
from model.networks import Network, NetworkConfig
from model.pairs import PairSource
from model.training.beginning import begin
from model.training.held_out import demand_enough, split
from model.training.processes import Processes
from model.training.recipe import TrainingConfig
from model.training.run import Progress, Run
from model.training.snapshot import OtherTrainingError, Snapshot, about
from model.training.steps import Stepper
from model.training.verdict import verdict


def train(
    kind: str,
    source: PairSource,
    config: TrainingConfig = TrainingConfig(),
    *,
    network_config: NetworkConfig = NetworkConfig(),
    start: Network | None = None,
    rehearsal: PairSource | None = None,
    processes: Processes = Processes(),
    snapshot: Path | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    on_measured: Callable[[dict[str, float]], None] = lambda _measured: None,
) -> tuple[Network, dict]:
    """Train a network on clips that nobody labelled.

    Some videos are held out; on them training is measured, stopped once it no longer gains, and calibrated. The
    weights returned are the running average at its best measurement, see `TrainingConfig.tolerance`. Where the
    device's memory does not suffice for a batch, it is halved.

    Args:
        kind: a name of `NETWORKS`.
        source: the clips; those held out are chosen by the hash of their keys.
        config: how.
        network_config: the size, when training from nothing.
        start: begin from a copy of this network. Of another kind, its trunks are taken over, and AVOL-Net takes
            AVE-Net's layers as 1x1 convolutions.
        rehearsal: clips of what `start` knows, for it not to be forgotten; a share of each batch is drawn from them.
            For the contrastive objective.
        processes: those that share the work; each has its own pairs, their gradients are averaged.
        snapshot: file to keep the state of the training in, every SNAPSHOT_SECONDS.
        resume: go on from that file. On a CPU the weights become the same, to the bit, as without the interruption.
        on_progress: called about once a second, and after each measurement.
        on_measured: called with each measurement on held-out videos: step, pairs, seconds, loss, area, accuracy.

    Returns:
        The network in evaluation mode, calibrated, and a report of plain values for its card. Its "learnt" tells
        whether the held-out videos confirm that anything was learnt, and "verdict" says it in one sentence.

    Raises:
        TrainingError: too few videos, an unknown kind, too little memory for any batch, or the loss became infinite.
        model.training.snapshot.SnapshotError: `snapshot` cannot be gone on from.
    """
    demand_enough(len(source), config, processes.count)
    learn, held_out = split(source.keys, config.validation_share)
    torch.manual_seed(config.seed)
    network = begin(kind, start, network_config).to(processes.device).train()
    settings = _settings(kind, config, network.config, start, processes) | {
        "videos": sorted(source.keys),
        "rehearsal": "" if rehearsal is None else _digest(rehearsal.keys),
    }
    state = Snapshot.load(snapshot, settings) if resume and snapshot is not None else Snapshot(settings)
    source.keep(learn)
    if rehearsal is not None:
        rehearsal.keep(rehearsal.keys)
    stepper = Stepper(network, source, config, processes, rehearsal)
    if state.step:
        stepper.restore(state)
    run = Run(stepper, learn, held_out, state, snapshot, on_progress, on_measured)
    run.all_steps()
    network = stepper.averaged()
    if state.best:
        network.load_state_dict(state.best)
    aligned = calibration.calibrate(network, *calibration.pair_scores(network, source, held_out, rounds=16))
    positives, negatives = calibration.pair_scores(network, source, held_out, rounds=16, seed=1)
    learnt, told = verdict(positives, negatives, len(held_out), len(learn), aligned)
    report = {
        "network": kind,
        "videos": len(learn),
        "held_out": len(held_out),
        "steps": state.step,
        "pairs": state.pairs,
        "seconds": round(state.seconds, 1),
        "device": processes.device,
        "threads": torch.get_num_threads(),
        "stopped": run.stopped,
        "loss": round(state.loss, 4),
        "area": round(calibration.area(positives, negatives), 4),
        "accuracy": round(calibration.accuracy(positives, negatives), 4),
        "learnt": learnt,
        "verdict": told,
        "curve": state.curve,
        "config": network.config.to_dict(),
        "training": config.to_dict(),
    }
    return network.to("cpu"), report


def demand_resumable(
    snapshot: Path,
    videos: Collection[str],
    kind: str,
    config: TrainingConfig,
    *,
    network_config: NetworkConfig,
    start: Network | None,
    processes: Processes,
) -> None:
    """Refuse a snapshot that `train` would refuse, before the videos are decoded; other arguments as for `train`.

    Args:
        snapshot: to go on from.
        videos: keys of all there are; those that cannot be decoded are not known yet.

    Raises:
        model.training.snapshot.SnapshotError: `snapshot` cannot be gone on from.
        TrainingError: as by `begin`.
    """
    network = begin(kind, start, network_config)
    kept = Snapshot.load(snapshot, _settings(kind, config, network.config, start, processes)).about.get("videos", ())
    if not set(kept) <= set(videos):
        raise OtherTrainingError(snapshot, {"videos": (kept, sorted(videos))})


def _settings(
    kind: str, config: TrainingConfig, network: NetworkConfig, start: Network | None, processes: Processes
) -> dict[str, Any]:
    """What must be the same for a training to be gone on with, but for the clips."""
    return about(
        kind=kind,
        config=config,
        network=network,
        processes=processes.count,
        start="" if start is None else _fingerprint(start),
    )


def _fingerprint(network: Network) -> str:
    """The same for the same weights."""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:12]
