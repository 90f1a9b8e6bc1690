"""Sampling a decoded picture evenly in time: which frame is on screen when."""

import math

import av
import numpy as np

# A frame counts as shown at a time it misses by less than this: many containers round time stamps to a millisecond.
# More would show pictures too early: at 29.97 frames a second picture 30 comes on screen at 1.001 s.
_TIME_SLACK = 6e-4


class FrameSampler:
    """Picks the frame that is on screen at each multiple of 1/rate, and converts no other."""

    def __init__(self, rate: float, size: tuple[int, int] | None, duration: float) -> None:
        """Nothing is on screen yet.

        Args:
            rate: pictures a second.
            size: (height, width) they are squashed to; None keeps that of the first frame, after rotation.
            duration: seconds to the end of the file.
        """
        self.rate, self.size, self.duration = rate, size, duration
        self.end = 0.0
        self.turned = False
        self._shown: av.VideoFrame | None = None
        self._count = 0

    def add(self, frame: av.VideoFrame, seconds: float) -> list[np.ndarray]:
        """The pictures due before a frame that comes on screen at `seconds`."""
        due = self._until(seconds - _TIME_SLACK)
        self._shown = frame
        self.end = max(self.end, seconds)
        return due

    def finish(self) -> list[np.ndarray]:
        """The pictures due to the end of the file."""
        if self._shown is None:
            return []
        # The last frame stays on screen to the end of the file, but not beyond a second of its own.
        length = max(float(self._shown.duration or 0) * float(self._shown.time_base or 0), 1 / self.rate)
        last = min(self.duration - _TIME_SLACK, self.end + max(length, 1.0))
        return self._until(max(last, self.end + _TIME_SLACK))

    def _until(self, seconds: float) -> list[np.ndarray]:
        """The frame on screen, once for every sampling time before `seconds`."""
        due = max(0, math.ceil(seconds * self.rate) - self._count)
        if self._shown is None or not due:
            return []
        self._count += due
        return [self._convert(self._shown)] * due

    def _convert(self, frame: av.VideoFrame) -> np.ndarray:
        rotation = getattr(frame, "rotation", 0)
        # A display matrix without an angle is read as the lowest integer there is.
        quarter_turns = round(rotation / 90) % 4 if abs(rotation) <= 360 else 0
        self.turned = quarter_turns % 2 == 1
        if self.size is None:  # a stream that changes its size keeps the first one
            self.size = (frame.width, frame.height) if self.turned else (frame.height, frame.width)
        height, width = self.size[::-1] if self.turned else self.size
        picture = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="AREA")
        return np.ascontiguousarray(np.rot90(picture, quarter_turns))
