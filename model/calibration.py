"""How far a network tells corresponding pairs from others, and the scale on which it says so."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor

from model.networks import Network, to_input
from model.pairs import PairSource


@torch.inference_mode()
def pair_scores(
    network: Network, source: PairSource, keys: Sequence[str], *, rounds: int = 8, seed: int = 0, chunk: int = 64
) -> tuple[Tensor, Tensor]:
    """Correspondence logits of positive and negative pairs of these clips, half and half.

    Each round draws one aligned pair a clip; in every chunk of clips each picture also meets the sound of
    another clip. The same seed draws the same pairs, so two networks can be compared on them.

    Args:
        network: in evaluation mode.
        source: of the clips.
        keys: at least two clips.
        rounds: pairs a clip.
        seed: of the pairs.
        chunk: clips computed at once.

    Returns:
        Logits of positives and of negatives, each (rounds x clips,).
    """
    if len(keys) < 2:
        raise ValueError(f"negative pairs need at least two clips, got {len(keys)}")
    rng = np.random.default_rng(seed)
    positives, negatives = [], []
    for _ in range(rounds):
        order = [keys[i] for i in rng.permutation(len(keys))]
        # A last chunk of one clip would have no negative: it joins the one before.
        starts = list(range(0, len(order), chunk))
        if len(order) - starts[-1] < 2:
            starts.pop()
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            frames, waves = source.draw(order[start:end], rng, misalignment=0.0)
            images = to_input(frames.numpy(), network.config).to(network.device)
            sounds = network.spectrogram(waves.to(network.device))
            scores = network.pair_logits(network.vision(images), network.sound(sounds))
            shift = int(rng.integers(1, end - start))
            positives.append(scores.diagonal())
            # A diagonal that wraps round: each picture has exactly one negative.
            negatives += [scores.diagonal(shift), scores.diagonal(shift - (end - start))]
    return torch.cat(positives).float().cpu(), torch.cat(negatives).float().cpu()


def right(positives: Tensor, negatives: Tensor) -> Tensor:
    """Which pairs are told right at logit 0: (positives + negatives,) bool, the positives first."""
    return torch.cat([positives > 0, negatives <= 0])


def accuracy(positives: Tensor, negatives: Tensor) -> float:
    """Audio-visual correspondence accuracy at logit 0, both kinds counting equally; .5 is chance."""
    return float((positives > 0).float().mean() + (negatives <= 0).float().mean()) / 2


def area(positives: Tensor, negatives: Tensor) -> float:
    """Area under the ROC curve: how often a positive's logit lies above a negative's; .5 is chance, below it is
    the wrong way round."""
    ranks = rankdata(torch.cat([positives, negatives]).numpy())
    count = len(positives)
    return float((ranks[:count].sum() - count * (count + 1) / 2) / (count * max(1, len(negatives))))


def calibrate(network: Network, positives: Tensor, negatives: Tensor) -> bool:
    """Fit the network's last layer so that its logits are calibrated on these pairs, in place.

    Returns:
        Whether it could be done. A network whose logits run the wrong way round is left as it is.
    """
    fitted = platt(positives, negatives)
    if fitted is None:
        return False
    network.recalibrate(*fitted)
    return True


def platt(positives: Tensor, negatives: Tensor) -> tuple[float, float] | None:
    """Slope and intercept that make logits those of "corresponds": logistic regression on the logit (Platt, 1999).

    Returns:
        None where the slope would not be positive: the logits run the wrong way round.
    """
    logits = torch.cat([positives, negatives]).double()
    target = torch.cat([torch.ones_like(positives), torch.zeros_like(negatives)]).double()
    spread = logits.std().clamp(min=1e-6)
    factor = torch.tensor(1.0, dtype=torch.double, requires_grad=True)
    offset = torch.tensor(0.0, dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([factor, offset], max_iter=100, line_search_fn="strong_wolfe")
    centred = (logits - logits.mean()) / spread

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(centred * factor + offset, target)
        value.backward()
        return value

    with torch.enable_grad():
        optimiser.step(loss)
    slope = float(factor.detach() / spread)
    if not np.isfinite(slope) or slope <= 0:
        return None
    return slope, float(offset.detach()) - slope * float(logits.mean())
