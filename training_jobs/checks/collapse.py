"""Collapse: whether a candidate's networks still say different things of different things.

A network can lose its grip in ways that a figure of correspondence hides or explains badly: AVE-Net's embeddings all
in one place, AVOL-Net's maps lit everywhere alike, maps that do not care what is heard. Each is measured on the same
held-out moments for candidate and current version, and fails where the candidate keeps less than KEPT of what the
current version has. The current version's own value is the yardstick, since it depends on what the videos show.
Honest candidates were measured to keep .85 and more, of focus .58, ruined ones .43 and less (docs/versions.md).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.networks import AVENet, AVOLNet
from training_jobs.checks.check import Check
from training_jobs.checks.held_out import HeldOut

KEPT = 0.5


@dataclass(frozen=True)
class Grip:
    """How much the networks of a version tell apart.

    Attributes:
        seen: of AVE-Net's embeddings of pictures: 1 less the squared length of their mean. 0 where all are alike, 1
            where they point everywhere.
        heard: the same of its embeddings of seconds.
        focus: of AVOL-Net's maps: 1 less the entropy of where the map says the sound is, as a share of the largest
            possible. 0 where every map is lit everywhere alike, 1 where it is a single cell.
        listening: of AVOL-Net: 1 less the correlation of a picture's map with the map that the same picture gets with
            another clip's second. 0 where what is heard changes nothing.
    """

    seen: float
    heard: float
    focus: float
    listening: float


def grip(avol: AVOLNet, ave: AVENet, held_out: HeldOut) -> Grip:
    """Measure it on held-out moments."""
    seen, heard = zip(*((vision, sound) for _, vision, sound in held_out.seen_and_heard(ave)), strict=True)
    focus, listening = [], []
    for part, vision, sound in held_out.seen_and_heard(avol):
        with torch.inference_mode():
            own = avol.maps(vision, sound).flatten(1).double()  # (c, g * g)
            others = avol.maps(vision, sound.roll(1, 0)).flatten(1).double()
        assert len(part) > 1  # noqa: S101 (see HeldOut)
        focus.append(_focus(own))
        listening.append(_change(own, others))
    return Grip(
        _spread(torch.cat(seen)),
        _spread(torch.cat(heard)),
        float(np.concatenate(focus).mean()),
        float(np.concatenate(listening).mean()),
    )


def compare(candidate: Grip, current: Grip) -> list[Check]:
    """One check a figure, that of which least is kept first: what is lost wholly explains what is lost in part.

    A network that is deaf has duller maps as well, one whose maps are flat cannot listen.
    """
    told = (
        (
            "spread of pictures",
            candidate.seen,
            current.seen,
            "AVE-Net's embeddings of different pictures lie apart",
            "AVE-Net has collapsed: its embeddings of different pictures are nearly the same",
        ),
        (
            "spread of sounds",
            candidate.heard,
            current.heard,
            "AVE-Net's embeddings of different sounds lie apart",
            "AVE-Net has collapsed: its embeddings of different sounds are nearly the same",
        ),
        (
            "map focus",
            candidate.focus,
            current.focus,
            "AVOL-Net's maps light up in places",
            "AVOL-Net has collapsed: its maps are lit everywhere alike",
        ),
        (
            "listening",
            candidate.listening,
            current.listening,
            "AVOL-Net's maps change with what is heard",
            "AVOL-Net no longer listens: its maps stay as they are when another video's sound is heard",
        ),
    )
    checks = []
    for name, new, old, good, bad in told:
        passed = new >= KEPT * old
        said = f"{good if passed else bad} ({new:.3f} against {old:.3f})."
        checks.append(Check(name, "passed" if passed else "failed", new, old, 1 - KEPT, said))
    return sorted(checks, key=lambda check: round(check.candidate / max(check.current, 1e-9), 2))


def _spread(embeddings: Tensor) -> float:
    """Of unit vectors (n, e)."""
    return float(1 - embeddings.double().mean(0).square().sum())


def _focus(maps: Tensor) -> np.ndarray:
    """Of maps (c, g * g) of logits, (c,)."""
    chances = maps.sigmoid()
    places = chances / chances.sum(1, keepdim=True)
    entropy = -(places * places.clamp(min=1e-12).log()).sum(1)
    return (1 - entropy / np.log(maps.shape[1])).clamp(min=0).cpu().numpy()


def _change(own: Tensor, others: Tensor) -> np.ndarray:
    """1 less the correlation over the cells of maps (c, g * g), (c,); 0 of maps that are flat."""
    a, b = own - own.mean(1, keepdim=True), others - others.mean(1, keepdim=True)
    size = a.norm(dim=1) * b.norm(dim=1)
    correlation = (a * b).sum(1) / size.clamp(min=1e-9)
    return torch.where(size > 1e-9, (1 - correlation).clamp(min=0), torch.zeros_like(correlation)).cpu().numpy()
