"""Labelled moments: what the published datasets have in common, boxes in one frame of a clip that sounds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.boxes import Box
from model.datasets.dataset import Choose, Dataset, Excerpt, Skipped
from model.datasets.media import Media
from model.motion import Takes
from model.samples import Sample
from model.video import MediaError


@dataclass(frozen=True)
class LabelledMoment:
    """One labelled frame.

    Attributes:
        name: of the entry: `frames/<name>.jpg`, `audio/<name>.wav`.
        clip: name of the whole clip.
        source: recording the clip is from: entries of one source resemble each other.
        time: seconds from the clip's start; None is its middle.
        boxes: of the objects that sound, at least one.
        classes: of each of them, "" where not named.
        votes: see `Sample.votes`.
    """

    name: str
    clip: str
    source: str
    time: float | None
    boxes: tuple[Box, ...]
    classes: tuple[str, ...]
    votes: int = 1


class LabelledMoments(Dataset):
    """Labelled moments in a folder; each clip is decoded once.

    Everything labelled is taken to sound, and nothing else to.
    """

    def __init__(self, folder: Path, moments: list[LabelledMoment], skipped: list[Skipped]) -> None:
        super().__init__(folder)
        self.skipped = skipped
        self._media = Media(folder)
        groups: dict[str, list[LabelledMoment]] = {}
        for moment in moments:
            groups.setdefault(moment.name if self._media.cut_out else moment.clip, []).append(moment)
        self._entries = list(groups.items())
        self._sources = {source: k for k, source in enumerate(dict.fromkeys(one.source for one in moments))}

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(name for _, moments in self._entries for one in moments for name in one.classes if name)

    def __len__(self) -> int:
        return len(self._entries)

    def name(self, number: int) -> str:
        return self._entries[number][0]

    def load(self, number: int, size: int, takes: Takes = "frame", choose: Choose | None = None) -> Excerpt:
        name, moments = self._entries[number]
        if self._media.cut_out:
            found = [(0.0, *self._media.pair(name, size, takes))]
        else:
            taken = self._media.moments(name, [moment.time for moment in moments], size, takes)
            moments = [moment for moment, one in zip(moments, taken, strict=True) if one is not None]
            found = [one for one in taken if one is not None]
            if not found:
                raise MediaError(f"{name}: it ends before the moment that is labelled.")
        samples = [
            self._sample(moment, index, time)
            for index, (moment, (time, _, _)) in enumerate(zip(moments, found, strict=True))
        ]
        if choose is not None:
            samples = choose(samples)
            found = [found[sample.index] for sample in samples]
        return Excerpt(samples, np.stack([frame for _, frame, _ in found]), np.stack([heard for *_, heard in found]))

    def _sample(self, moment: LabelledMoment, index: int, time: float) -> Sample:
        return Sample(
            video=self._sources[moment.source],
            index=index,
            time=time,
            classes=moment.classes,
            boxes=dict(enumerate(moment.boxes)),
            sounding=frozenset(range(len(moment.boxes))),
            steady=True,
            votes=moment.votes,
        )
