"""Train AVE-Net or AVOL-Net on unlabelled clips by audio-visual correspondence."""

import copy
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from model import calibration
from model.networks import NETWORKS, AVOLNet, Network, NetworkConfig
from model.objectives import contrastive, soft_maximum
from model.pairs import PairSource, augment_images, augment_sounds
from model.spectrogram import log_spectrogram

# Fewer videos than this hold too few different pairs to tell correspondence from chance.
FEWEST_VIDEOS = 8


class TrainingError(ValueError):
    """Training that cannot be started or gave no usable network, in one sentence."""


@dataclass(frozen=True)
class TrainingConfig:
    """How to train.

    Attributes:
        minutes: wall-clock budget; the number of steps is set from the speed of the first ones.
        steps: train exactly this many steps instead.
        batch: pairs a step, each from another video; every other pairing in it is a negative.
        learning_rate: of Adam, after a warm-up; falls to 0 along a cosine.
        weight_decay: of Adam.
        misalignment: seconds by which the sound may be off its frame either way.
        sharpness: of the pooling over positions, at the start and at the end; see `soft_maximum`.
        average: decay of the running average of the weights, which is what training returns.
        validation_share: share of the videos held out to calibrate on, at most 200 of them.
        seed: of the weights, pairs and augmentations.
    """

    minutes: float = 15.0
    steps: int | None = None
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    misalignment: float = 0.2
    sharpness: tuple[float, float] = (1.0, 4.0)
    average: float = 0.998
    validation_share: float = 0.1
    seed: int = 0


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
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> tuple[Network, dict]:
    """Train a network on clips that nobody labelled.

    Args:
        kind: "avol" or "ave".
        source: the clips; those held out for calibration are chosen by the hash of their keys.
        config: how.
        network_config: the size, when training from nothing.
        start: begin from a copy of this network. Of another kind, only its trunks are taken over.
        on_progress: called about once a second, and after each measurement.

    Returns:
        The network in evaluation mode, calibrated, and a report of plain values for its card.

    Raises:
        TrainingError: too few videos, or the loss became infinite.
    """
    learn, held_out = split(source.keys, config.validation_share)
    if len(learn) < FEWEST_VIDEOS:
        raise TrainingError(
            f"too few videos to learn from ({len(source)}): at least {FEWEST_VIDEOS + 2} are needed, and several "
            "hundred for a network trained from nothing."
        )
    torch.manual_seed(config.seed)
    network = _begin(kind, start, network_config).train()
    trainer = _Trainer(network, source, learn, config)
    started = time.monotonic()
    done, planned, loss_mean, accuracy, reported = 0, config.steps or 0, 0.0, None, 0.0
    measure_at = 1.0
    while not planned or done < planned:
        loss = trainer.step(done / planned if planned else 0.0)
        if not math.isfinite(loss):
            raise TrainingError(f"the loss became {loss} at step {done}; a lower learning rate may help.")
        done += 1
        loss_mean = loss if done == 1 else 0.98 * loss_mean + 0.02 * loss
        elapsed = time.monotonic() - started
        if not planned and (done >= 30 or elapsed > config.minutes * 6):
            planned = max(done + 1, round(done * config.minutes * 60 / elapsed))
        # The machine may be busier later than in the first steps: the budget is wall-clock time all the same.
        if not config.steps and planned and elapsed > config.minutes * 66:
            planned = done
        due = planned and done >= planned * measure_at / 8
        if due or elapsed - reported > 1:
            reported = elapsed
            if due and len(held_out) > 1:
                measure_at += 1
                accuracy = _calibrated_accuracy(trainer.averaged(), source, held_out)
            left = (planned - done) * elapsed / done if planned else config.minutes * 60 - elapsed
            on_progress(Progress(done, planned, loss_mean, accuracy, left))
    network = trainer.averaged()
    positives, negatives = calibration.pair_scores(network, source, held_out if len(held_out) > 1 else learn, rounds=16)
    calibration.calibrate(network, positives, negatives)
    report = {
        "network": kind,
        "videos": len(learn),
        "held_out": len(held_out),
        "steps": done,
        "pairs": done * trainer.batch,
        "seconds": round(time.monotonic() - started, 1),
        "loss": round(loss_mean, 4),
        "accuracy": _calibrated_accuracy(network, source, held_out) if len(held_out) > 1 else None,
        "training": asdict(config),
        "config": network.config.to_dict(),
    }
    return network, report


def split(keys: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Split clips into those to learn from and those held out, by a hash of the key: stable as clips are added."""
    count = min(200, round(len(keys) * share))
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    return ranked[count:], ranked[:count]


def _begin(kind: str, start: Network | None, config: NetworkConfig) -> Network:
    if kind not in NETWORKS:
        raise TrainingError(f"there is no network {kind!r}; choose one of {', '.join(NETWORKS)}.")
    if start is not None and isinstance(start, NETWORKS[kind]):
        return copy.deepcopy(start)
    network = NETWORKS[kind](start.config if start is not None else config)
    if start is not None:
        network.image_trunk.load_state_dict(start.image_trunk.state_dict())
        network.sound_trunk.load_state_dict(start.sound_trunk.state_dict())
    return network


class _Trainer:
    """One network, its optimiser and its running average."""

    def __init__(self, network: Network, source: PairSource, keys: list[str], config: TrainingConfig) -> None:
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.source, self.keys, self.config = source, keys, config
        self.batch = min(config.batch, len(keys))
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._average = copy.deepcopy(network).eval()
        self._steps = 0
        self._rng = np.random.default_rng(config.seed)
        self._torch_rng = torch.Generator().manual_seed(config.seed)
        self._batches = self._shuffled()
        self._bf16 = bool(torch.cpu._is_avx512_bf16_supported())

    def step(self, progress: float) -> float:
        """One optimiser step; `progress` in 0..1 places it on the schedules. Returns the loss."""
        config = self.config
        warm = min(1.0, (self._steps + 1) / 100)
        for group in self._optimiser.param_groups:
            group["lr"] = config.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * progress))
        first, last = config.sharpness
        frames, waves = self.source.draw(next(self._batches), self._rng, misalignment=config.misalignment)
        images = augment_images(frames, self.network.config.image_size, self._torch_rng)
        sounds = log_spectrogram(augment_sounds(waves, self._torch_rng))
        sharpness = first * (last / first) ** progress
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            scores = self._scores(images.contiguous(memory_format=torch.channels_last), sounds, sharpness)
        loss = contrastive(scores.float())
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self._optimiser.step()
        self._steps += 1
        self._follow()
        return loss.item()

    def averaged(self) -> Network:
        """The running average of the weights, in evaluation mode: a copy."""
        return copy.deepcopy(self._average).to(memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]

    def _scores(self, images: Tensor, sounds: Tensor, sharpness: float) -> Tensor:
        network = self.network
        if isinstance(network, AVOLNet):
            vision, sound = network.vision(images).float(), network.sound(sounds).float()
            with torch.autocast("cpu", enabled=False):
                return soft_maximum(network.pair_maps(vision, sound), sharpness)
        image, sound = network.vision(images).float(), network.sound(sounds).float()
        with torch.autocast("cpu", enabled=False):
            return network.pair_logits(image, sound)

    @torch.no_grad()
    def _follow(self) -> None:
        # Early on the average must not remember the untrained weights.
        decay = min(self.config.average, (1 + self._steps) / (10 + self._steps))
        for mean, value in zip(self._average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def _shuffled(self) -> Iterator[list[str]]:
        while True:
            order = self._rng.permutation(len(self.keys))
            for start in range(0, len(order) - self.batch + 1, self.batch):
                yield [self.keys[i] for i in order[start : start + self.batch]]


def _calibrated_accuracy(network: Network, source: PairSource, keys: Sequence[str]) -> float:
    """Accuracy on `keys` after calibrating a copy on the same pairs: what the figure can be at best."""
    network = copy.deepcopy(network)
    calibration.calibrate(network, *calibration.pair_scores(network, source, keys, rounds=8))
    return round(calibration.accuracy(*calibration.pair_scores(network, source, keys, rounds=8)), 4)
