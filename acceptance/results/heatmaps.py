"""Heatmaps of the results page: a frame with its own sound, another object's, and none; and where the model fails."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from model import truth
from model.boxes import contains
from model.checkpoints import load
from model.localization import localize, peak, probabilities
from model.networks import AVOLNet
from model.recording import SAMPLE_RATE, audio_second
from model.samples import Sample, samples_of
from model.video import decode

VIDEOS, SHOWN = 80, 4


@dataclass(frozen=True)
class Moment:
    """A sample with its frame and its second."""

    sample: Sample
    frame: np.ndarray
    second: np.ndarray


def draw_swapped(weights: Path, folder: Path, path: Path) -> None:
    """Frames that show two objects, heard with either's sound and with none, as a PNG.

    Args:
        weights: of AVOL-Net.
        folder: with `truth.json`; its first videos are looked at.
        path: of the PNG.
    """
    _draw_swapped(_avol(weights), _moments(folder), path)


def draw_failures(weights: Path, folder: Path, path: Path) -> None:
    """The frames whose peak lies in nothing that sounds, the most confident first; arguments as for `draw_swapped`."""
    _draw_failures(_avol(weights), _moments(folder), path)


def _avol(weights: Path) -> AVOLNet:
    network = load(weights)
    if not isinstance(network, AVOLNet):
        raise ValueError(f"{weights}: heatmaps need AVOL-Net")
    return network


def _moments(folder: Path) -> list[Moment]:
    found: list[Moment] = []
    for number, labels in enumerate(truth.read(folder)[:VIDEOS]):
        video = decode(folder / labels.file, rate=2.0, size=(224, 224))
        found += (
            Moment(sample, video.frames[sample.index], audio_second(video.audio, sample.time))
            for sample in samples_of(labels, video, number=number, rate=2.0)
            if sample.steady and sample.sounding_boxes
        )
    return found


def _draw_swapped(network: AVOLNet, moments: list[Moment], path: Path) -> None:
    """One row a frame: its own sound, the sound of the other object in view (from another video), silence."""
    alone = {}  # a second in which one class alone sounds, by class
    for moment in moments:
        if len(moment.sample.sounding_classes) == 1:
            alone.setdefault(next(iter(moment.sample.sounding_classes)), []).append(moment)
    rows, seen = [], set()
    for moment in moments:
        silent = sorted(moment.sample.visible_classes - moment.sample.sounding_classes)
        others = [one for name in silent for one in alone.get(name, []) if one.sample.video != moment.sample.video]
        if others and moment.sample.video not in seen:
            seen.add(moment.sample.video)
            rows.append((moment, others[0]))
    figure, axes = plt.subplots(SHOWN, 4, figsize=(9, 2.3 * SHOWN), layout="constrained")
    for line, (moment, other) in zip(axes, rows[:SHOWN], strict=False):
        silence = np.zeros(SAMPLE_RATE, np.float32)
        seconds = np.stack([moment.second, other.second, silence])
        maps = localize(network, np.stack([moment.frame] * 3), seconds)
        own = ", ".join(sorted(moment.sample.sounding_classes))
        names = (f"own sound: {own}", f"swapped: {next(iter(other.sample.sounding_classes))}", "silence")
        _show(line[0], moment, None, "frame")
        for place, one, name in zip(line[1:], maps, names, strict=True):
            _show(place, moment, one, name)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_failures(network: AVOLNet, moments: list[Moment], path: Path) -> None:
    missed = []
    for start in range(0, len(moments), 64):
        part = moments[start : start + 64]
        maps = localize(network, np.stack([one.frame for one in part]), np.stack([one.second for one in part]))
        for moment, one in zip(part, maps, strict=True):
            if not any(contains(box, peak(one)) for box in moment.sample.sounding_boxes):
                missed.append((float(one.max()), moment, one))
    missed.sort(key=lambda each: -each[0])
    figure, axes = plt.subplots(2, 4, figsize=(9, 4.9), layout="constrained")
    for place in axes.flat:
        place.axis("off")
    for place, (_, moment, one) in zip(axes.flat, missed, strict=False):
        _show(place, moment, one, f"sounds: {', '.join(sorted(moment.sample.sounding_classes))}")
    figure.suptitle(f"{len(missed)} of {len(moments)} peaks lie in nothing that sounds", fontsize=9)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _show(place: Axes, moment: Moment, logits: np.ndarray | None, title: str) -> None:
    """A frame, the map over it, and the boxes: solid where the object sounds, dotted where it is silent."""
    place.imshow(moment.frame)
    if logits is not None:
        map_ = torch.nn.functional.interpolate(
            torch.from_numpy(probabilities(logits))[None, None], size=(224, 224), mode="bilinear"
        )[0, 0]
        place.imshow(map_, cmap="inferno", alpha=0.55, vmin=0, vmax=1)
    for index, (x1, y1, x2, y2) in moment.sample.boxes.items():
        style = "-" if index in moment.sample.sounding else ":"
        corner, wide, high = (224 * x1, 224 * y1), 224 * (x2 - x1), 224 * (y2 - y1)
        place.add_patch(Rectangle(corner, wide, high, fill=False, edgecolor="cyan", linestyle=style))
    place.set_title(title, fontsize=8)
    place.axis("off")
