"""How well AVOL-Net finds what sounds: pointing, cIoU and boxes on a labelled dataset, beside baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from model.boxes import Box
from model.datasets import Dataset, Skipped
from model.evaluation import ciou
from model.evaluation.breakdown import by_class, by_size
from model.evaluation.controls import NOISES, other_seconds, silence_and_noise, with_untrained
from model.evaluation.correspondence import accuracy, correspondence_pairs
from model.evaluation.evaluation import Evaluation, EvaluationError
from model.evaluation.pointing import Target, box_overlaps, centre_hits, centre_overlaps, hits, preferences, shares
from model.evaluation.swaps import Swap, swaps_of
from model.figures import Values, figure
from model.material import Material, collect
from model.networks import AVOLNet
from model.responses import Done, correspondence_logits, localization_maps
from model.samples import Sample

ORDER = ("pointing", "swap_pointing", "right_of_two", "ciou", "ciou_auc", "box_iou50", "mean_iou", "avc")
DIVIDED = ("pointing", "box_iou50", "mean_iou")  # figures that are there by class and size too


def evaluate_localization(
    dataset: Dataset,
    network: AVOLNet,
    *,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] = lambda _phase, _done, _total: None,
    on_skipped: Callable[[Skipped], None] = lambda _skipped: None,
) -> Evaluation:
    """Measure a network on a dataset that says where what sounds.

    Of videos with `truth.json`, pointing and boxes are measured at 2 Hz, where a visible object sounds through the
    second centred on the frame and no segment begins or ends inside that second; of a published dataset at each
    labelled frame. The maps are the ones an annotator's boxes are made from.

    - pointing: the map's peak lies in the box of an object that sounds. "uniform" is the share of the frame
      those boxes cover, which a point anywhere hits.
    - ciou, ciou_auc: by the protocol of VGG-SS, see `model.evaluation.ciou`.
    - swap_pointing: another class is in view and silent; the network hears a second of another video in which
      that class alone sounds; the peak lies in the box of that class. "original_audio" is where it lies with the
      frame's own second. `no_sound` counts the samples for which the dataset has no such second.
    - right_of_two: another class is in view and silent; the map is higher somewhere on what sounds than anywhere on
      it. Chance is .5, and a network deaf to what it hears does no better.
    - box_iou50, mean_iou: the highest-scored box against that of the object that sounds, the best match where
      several do; a missing box counts 0. "centre" is a box in the middle, of the mean size of the labels' boxes.
    - avc: as in `evaluate_correspondence`.

    "random_weights" is the same architecture untrained, see `model.evaluation.controls`. "other_sound", "silence" and
    "white_noise" are the network itself, hearing these instead: a second of another video, nothing, or noise. A
    network that listens does no better by them than the picture alone permits. Intervals are bootstrapped over videos.
    Pointing and boxes are there by class and by size too, see `model.evaluation.breakdown`.

    Args:
        dataset: with labels.
        network: in evaluation mode, on any device.
        seed: of pairs, swapped sounds and intervals.
        on_progress: called with the phase, how far it is and how far it goes.
        on_skipped: called with each entry that cannot be used; the others are evaluated.

    Raises:
        EvaluationError: no entry can be used, or none has a sample that counts.
    """

    def phase(name: str) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(name, done, total)

    networks = with_untrained(network)
    material = collect(dataset, networks, on_done=phase("videos"), on_skipped=on_skipped)
    samples, frames = material.samples, material.frames
    counted = [index for index, one in enumerate(samples) if one.localized and one.steady and one.sounding_boxes]
    if not counted:
        raise EvaluationError(
            f"{dataset.folder}: none of its {material.videos} usable videos has a second that a visible object sounds "
            "through, so there is nothing to measure."
        )
    swaps, without_sound = swaps_of(samples, counted, seed=seed)
    maps = _maps(networks, material, counted, swaps, seed, phase)
    pairs, together = correspondence_pairs(samples, seed=seed)
    logits = correspondence_logits(network, frames, material.sounds[0], pairs, phase("pairs, model"))

    chosen = [samples[index] for index in counted]
    videos = [sample.video for sample in chosen]
    targets = [Target(sample.sounding_boxes, sample.votes) for sample in chosen]
    pointing = _pointing(targets, maps.own) | {name: hits(targets, one) for name, one in maps.replaced.items()}
    overlaps = _map_overlaps(targets, maps, phase("cIoU"))
    boxes = _box_overlaps(targets, maps.own, [frames[index] for index in counted], phase("boxes"))

    place = {index: at for at, index in enumerate(counted)}
    unswapped = maps.own[0][[place[swap.frame] for swap in swaps]]
    swap_targets = [Target(swap.boxes) for swap in swaps]
    swap_pointing = _pointing(swap_targets, maps.swapped) | {"original_audio": hits(swap_targets, unswapped)}
    swap_videos = [samples[swap.frame].video for swap in swaps]

    beside = [_silent_boxes(sample) for sample in chosen]
    two = [number for number, boxes in enumerate(beside) if boxes]
    right_of_two = _right_of_two([chosen[number] for number in two], [beside[number] for number in two], maps, two)

    measured: dict[str, Mapping[str, Values]] = {
        "pointing": pointing,
        "ciou": {name: ciou.hit(row).mean(0) for name, row in overlaps.items()},
        "ciou_auc": {name: ciou.area(row).mean(0) for name, row in overlaps.items()},
        "box_iou50": {name: (row >= 0.5).mean(0) for name, row in boxes.items()},
        "mean_iou": {name: row.mean(0) for name, row in boxes.items()},
    }
    figures = {name: figure(rows, videos, seed=seed) for name, rows in measured.items()}
    figures["swap_pointing"] = figure(swap_pointing, swap_videos, seed=seed, notes={"no_sound": without_sound})
    figures["right_of_two"] = figure(right_of_two, [videos[number] for number in two], seed=seed)
    figures["avc"] = accuracy(samples, pairs, together, [logits], seed=seed)
    divided = {name: np.asarray(measured[name]["model"]) for name in DIVIDED}
    return Evaluation(
        figures={name: figures[name] for name in ORDER},
        videos=material.videos,
        skipped=material.skipped,
        groups={"by_class": by_class(chosen, divided, seed=seed), "by_size": by_size(chosen, divided, seed=seed)},
    )


@dataclass(frozen=True)
class _Maps:
    """Maps (n, g, g) of logits: each network's of the samples and of the swaps, the model's of replaced sounds."""

    own: list[np.ndarray]
    swapped: list[np.ndarray]
    replaced: dict[str, np.ndarray]


def _maps(
    networks: Sequence[AVOLNet],
    material: Material,
    counted: list[int],
    swaps: Sequence[Swap],
    seed: int,
    phase: Callable[[str], Done],
) -> _Maps:
    """Every map that is needed; a network sees each frame once, whatever it hears with it."""
    own = np.stack([counted, counted], 1)
    swapped = np.array([(swap.frame, swap.second) for swap in swaps], np.int64).reshape(-1, 2)
    replaced = _replaced_sounds(material.samples, counted, seed)
    found = _Maps([], [], {})
    for number, (network, sounds) in enumerate(zip(networks, material.sounds, strict=True)):
        parts = [own, swapped]
        if not number:
            sounds = torch.cat([sounds, silence_and_noise(network)])
            parts += [np.stack([counted, second], 1) for second in replaced.values()]
        name = f"maps, untrained network {number}" if number else "maps, model"
        maps = localization_maps(network, material.frames, sounds, np.concatenate(parts), phase(name))
        split = np.split(maps, np.cumsum([len(part) for part in parts])[:-1])
        found.own.append(split[0])
        found.swapped.append(split[1])
        if not number:
            found.replaced.update(zip(replaced, split[2:], strict=True))
    return found


def _replaced_sounds(samples: Sequence[Sample], counted: list[int], seed: int) -> dict[str, np.ndarray]:
    """By row, the sound heard instead: its sample, or its place in `silence_and_noise` behind all samples."""
    after = len(samples)
    noise = after + 1 + np.random.default_rng(seed).integers(NOISES, size=len(counted))
    seconds = {"silence": np.full(len(counted), after), "white_noise": noise}
    others = other_seconds(samples, counted, seed=seed)
    return {"other_sound": others, **seconds} if len(others) else seconds


def _pointing(targets: Sequence[Target], maps: Sequence[np.ndarray]) -> dict[str, Values]:
    """Rows of pointing at n targets from each network's maps (n, g, g), the model's first."""
    return {
        "model": hits(targets, maps[0]),
        "centre": centre_hits(targets),
        "uniform": shares(targets),
        "random_weights": np.mean([hits(targets, one) for one in maps[1:]], axis=0),
    }


def _silent_boxes(sample: Sample) -> list[Box]:
    """Boxes of what is in view and of no class that sounds."""
    return [box for index, box in sample.boxes.items() if sample.classes[index] not in sample.sounding_classes]


def _right_of_two(
    samples: Sequence[Sample], silent: Sequence[list[Box]], maps: _Maps, chosen: Sequence[int]
) -> dict[str, Values]:
    """Rows of preferring what sounds to what is silent; `chosen` are the places of the samples among the maps."""
    sounding = [sample.sounding_boxes for sample in samples]
    own, *untrained = (preferences(sounding, silent, one[chosen]) for one in maps.own)
    replaced = {name: preferences(sounding, silent, one[chosen]) for name, one in maps.replaced.items()}
    chance = np.full(len(samples), 0.5)
    return {"model": own, "random_weights": np.mean(untrained, axis=0), "chance": chance, **replaced}


def _map_overlaps(targets: Sequence[Target], maps: _Maps, on_done: Done) -> dict[str, np.ndarray]:
    """IoU of maps with n targets, rows (networks, n) by name."""
    named = {f"random_weights {number}": one for number, one in enumerate(maps.own[1:])}
    found = ciou.overlaps(targets, {"model": maps.own[0], **maps.replaced, **named}, on_done)
    random_weights = np.array([found.pop(name) for name in named])
    return {name: row[None] for name, row in found.items()} | {"random_weights": random_weights}


def _box_overlaps(
    targets: Sequence[Target], maps: Sequence[np.ndarray], frames: Sequence[np.ndarray], on_done: Done
) -> dict[str, np.ndarray]:
    """IoU of boxes with n targets, rows (networks, n) by name."""
    by_network = []
    for number, one in enumerate(maps, 1):
        by_network.append(box_overlaps(targets, one, frames))
        on_done(number, len(maps))
    return {
        "model": np.array(by_network[:1]),
        "centre": centre_overlaps(targets)[None],
        "random_weights": np.array(by_network[1:]),
    }
