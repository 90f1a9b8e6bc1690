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


def contrastive(scores: Tensor, worlds: Tensor | None = None, heard: Tensor | None = None) -> Tensor:
    """InfoNCE in both directions over every pair of the batch (van den Oord et al., arXiv 1807.03748).

    Args:
        scores: (B, B) logits of picture i with sound j.
        worlds: (B,) which world each pair is of, where there are several: a picture of one and a sound of another are
            told apart by their worlds alone, so they are left out.
        heard: (B, B) 1 where the sound that belongs to picture i is heard in sound j, of the same world. Where several
            of a row or a column are, each is expected as often as the others. By default the diagonal.

    Returns:
        The mean loss, a scalar; log B at chance.
    """
    if worlds is not None:
        # Finite: what is left out is expected with probability 0, and 0 times infinity is no number.
        scores = scores.masked_fill(worlds[:, None] != worlds, torch.finfo(scores.dtype).min / 2)
    if heard is None:
        heard = torch.eye(len(scores), device=scores.device)
    sounds, pictures = heard / heard.sum(1, keepdim=True), heard / heard.sum(0)
    return (F.cross_entropy(scores, sounds) + F.cross_entropy(scores.T, pictures.T)) / 2


def correspondence(logits: Tensor, together: Tensor) -> Tensor:
    """The paper's objective: the cross-entropy of a two-way softmax over "corresponds" and "does not" (section 3).

    Args:
        logits: (B,) the softmax's second input less its first.
        together: (B,) whether picture and sound belong together.

    Returns:
        The mean loss, a scalar; log 2 at chance.
    """
    return F.binary_cross_entropy_with_logits(logits, together.float())
