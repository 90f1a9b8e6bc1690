"""Heatmaps of the results page: a frame with its own sound, another object's, and none; and where the model fails."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from model.boxes import Box, contains, iou
from model.checkpoints import load
from model.localization import localize, peak, probabilities, regions
from model.networks import AVOLNet
from model.recording import SAMPLE_RATE, audio_second
from model.samples import LOCALIZATION_RATE, Sample, samples_of
from model.video import decode

VIDEOS, SHOWN = 80, 4  # looked at for swaps; rows of them
FAILURES = 8  # of a kind that are shown


@dataclass(frozen=True)
class Moment:
    """A sample with its frame and its second."""

    sample: Sample
    frame: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class Failure:
    """A moment at which the network is wrong.

    Attributes:
        moment: at which.
        logits: (g, g) its map.
        badness: the higher, the sooner it is shown.
        box: what the network draws, where that is what is wrong.
    """

    moment: Moment
    logits: np.ndarray
    badness: float
    box: Box | None = None

    @property
    def classes(self) -> str:
        """What sounds."""
        return ", ".join(sorted(self.moment.sample.sounding_classes))


def draw_swapped(weights: Path, folder: Path, path: Path) -> None:
    """Frames that show two objects, heard with either's sound and with none, as a PNG.

    Args:
        weights: of AVOL-Net.
        folder: with `truth.json`; its first videos are looked at.
        path: of the PNG.
    """
    _draw_swapped(_avol(weights), [moment for some in _moments(folder, VIDEOS) for moment in some], path)


def draw_failures(weights: Path, folder: Path, pointing: Path, boxes: Path) -> None:
    """Frames whose peak lies in nothing that sounds, and such whose peak does and whose box is loose; see `chosen`.

    Args:
        weights: of AVOL-Net.
        folder: with `truth.json`.
        pointing: PNG of the first, removed where there are none.
        boxes: PNG of the others, whose IoU is below .5; removed likewise.
    """
    network = _avol(weights)
    missed, loose, looked = [], [], 0
    for moments in _moments(folder):
        looked += len(moments)
        for failure in failures(network, moments):
            (missed if failure.box is None else loose).append(failure)
    _draw_failures(missed, pointing, f"{len(missed)} of {looked} peaks lie in nothing that sounds")
    _draw_failures(loose, boxes, f"{len(loose)} of {looked} boxes overlap less than half, though their peaks are right")


def failures(network: AVOLNet, moments: Sequence[Moment]) -> Iterator[Failure]:
    """The moments of a video at which the peak lies in nothing that sounds, or, where it does, the box is loose."""
    if not moments:
        return
    maps = localize(network, np.stack([one.frame for one in moments]), np.stack([one.second for one in moments]))
    for moment, logits in zip(moments, maps, strict=True):
        boxes = moment.sample.sounding_boxes
        if not any(contains(box, peak(logits)) for box in boxes):
            yield Failure(moment, logits, badness=float(logits.max()))
            continue
        box = max(regions(logits, moment.frame), key=lambda region: region.score).box
        overlap = max(iou(box, one) for one in boxes)
        if overlap < 0.5:
            yield Failure(moment, logits, badness=-overlap, box=box)


def chosen(found: Sequence[Failure], most: int) -> list[Failure]:
    """Those to show: one a video at most, the classes that sound taken in turn, the worst first."""
    by_class: dict[str, list[Failure]] = defaultdict(list)
    seen: set[int] = set()
    for failure in sorted(found, key=lambda one: -one.badness):
        if failure.moment.sample.video not in seen:
            seen.add(failure.moment.sample.video)
            by_class[failure.classes].append(failure)
    turns = [(turn, -one.badness, one) for some in by_class.values() for turn, one in enumerate(some)]
    return [one for _, _, one in sorted(turns, key=lambda each: each[:2])[:most]]


def _avol(weights: Path) -> AVOLNet:
    network = load(weights)
    if not isinstance(network, AVOLNet):
        raise ValueError(f"{weights}: heatmaps need AVOL-Net")
    return network


def _moments(folder: Path, videos: int | None = None) -> Iterator[list[Moment]]:
    """Of each of the first videos the moments at which pointing is measured."""
    for number, labels in enumerate(truth.read(folder)[:videos]):
        video = decode(folder / labels.file, rate=LOCALIZATION_RATE, size=(224, 224))
        yield [
            Moment(sample, video.frames[sample.index], audio_second(video.audio, sample.time))
            for sample in samples_of(labels, video, number=number, rate=LOCALIZATION_RATE)
            if sample.steady and sample.sounding_boxes
        ]


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


def _draw_failures(found: Sequence[Failure], path: Path, title: str) -> None:
    if not found:
        path.unlink(missing_ok=True)
        return
    shown = chosen(found, FAILURES)
    rows = -(-len(shown) // 4)
    figure, axes = plt.subplots(rows, 4, figsize=(9, 2.3 * rows + 0.3), layout="constrained", squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, one in zip(axes.flat, shown, strict=False):
        overlap = "" if one.box is None else f", IoU {-one.badness:.2f}"
        _show(place, one.moment, one.logits, f"sounds: {one.classes}{overlap}", drawn=one.box)
    figure.suptitle(title, fontsize=9)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _show(place: Axes, moment: Moment, logits: np.ndarray | None, title: str, *, drawn: Box | None = None) -> None:
    """A frame, the map over it, the objects' boxes, dotted where they are silent, and in white what was drawn."""
    place.imshow(moment.frame)
    if logits is not None:
        map_ = torch.nn.functional.interpolate(
            torch.from_numpy(probabilities(logits))[None, None], size=(224, 224), mode="bilinear"
        )[0, 0]
        place.imshow(map_, cmap="inferno", alpha=0.55, vmin=0, vmax=1)
    for index, box in moment.sample.boxes.items():
        _outline(place, box, "cyan", "-" if index in moment.sample.sounding else ":")
    if drawn is not None:
        _outline(place, drawn, "white", "-")
    place.set_title(title, fontsize=8)
    place.axis("off")


def _outline(place: Axes, box: Box, colour: str, style: str) -> None:
    x1, y1, x2, y2 = (224 * side for side in box)
    place.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linestyle=style))
