"""What training minimises: corresponding pairs score above the others."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def soft_maximum(maps: Tensor, sharpness: float) -> Tensor:
    """Pool maps over positions by (1/b) log mean exp(b s), between the mean (b -> 0) and the maximum (b -> inf).

    Soft at first, because the hard maximum teaches only the one cell that happens to lead before anything
    is learned.

    Args:
        maps: (..., g, g) logits.
        sharpness: b > 0.

    Returns:
        (...).
    """
    flat = maps.flatten(-2)
    return (torch.logsumexp(flat * sharpness, -1) - math.log(flat.shape[-1])) / sharpness


def contrastive(scores: Tensor, worlds: Tensor | None = None) -> Tensor:
    """InfoNCE in both directions over every pair of the batch (van den Oord et al., arXiv 1807.03748).

    Args:
        scores: (B, B) logits of picture i with sound j; the diagonal corresponds.
        worlds: (B,) which world each pair is of, where there are several: a picture of one and a sound of another are
            told apart by their worlds alone, so they are left out.

    Returns:
        The mean loss, a scalar; log B at chance.
    """
    if worlds is not None:
        scores = scores.masked_fill(worlds[:, None] != worlds, -torch.inf)
    target = torch.arange(len(scores), device=scores.device)
    return (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2


def correspondence(logits: Tensor, together: Tensor) -> Tensor:
    """The paper's objective: the cross-entropy of a two-way softmax over "corresponds" and "does not" (section 3).

    Args:
        logits: (B,) the softmax's second input less its first.
        together: (B,) whether picture and sound belong together.

    Returns:
        The mean loss, a scalar; log 2 at chance.
    """
    return F.binary_cross_entropy_with_logits(logits, together.float())
