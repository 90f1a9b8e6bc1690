"""Boxes: whether a candidate points at what people boxed, no worse than the current version does.

The videos are a project's own labelled ones, on which nothing was ever trained (`training_jobs.localization_set`).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.datasets import open_dataset
from model.evaluation.pointing import Target, hits
from model.material import collect
from model.networks import AVOLNet
from model.responses import localization_maps
from training_jobs.checks.check import Check, Outcome
from training_jobs.checks.paired import FEWEST, Paired

NAME = "pointing at checked boxes"
# Of pointing accuracy, as of correspondence.
MARGIN = 0.10
TOLERATED = 0.02


def pointing(folder: Path, networks: Sequence[AVOLNet]) -> np.ndarray:
    """How well networks point at what sounds in labelled videos.

    Args:
        folder: with `truth.json`, see `training_jobs.localization_set.write_set`.
        networks: of one image size.

    Returns:
        (networks, videos) the share of a video's moments at which the map's peak lies in a box of what sounds. Videos
        without a moment that counts are left out; there may be none.
    """
    material = collect(open_dataset(folder), networks, on_done=lambda *_: None, on_skipped=lambda _: None)
    counted = [k for k, one in enumerate(material.samples) if one.localized and one.steady and one.sounding_boxes]
    chosen = [material.samples[k] for k in counted]
    videos = np.array([one.video for one in chosen], np.int64)
    targets = [Target(one.sounding_boxes, one.votes) for one in chosen]
    shares = np.zeros((len(networks), len(np.unique(videos))))
    if not counted:
        return shares
    pairs = np.stack([counted, counted], 1)
    for number, (network, heard) in enumerate(zip(networks, material.sounds, strict=True)):
        hit = hits(targets, localization_maps(network, material.frames, heard, pairs, lambda *_: None))
        shares[number] = [hit[videos == video].mean() for video in np.unique(videos)]
    return shares


def compare(candidate: np.ndarray, current: np.ndarray) -> Check | None:
    """Whether pointing (videos,) is not lower by MARGIN, over videos; None with fewer than FEWEST.

    With too few videos for the margin it fails a candidate that points worse, and stands in no other's way.
    """
    if len(current) < FEWEST:
        return None
    paired = Paired.of(candidate - current, MARGIN, TOLERATED)
    figures = (
        f"{candidate.mean():.3f} against {current.mean():.3f} on {paired.videos} videos with checked boxes, "
        f"a difference of {paired.difference:+.3f} that lies between {paired.lower:+.3f} and {paired.upper:+.3f}"
    )
    if paired.failed:
        said = f"It points at what people boxed worse than the current version ({figures})."
    elif paired.passed:
        said = f"It points at what people boxed no worse than the current version ({figures})."
    else:
        said = f"Too few boxes are checked to tell where it points worse ({figures}); it takes about {paired.needed}."
    outcome: Outcome = "failed" if paired.failed else "passed"
    return Check(NAME, outcome, float(candidate.mean()), float(current.mean()), MARGIN, said)
