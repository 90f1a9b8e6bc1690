"""The sound track of a file, put together from its decoded frames."""

import math
from collections.abc import Callable
from contextlib import suppress

import av
import av.error
import numpy as np

from model.recording import SAMPLE_RATE

# Sound whose time stamps jump by less than this is taken as continuous (encoders round, decoders prime).
_AUDIO_JUMP = 0.1


class SoundTrack:
    """Makes decoded sound one mono track at 48 kHz, with silence where time stamps leave gaps."""

    def __init__(self, write: Callable[[np.ndarray], None], max_seconds: float) -> None:
        """`write` is given the track bit by bit, (n,) float32, up to `max_seconds`."""
        self._write = write
        self._samples, self._most = 0, math.ceil(max_seconds * SAMPLE_RATE)
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)

    @property
    def end(self) -> float:
        """Seconds of the track so far."""
        return self._samples / SAMPLE_RATE

    def add(self, frame: av.AudioFrame, seconds: float) -> None:
        """Add a frame that begins at `seconds`; one that cannot be resampled is passed over."""
        try:
            wave = self._resampled(frame)
        except (av.error.FFmpegError, ValueError):  # the format changed in mid-stream
            return
        gap = round((seconds - self.end) * SAMPLE_RATE)
        if not self._samples or abs(gap) > _AUDIO_JUMP * SAMPLE_RATE:
            self._be_silent(gap)
            wave = wave[max(0, -gap) :]  # sound before time 0, or said twice
        self._add(wave)

    def _be_silent(self, samples: int) -> None:
        until = min(self._samples + samples, self._most)
        while self._samples < until:  # a minute at a time: a file may claim hours of it
            self._add(np.zeros(min(60 * SAMPLE_RATE, until - self._samples), np.float32))

    def finish(self) -> None:
        """Write what the resampler still holds."""
        if self._samples:
            with suppress(av.error.FFmpegError, ValueError):
                self._add(self._resampled(None))

    def _resampled(self, frame: av.AudioFrame | None) -> np.ndarray:
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _add(self, wave: np.ndarray) -> None:
        wave = wave[: self._most - self._samples]
        if len(wave):
            self._write(np.nan_to_num(np.clip(wave, -4, 4), nan=0.0).astype(np.float32))
            self._samples += len(wave)
