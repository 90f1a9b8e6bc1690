"""A run: the steps of one training, from where its snapshot stands to its end."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import torch

from model import calibration
from model.training.errors import TrainingError
from model.training.held_out import least_batch
from model.training.snapshot import Snapshot
from model.training.steps import Batch, Stepper

log = logging.getLogger(__name__)

LEAST_STEPS = 900  # planned however few the videos: stopping early is up to the held-out ones
TIMED_STEPS = 30  # the fewest whose speed sets the number of steps
PLANNED, LATEST = 0.85, 0.97  # of the time: where a plan ends, and where one ends at the latest that others slowed
MEASUREMENTS = 20  # over a training
SNAPSHOT_SECONDS = 20.0  # between two snapshots: what a killed training loses at most


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


class Run:
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
        if half < least_batch(self.config):
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
        every = max(1, state.planned // MEASUREMENTS)
        due = bool(state.planned) and (state.step % every == 0 or state.step == state.planned)
        if due:
            self._measure()
        if self.config.steps is None and (due or not state.planned) and state.step != state.planned:
            self._plan()
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
        """Set the number of steps from the speed of the last ones, so that the schedules end within the time.

        Without this, a machine that was busy for the first minute would end a training at a fraction of its time, and
        one that became busy would cut it off at a high learning rate.
        """
        state, config = self.state, self.config
        if self._timed is None:  # the first step also reads what is not in memory
            self._timed = (state.step, time.monotonic())
            return
        first, then = self._timed
        now = time.monotonic()
        enough = state.step - first >= TIMED_STEPS or (not state.planned and state.seconds > config.minutes * 6)
        affordable, most = (
            state.step + round((config.minutes * 60 * share - state.seconds) * (state.step - first) / (now - then))
            for share in (PLANNED, LATEST)
        )
        own, _ = self.stepper.sizes(self.batch, len(self.learn))
        a_pass = len(self.learn) / (own * self.processes.count)
        useful = config.most_steps or max(LEAST_STEPS, round(config.passes * a_pass))
        planned = max(state.step + 1, min(max(state.planned, affordable), most, useful))
        if agreed := self.processes.agree(planned if enough else 0):
            state.planned, self._timed = agreed, (state.step, now)

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
