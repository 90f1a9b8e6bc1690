"""How well AVOL-Net finds what sounds: pointing, boxes and correspondence on labelled videos, beside baselines.

Labels serve evaluation only. Whatever a network needs to be used, such as its threshold of correspondence, was
settled when it was trained; nothing here is fitted to the videos evaluated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model.boxes import Box, contains, iou, union_area
from model.correspondence import correspondence_pairs, oracle_answers
from model.figures import Figure, Values, figure
from model.localization import peak, regions
from model.material import Skipped, collect
from model.networks import AVOLNet, NetworkConfig
from model.responses import correspondence_logits, localization_maps
from model.samples import Sample
from model.swaps import swaps_of

LOCALIZATION_RATE = 2.0  # samples a second for pointing and boxes
PAIR_RATE = 4.0  # and for correspondence, a multiple of it: seconds sounded in view are what is scarce
UNTRAINED = 3  # networks the untrained baseline is the mean of: some happen to light up whatever is colourful


class EvaluationError(ValueError):
    """A folder on which nothing can be measured, in one sentence."""


@dataclass(frozen=True)
class Evaluation:
    """The figures of a network on a folder.

    Attributes:
        figures: by name: pointing, swap_pointing, box_iou50, mean_iou, avc.
        videos: how many were evaluated.
        skipped: those that could not be.
    """

    figures: dict[str, Figure]
    videos: int
    skipped: list[Skipped]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, one key a figure."""
        figures = {name: one.to_dict() for name, one in self.figures.items()}
        skipped = [{"file": one.file, "reason": one.reason} for one in self.skipped]
        return figures | {"videos": self.videos, "skipped": skipped}


def evaluate_localization(
    folder: str | Path,
    network: AVOLNet,
    *,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] = lambda _phase, _done, _total: None,
    on_skipped: Callable[[Skipped], None] = lambda _skipped: None,
) -> Evaluation:
    """Measure a network on a folder of videos with `truth.json`.

    Pointing and boxes are measured at 2 Hz, where a visible object sounds through the second centred on the frame
    and no segment begins or ends inside that second. The maps are the ones an annotator's boxes are made from.

    - pointing: the map's peak lies in the box of an object that sounds. "uniform" is the share of the frame
      those boxes cover, which a point anywhere hits.
    - swap_pointing: another class is in view and silent; the network hears a second of another video in which
      that class alone sounds; the peak lies in the box of that class. "original_audio" is where it lies with the
      frame's own second. `no_sound` counts the samples for which the folder has no such second.
    - box_iou50, mean_iou: the highest-scored box against that of the object that sounds, the best match where
      several do; a missing box counts 0. "centre" is a box in the middle, of the mean size of the labels' boxes.
    - avc: accuracy on the balanced pairs of `correspondence_pairs`, at logit 0, where calibration on validation
      videos put the threshold when the network was trained. "ceiling" is the accuracy of `oracle_answers`.

    "random_weights" is the same architecture untrained, the mean of `UNTRAINED` networks of fixed seeds. Intervals
    are bootstrapped over videos.

    Args:
        folder: videos of any kind and their `truth.json`, whoever made them.
        network: in evaluation mode, on any device.
        seed: of pairs, swapped sounds and intervals.
        on_progress: called with the phase, how far it is and how far it goes.
        on_skipped: called with each video that cannot be used; the others are evaluated.

    Raises:
        EvaluationError: no video can be used, or none has a sample that counts.
        model.truth.TruthError: `truth.json` is missing or malformed.
    """
    device = next(network.parameters()).device
    networks = [network, *(untrained(network.config, seed=k).to(device) for k in range(UNTRAINED))]

    def phase(name: str) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(name, done, total)

    material = collect(Path(folder), networks, rate=PAIR_RATE, on_done=phase("videos"), on_skipped=on_skipped)
    samples, frames = material.samples, material.frames
    counted = [index for index, sample in enumerate(samples) if _counts(sample)]
    if not counted:
        raise EvaluationError(
            f"{folder}: none of its {material.videos} usable videos has a second that a visible object sounds "
            "through, so there is nothing to measure."
        )
    swaps, without_sound = swaps_of(samples, counted, seed=seed)
    located = np.array([(index, index) for index in counted] + [(swap.frame, swap.second) for swap in swaps])
    own, swapped = [], []  # each network's maps, the model's first
    for number, (one, sounds) in enumerate(zip(networks, material.sounds, strict=True)):
        name = f"untrained network {number}" if number else "model"
        maps = localization_maps(one, frames, sounds, located, phase(f"maps, {name}"))
        own.append(maps[: len(counted)])
        swapped.append(maps[len(counted) :])

    pairs, together = correspondence_pairs(samples, seed=seed)
    logits = correspondence_logits(network, frames, material.sounds[0], pairs, phase("pairs, model"))
    correspondence: dict[str, Values] = {
        "model": (logits > 0) == together,
        "ceiling": oracle_answers(samples, pairs) == together,
        "chance": np.full(len(pairs), 0.5),
    }

    place = {index: at for at, index in enumerate(counted)}
    unswapped = own[0][[place[swap.frame] for swap in swaps]]
    targets = [samples[index].sounding_boxes for index in counted]
    swap_targets = [swap.boxes for swap in swaps]
    swap_rows = _pointing(swap_targets, swapped) | {"original_audio": _hits(swap_targets, unswapped)}
    overlaps = _overlaps(targets, own, [frames[index] for index in counted])
    videos = [samples[index].video for index in counted]
    swap_videos = [samples[swap.frame].video for swap in swaps]
    pair_videos = [samples[index].video for index in pairs[:, 0]]
    return Evaluation(
        figures={
            "pointing": figure(_pointing(targets, own), videos, seed=seed),
            "swap_pointing": figure(swap_rows, swap_videos, seed=seed, notes={"no_sound": without_sound}),
            "box_iou50": figure({name: (row >= 0.5).mean(0) for name, row in overlaps.items()}, videos, seed=seed),
            "mean_iou": figure({name: row.mean(0) for name, row in overlaps.items()}, videos, seed=seed),
            "avc": figure(correspondence, pair_videos, seed=seed),
        },
        videos=material.videos,
        skipped=material.skipped,
    )


def untrained(config: NetworkConfig, *, seed: int) -> AVOLNet:
    """A network that never learned, in evaluation mode; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return AVOLNet(config).eval()


def _counts(sample: Sample) -> bool:
    """Whether pointing and boxes are measured at this sample."""
    return sample.steady and bool(sample.sounding_boxes) and (sample.time * LOCALIZATION_RATE).is_integer()


def _pointing(targets: Sequence[list[Box]], maps: Sequence[np.ndarray]) -> dict[str, Values]:
    """Rows of pointing at the target boxes (n lists), from each network's maps (n, g, g), the model's first."""
    return {
        "model": _hits(targets, maps[0]),
        "centre": np.array([_inside(boxes, (0.5, 0.5)) for boxes in targets]),
        "uniform": np.array([union_area(boxes) for boxes in targets]),
        "random_weights": np.mean([_hits(targets, one) for one in maps[1:]], axis=0),
    }


def _hits(targets: Sequence[list[Box]], maps: np.ndarray) -> np.ndarray:
    """(n,) bool: whether the peak of each map lies in one of its target boxes."""
    return np.array([_inside(boxes, peak(one)) for boxes, one in zip(targets, maps, strict=True)], dtype=bool)


def _inside(boxes: list[Box], point: tuple[float, float]) -> bool:
    return any(contains(box, point) for box in boxes)


def _overlaps(
    targets: Sequence[list[Box]], maps: Sequence[np.ndarray], frames: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Overlap of the highest-scored box with the target boxes (n lists), rows (networks, n) by name."""
    half = np.array([(x2 - x1, y2 - y1) for boxes in targets for x1, y1, x2, y2 in boxes]).mean(0) / 2
    middle = (0.5 - half[0], 0.5 - half[1], 0.5 + half[0], 0.5 + half[1])

    def measured(drawn: Sequence[Box | None]) -> list[float]:
        return [
            0.0 if box is None else max(iou(box, target) for target in boxes)
            for boxes, box in zip(targets, drawn, strict=True)
        ]

    by_network = np.array(
        [measured([_best_box(one, frame) for one, frame in zip(grids, frames, strict=True)]) for grids in maps]
    )
    return {
        "model": by_network[:1],
        "centre": np.array([measured([middle] * len(targets))]),
        "random_weights": by_network[1:],
    }


def _best_box(grid: np.ndarray, frame: np.ndarray) -> Box | None:
    found = regions(grid, frame)
    return max(found, key=lambda region: region.score).box if found else None
