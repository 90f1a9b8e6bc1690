"""Train a network on unlabelled clips by audio-visual correspondence."""

import copy
import hashlib
import logging
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch

from model import calibration
from model.networks import NETWORKS, AVENet, AVOLNet, Network, NetworkConfig
from model.pairs import PairSource
from model.training.processes import Processes
from model.training.recipe import FEWEST_VIDEOS as FEWEST_VIDEOS
from model.training.recipe import TrainingConfig
from model.training.snapshot import OtherTrainingError, Snapshot, about
from model.training.steps import Batch, Stepper

log = logging.getLogger(__name__)

LEAST_STEPS = 900  # planned however few the videos: stopping early is up to the held-out ones
TIMED_STEPS = 30  # whose speed sets the number of steps
MEASUREMENTS = 20  # over a training
SNAPSHOT_SECONDS = 20.0  # between two snapshots: what a killed training loses at most


class TrainingError(ValueError):
    """Training that cannot be started or gave no usable network, in one sentence."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    Attributes:
        step: steps done.
        steps: steps planned; 0 while the speed is being measured.
        loss: running mean.
        accuracy: correspondence accuracy on the held-out videos when last measured, None before.
        seconds_left: estimate.
    """

    step: int
    steps: int
    loss: float
    accuracy: float | None
    seconds_left: float


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
    run = _Run(stepper, learn, held_out, state, snapshot, on_progress, on_measured)
    run.all_steps()
    network = stepper.averaged()
    if state.best:
        network.load_state_dict(state.best)
    aligned = calibration.calibrate(network, *calibration.pair_scores(network, source, held_out, rounds=16))
    positives, negatives = calibration.pair_scores(network, source, held_out, rounds=16, seed=1)
    learnt, verdict = _verdict(positives, negatives, len(held_out), len(learn), aligned)
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
        "verdict": verdict,
        "curve": state.curve,
        "config": network.config.to_dict(),
        "training": config.to_dict(),
    }
    return network.to("cpu"), report


def demand_enough(videos: int, config: TrainingConfig, processes: int = 1) -> None:
    """Refuse what is too little to learn from, whatever is in it.

    Args:
        videos: how many there are.
        config: how they are to be trained on.
        processes: that share the work.

    Raises:
        TrainingError: they are too few.
    """
    learn = videos - _held_out(videos, config.validation_share)
    if learn < config.fewest:
        raise TrainingError(
            f"too few videos to learn from ({videos}): at least {config.fewest + 2} are needed, and several hundred "
            "for a network trained from nothing."
        )
    least = _least(config)
    if min(config.batch, learn // processes) < least:
        raise TrainingError(
            f"a step needs {least} pairs a process, each of another video, and there are {learn} videos, {processes} "
            f"process(es) and a batch of {config.batch}: give a larger batch, or more videos."
        )


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


def _least(config: TrainingConfig) -> int:
    """Pairs a step at least: of "avc" half are apart, and need another video's sound."""
    return 4 if config.objective == "avc" else 2


def split(keys: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Split clips into those to learn from and those held out, by a hash of the key: stable as clips are added."""
    count = _held_out(len(keys), share)
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    return ranked[count:], ranked[:count]


def _held_out(videos: int, share: float) -> int:
    return min(200, max(2, round(videos * share)))  # a single one would have no other sound to be told from


def begin(kind: str, start: Network | None, config: NetworkConfig) -> Network:
    """The network a training begins from; arguments as for `train`.

    Raises:
        TrainingError: there is no such kind, or nothing of the given network fits it.
    """
    trainable = [name for name, network in NETWORKS.items() if network.compares]
    if kind not in trainable:
        raise TrainingError(f"there is no network {kind!r} to train; choose one of {', '.join(trainable)}.")
    if start is None:
        return NETWORKS[kind](config)
    if start.kind == kind:
        if kind == AVOLNet.kind and config.head not in (start.config.head, NetworkConfig().head):
            raise TrainingError(f"the head {config.head} cannot begin from AVOL-Net with the head {start.config.head}.")
        return copy.deepcopy(start)
    if kind == AVOLNet.kind and isinstance(start, AVENet):
        return AVOLNet.from_ave(start, head=config.head)
    try:
        return NETWORKS[kind].from_trunks(start)
    except (KeyError, RuntimeError):  # its trunk has other layers, or layers of other sizes
        raise TrainingError(
            f"{kind} cannot begin from a network of kind {start.kind} with the {start.config.trunk} trunk: their "
            "trunks differ; begin from avol, ave or l3 weights, or from nothing."
        ) from None


class _Run:
    """The steps of one training: how many, when to measure, when to stop."""

    def __init__(
        self,
        stepper: Stepper,
        learn: list[str],
        held_out: list[str],
        state: Snapshot,
        snapshot: Path | None,
        on_progress: Callable[[Progress], None],
        on_measured: Callable[[dict[str, float]], None],
    ) -> None:
        self.stepper, self.learn, self.held_out, self.state = stepper, learn, held_out, state
        self.config, self.processes = stepper.config, stepper.processes
        self.batch = state.batch or (
            min(self.config.batch, len(learn) // self.processes.count)
            if stepper.rehearsal is None
            else self.config.batch  # the clips may be few, those to rehearse are not
        )
        self.stopped = "steps"
        self._snapshot, self._on_progress, self._on_measured = snapshot, on_progress, on_measured
        self._began = time.monotonic() - state.seconds
        self._timed: tuple[int, float] | None = None
        self._reported = self._saved = 0.0
        if not state.planned:
            state.planned = self.config.steps or 0

    def all_steps(self) -> None:
        """Train until the steps planned are done, the time is up, or the held-out videos gain no more."""
        if self._ends():  # gone on with after its last step
            return
        while True:
            try:
                self._steps()
                return
            except torch.OutOfMemoryError as error:
                self._halve(error)

    def _steps(self) -> None:
        for batch in self._batches():
            loss = self.stepper.step(batch, self.state.planned, len(self.learn))
            if not math.isfinite(loss):
                raise TrainingError(f"the loss became {loss} at step {batch.step}; a lower learning rate may help.")
            self._after(loss)
            if self._ends():
                self._save()
                return

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        """Go on with batches of half as many pairs."""
        half = self.batch // 2
        if self.processes.count > 1:  # the others have no way to know
            raise error
        if half < _least(self.config):
            raise TrainingError(
                f"the memory of {self.processes.device} does not suffice for a batch of {self.batch} pairs: free some "
                "of it, or train on the CPU."
            ) from error
        log.warning("out of memory at step %d: batches of %d pairs from here on", self.state.step, half)
        self.batch = self.state.batch = half
        self._timed = None
        self.stepper.clear()

    def _after(self, loss: float) -> None:
        state = self.state
        state.step += 1
        state.pairs += sum(self.stepper.sizes(self.batch, len(self.learn))) * self.processes.count
        state.loss = loss if state.step == 1 else 0.98 * state.loss + 0.02 * loss
        state.seconds = time.monotonic() - self._began
        if not state.planned:
            self._plan()
        every = max(1, state.planned // MEASUREMENTS)
        due = bool(state.planned) and (state.step % every == 0 or state.step == state.planned)
        if due:
            self._measure()
        if self.processes.rank:
            return
        if due or state.seconds - self._reported > 1:
            self._reported = state.seconds
            self._on_progress(self._progress())
        if due or state.seconds - self._saved > SNAPSHOT_SECONDS:
            self._save()

    def _save(self) -> None:
        if self._snapshot is not None and not self.processes.rank:
            self._saved = self.state.seconds
            self.stepper.store(self.state)
            self.state.save(self._snapshot)

    def _plan(self) -> None:
        """Set the number of steps from the speed of those since the first, which also reads what is not in memory."""
        state, config = self.state, self.config
        if self._timed is None:
            self._timed = (state.step, time.monotonic())
            return
        first, then = self._timed
        enough = state.step - first >= TIMED_STEPS or state.seconds > config.minutes * 6
        # Some of the time is for measuring, and some for a machine that becomes busier.
        left = config.minutes * 60 * 0.85 - state.seconds
        affordable = state.step + round(left * (state.step - first) / (time.monotonic() - then))
        own, _ = self.stepper.sizes(self.batch, len(self.learn))
        a_pass = len(self.learn) / (own * self.processes.count)
        useful = config.most_steps or max(LEAST_STEPS, round(config.passes * a_pass))
        state.planned = self.processes.agree(max(state.step + 1, min(affordable, useful)) if enough else 0)

    def _measure(self) -> None:
        network = self.stepper.averaged()
        positives, negatives = calibration.pair_scores(network, self.stepper.source, self.held_out, rounds=4)
        measured = {
            "step": self.state.step,
            "pairs": self.state.pairs,
            "seconds": round(time.monotonic() - self._began, 1),
            "loss": round(self.state.loss, 4),
            "area": round(calibration.area(positives, negatives), 4),
            "accuracy": _calibrated_accuracy(positives, negatives),
        }
        self.state.curve.append(measured)
        if self._good()[-1]:
            self.state.best = network.state_dict()
        if not self.processes.rank:
            self._on_measured(measured)

    def _ends(self) -> bool:
        state = self.state
        late = self.config.steps is None and state.seconds > self.config.minutes * 60
        good = self._good()
        idle = good[::-1].index(True) if good else 0
        reason = 0
        if 0 < state.planned <= state.step:
            reason = 1
        if late:
            reason = 2
        if self.config.steps is None and idle >= self.config.patience:
            reason = 3
        reason = self.processes.agree(reason)
        self.stopped = ("", "steps", "minutes", "held-out videos gained no more")[reason]
        return reason > 0

    def _good(self) -> list[bool]:
        """Of each measurement so far, whether it was better than all before, or no worse within the tolerance."""
        areas = [measured["area"] for measured in self.state.curve]
        margin = self.config.tolerance
        best = [-1.0, *accumulate(areas, max)]
        return [area >= past - margin if margin else area > past for area, past in zip(areas, best, strict=False)]

    def _progress(self) -> Progress:
        state, minutes = self.state, self.config.minutes
        left = (state.planned - state.step) * state.seconds / state.step if state.planned else minutes * 60
        accuracy = state.curve[-1]["accuracy"] if state.curve else None
        return Progress(state.step, state.planned, state.loss, accuracy, left)

    def _batches(self) -> Iterator[Batch]:
        """Batches from the next step on, each drawn while the one before is learnt from."""
        with ThreadPoolExecutor(1) as pool:
            step = self.state.step
            ahead = pool.submit(self._draw, step)
            while True:
                batch = ahead.result()
                step += 1
                ahead = pool.submit(self._draw, step)
                yield batch

    def _draw(self, step: int) -> Batch:
        return self.stepper.draw(step, self.learn, self.batch)


def _calibrated_accuracy(positives: torch.Tensor, negatives: torch.Tensor) -> float:
    """Accuracy once calibrated on the same pairs; .5 where that cannot be done."""
    slope, intercept = calibration.platt(positives, negatives) or (0.0, 0.0)
    if not slope:
        return 0.5
    return round(calibration.accuracy(positives * slope + intercept, negatives * slope + intercept), 4)


def _verdict(
    positives: torch.Tensor, negatives: torch.Tensor, judged: int, learnt_from: int, aligned: bool
) -> tuple[bool, str]:
    """Whether the held-out videos confirm that correspondence was learnt, and what would help where not."""
    area = calibration.area(positives, negatives)
    # Hanley & McNeil's standard error at an area of .5; pairs of one video count as one.
    error = math.sqrt((2 * judged + 1) / (12 * judged * judged))
    found = f"it tells a held-out video's own sound from another's in {area:.2f} of cases (.50 is chance)"
    if not aligned and area < 0.5 - 1.64 * error:
        return False, (
            f"The network came out the wrong way round: {found}. Do not use it; another --seed, or starting from other "
            "weights, may help."
        )
    if area > 0.5 + 1.64 * error:
        return True, f"Learnt: {found}, {judged} videos held out."
    return False, (
        f"Nothing was learnt that held-out videos confirm: {found}, and with {judged} of them chance alone reaches "
        f"{min(1.0, 0.5 + 1.64 * error):.2f}; {learnt_from} were learnt from. What helps, in this order: more "
        "different videos (several hundred), objects in view while they sound, --start from trained weights, more "
        "--minutes."
    )


def _fingerprint(network: Network) -> str:
    """The same for the same weights."""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:12]
