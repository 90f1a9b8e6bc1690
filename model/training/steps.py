"""One step of a training: pairs, augmentation, loss, gradient, running average of the weights."""

import copy
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from model.networks import AVOLNet, Network
from model.objectives import contrastive, correspondence, soft_maximum
from model.pairs import PairSource, augment_images, augment_sounds, mix_sounds
from model.training import schedule
from model.training.processes import Processes
from model.training.recipe import TrainingConfig
from model.training.snapshot import Snapshot

GRADIENT_NORM = 5.0  # longer gradients are shortened to this


@dataclass(frozen=True)
class Batch:
    """Pairs for one step.

    Attributes:
        step: its number, from 0.
        frames: (B, size, size, 3) uint8.
        waves: (B, 48000) float32.
        together: (B,) whether picture and sound belong together.
        worlds: (B,) 0 where the pair is learnt from, 1 where it is rehearsed; None where none is.
    """

    step: int
    frames: Tensor
    waves: Tensor
    together: Tensor
    worlds: Tensor | None = None


class Stepper:
    """A network being trained: its optimiser and its running average.

    All that is random in a step is drawn from the seed, the step's number and the process's rank, so that a step is
    the same whenever it is made.
    """

    def __init__(
        self,
        network: Network,
        source: PairSource,
        config: TrainingConfig,
        processes: Processes,
        rehearsal: PairSource | None = None,
    ) -> None:
        self.network = network.to(memory_format=network.layout)  # type: ignore[call-overload]
        self.source, self.config, self.processes, self.rehearsal = source, config, processes, rehearsal
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._average = copy.deepcopy(network).eval()
        self._scores: nn.Module = _Scores(network, config)
        if processes.count > 1:
            self._scores = DistributedDataParallel(self._scores)
        on_cpu = processes.device == "cpu"
        self._bf16 = torch.cpu._is_avx512_bf16_supported() if on_cpu else torch.cuda.is_bf16_supported()

    def sizes(self, batch: int, videos: int) -> tuple[int, int]:
        """Of a batch of at most so many pairs: how many are of the videos, each of another, and how many rehearsed."""
        rehearsed = 0 if self.rehearsal is None else min(round(batch * self.config.rehearsal), len(self.rehearsal))
        return min(batch - rehearsed, videos // self.processes.count), rehearsed

    def draw(self, step: int, keys: Sequence[str], batch: int) -> Batch:
        """The pairs of a step, each from another clip: in a pass over the clips each is drawn about once.

        Args:
            step: its number, from 0.
            keys: the clips to learn from.
            batch: pairs at most, see `sizes`.
        """
        config, count = self.config, self.processes.count
        size, rehearsed = self.sizes(batch, len(keys))
        a_pass = max(1, len(keys) // (size * count))
        order = np.random.default_rng([config.seed, step // a_pass]).permutation(len(keys))
        first = (step % a_pass * count + self.processes.rank) * size
        chosen = [keys[index] for index in order[first : first + size]]
        rng = np.random.default_rng([config.seed, step, self.processes.rank, 1])
        if config.objective == "contrastive":
            frames, waves = self.source.draw(chosen, rng, misalignment=config.misalignment)
            if self.rehearsal is None:
                return Batch(step, frames, waves, torch.ones(size, dtype=torch.bool))
            order = rng.permutation(len(self.rehearsal))[:rehearsed]
            others = self.rehearsal.draw(
                [self.rehearsal.keys[index] for index in order], rng, misalignment=config.misalignment
            )
            return Batch(
                step,
                torch.cat([frames, others[0]]),
                torch.cat([waves, others[1]]),
                torch.ones(size + rehearsed, dtype=torch.bool),
                (torch.arange(size + rehearsed) >= size).long(),
            )
        half = size // 2
        frames, waves = self.source.draw(chosen[:half], rng, misalignment=config.misalignment)
        heard = chosen[half + 1 :] + chosen[half : half + 1]
        negative = self.source.draw(
            chosen[half:], rng, misalignment=config.misalignment, others=heard, naive=config.naive
        )
        return Batch(
            step,
            torch.cat([frames, negative[0]]),
            torch.cat([waves, negative[1]]),
            torch.arange(size) < half,
        )

    def step(self, batch: Batch, planned: int, videos: int) -> float:
        """Learn from a batch; the loss.

        Args:
            batch: from `draw`.
            planned: steps of the whole training, 0 while unknown: what the schedules go by.
            videos: how many are learnt from, what the paper's schedule goes by.
        """
        config, device = self.config, self.processes.device
        if config.schedule == "paper":
            rate = schedule.paper(batch.step, max(1.0, videos / (len(batch.frames) * self.processes.count)))
        else:
            rate = schedule.cosine(batch.step, planned)
        for group in self._optimiser.param_groups:
            group["lr"] = config.learning_rate * rate
        rng = torch.Generator().manual_seed(_seed(config.seed, batch.step, self.processes.rank))
        images = augment_images(batch.frames.to(device), self.network.config.image_size, rng)
        waves = augment_sounds(batch.waves.to(device), rng)
        worlds = None if batch.worlds is None else batch.worlds.to(device)
        heard = None
        if config.objective == "contrastive" and isinstance(self.network, AVOLNet):
            waves, heard = mix_sounds(waves, config.mixed, rng, worlds=worlds)
        sounds = self.network.spectrogram(waves)
        progress = batch.step / planned if planned else 0.0
        with torch.autocast(device.partition(":")[0], torch.bfloat16) if self._bf16 else nullcontext():
            scores = self._scores(images.contiguous(memory_format=self.network.layout), sounds, progress)
        if config.objective == "contrastive":
            loss = contrastive(scores, worlds, heard)
        else:
            loss = correspondence(scores, batch.together.to(device))
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
        self._optimiser.step()
        self._follow(batch.step)
        return loss.item()

    def clear(self) -> None:
        """Give back the memory of a step that was not finished."""
        self._optimiser.zero_grad(set_to_none=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def averaged(self) -> Network:
        """The running average of the weights, in evaluation mode: a copy."""
        return copy.deepcopy(self._average).to(memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]

    def store(self, state: Snapshot) -> None:
        """Put weights and optimiser into a snapshot."""
        state.network = self.network.state_dict()
        state.average = self._average.state_dict()
        state.optimiser = self._optimiser.state_dict()

    def restore(self, state: Snapshot) -> None:
        """Take weights and optimiser from a snapshot."""
        self.network.load_state_dict(state.network)
        self._average.load_state_dict(state.average)
        self._optimiser.load_state_dict(state.optimiser)

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        # Early on the average must not remember the untrained weights.
        decay = min(self.config.average, (2 + step) / (11 + step))
        for mean, value in zip(self._average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


class _Scores(nn.Module):
    """The logits an objective compares: of every pair of a batch, (B, B), or of its own pairs, (B,)."""

    def __init__(self, network: Network, config: TrainingConfig) -> None:
        super().__init__()
        self.network, self.config = network, config

    def forward(self, images: Tensor, sounds: Tensor, progress: float) -> Tensor:
        network, every = self.network, self.config.objective == "contrastive"
        vision, sound = network.vision(images).float(), network.sound(sounds).float()
        with torch.autocast(images.device.type, enabled=False):
            if isinstance(network, AVOLNet) and self.config.sharpness is not None:
                first, last = self.config.sharpness
                maps = network.pair_maps(vision, sound) if every else network.maps(vision, sound)
                return soft_maximum(maps, first * (last / first) ** progress)
            return network.pair_logits(vision, sound) if every else network.logits(vision, sound)


def _seed(*parts: int) -> int:
    """One number for a torch generator from several."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
