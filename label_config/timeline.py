"""Label Studio's frames of one video: 1-based, counted at the config's frame rate and not at the file's."""

import math
from dataclasses import dataclass

# Times such as .28 s x 25 come out as 7.000000000000001 frames: nearer than this is on the frame.
_NEAR = 1e-6


@dataclass(frozen=True)
class Timeline:
    """Frame f is on screen from (f - 1) / frame_rate seconds on.

    Attributes:
        frame_rate: frames a second of the config or the task, > 0.
        duration: seconds of the container, which is what the browser's player knows.
    """

    frame_rate: float
    duration: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.frame_rate) and self.frame_rate > 0):
            raise ValueError(f"the frame rate must be a positive number, got {self.frame_rate = }")
        if not (math.isfinite(self.duration) and self.duration >= 0):
            raise ValueError(f"the duration must be a number of seconds, got {self.duration = }")

    @property
    def frames(self) -> int:
        """How many frames the player counts, at least 1."""
        return max(1, math.floor(self.duration * self.frame_rate + 0.5))

    def frame(self, time: float) -> int:
        """The frame on screen at a time in seconds; times outside the video give its first or last frame."""
        return self._clamp(math.floor(time * self.frame_rate + _NEAR) + 1)

    def last_frame_before(self, time: float) -> int:
        """The last frame on screen before a time in seconds: where something gone from then on ends."""
        return self._clamp(math.ceil(time * self.frame_rate - _NEAR))

    def time(self, frame: int) -> float:
        """The `time` of a keyframe as Label Studio itself writes it: frame / frame_rate seconds."""
        return round(frame / self.frame_rate, 6)

    def _clamp(self, frame: int) -> int:
        return min(max(frame, 1), self.frames)
