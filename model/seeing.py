"""What the networks see in a file's picture, as its frames go by."""

from dataclasses import replace

import numpy as np
import torch

from model.checkpoints import Models
from model.likeness import embed_images, embed_sounds
from model.localization import Region, listen, look, probabilities, regions
from model.moment import Moment, Pace
from model.recording import Recording, audio_second

# Samples through the networks at once: about 100 MB with the small ones.
_BATCH = 32


class Seen:
    """What has been seen of a file's picture so far."""

    def __init__(
        self,
        models: Models,
        recording: Recording,
        centres: dict[int, float],
        heard: torch.Tensor | None,
        rate: float,
    ) -> None:
        """`centres`: by sample to look at, the middle of its second of sound; `heard`: what every sample hears."""
        self.models, self._recording, self._centres, self._heard = models, recording, centres, heard
        self._pace = Pace(rate)
        self._rate = rate
        self._looked_at: list[tuple[int, np.ndarray]] = []
        self._embedded: list[tuple[int, np.ndarray]] = []
        self._maps: dict[int, np.ndarray] = {}
        self.found: list[list[Region]] = []
        self.moments: list[Moment] = []

    @property
    def count(self) -> int:
        """Samples seen."""
        return len(self.found)

    @property
    def best(self) -> float:
        """The highest score of any region so far, 0 without one."""
        return max((region.score for here in self.found for region in here), default=0.0)

    @property
    def asked(self) -> bool:
        """Whether the picture is asked about another sound than its own."""
        return self._heard is not None

    def add(self, index: int, frame: np.ndarray) -> None:
        """The next sample; `frame` (height, width, 3) uint8."""
        self.found.append([])
        heard = index in self._centres
        if heard:
            self._looked_at.append((index, frame))
        if self._pace.takes(index, heard=heard):
            self._embedded.append((index, frame))
        if len(self._looked_at) == _BATCH:
            self._look()
        if len(self._embedded) == _BATCH:
            self._embed()

    def finish(self) -> None:
        """See to what is left."""
        self._look()
        self._embed()

    def maps(self) -> np.ndarray:
        """(T, g, g) probabilities."""
        grid = self.models.avol.config.grid
        maps = np.zeros((self.count, grid, grid), np.float32)
        for index, logits in self._maps.items():
            maps[index] = probabilities(logits)
        return maps

    def _look(self) -> None:
        if not self._looked_at:
            return
        indices, frames = [index for index, _ in self._looked_at], np.stack([frame for _, frame in self._looked_at])
        if self._heard is None:
            heard = listen(self.models.avol, self._seconds(indices))
        else:
            heard = self._heard.expand(len(indices), -1)
        maps, vectors = look(self.models.avol, frames, heard)
        for index, frame, logits, vector in zip(indices, frames, maps, vectors, strict=True):
            self._maps[index] = logits
            self.found[index] = [replace(one, vector=under(one, vector)) for one in regions(logits, frame)]
        self._looked_at = []

    def _embed(self) -> None:
        if not self._embedded:
            return
        indices, frames = [index for index, _ in self._embedded], np.stack([frame for _, frame in self._embedded])
        images = embed_images(self.models.ave, frames)
        sounds = np.zeros_like(images)
        heard = [place for place, index in enumerate(indices) if index in self._centres and len(self._recording)]
        if heard:
            sounds[heard] = embed_sounds(self.models.ave, self._seconds([indices[place] for place in heard]))
        for index, image, sound in zip(indices, images, sounds, strict=True):
            self.moments.append(Moment(index / self._rate, image, sound))
        self._embedded = []

    def _seconds(self, indices: list[int]) -> np.ndarray:
        """(n, 48000) float32."""
        return np.stack([audio_second(self._recording, self._centres[index]) for index in indices])


def under(region: Region, vectors: np.ndarray) -> np.ndarray:
    """The mean of a picture's vectors (e, g, g) over the cells whose middles a region's box holds, or at its peak."""
    grid = vectors.shape[-1]
    middles = (np.arange(grid) + 0.5) / grid
    x1, y1, x2, y2 = region.box
    rows, columns = np.flatnonzero((middles >= y1) & (middles <= y2)), np.flatnonzero((middles >= x1) & (middles <= x2))
    if len(rows) and len(columns):
        return vectors[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean((1, 2))
    return vectors[:, min(int(region.peak[1] * grid), grid - 1), min(int(region.peak[0] * grid), grid - 1)]
