"""Clips that show motion, and the caches they are kept in: every second's frames, or the flow around some moments."""

import zipfile
from dataclasses import dataclass

import numpy as np

from model import motion, optical_flow
from model.clips import Cache, ClipCache, from_jpeg, read_audio, read_jpegs, write_frames
from model.motion import FLOW_CHANNELS, FLOWS, FRAME_RATE, FRAMES, Takes
from model.video import Video

# Moments of a video that flow is kept for. TV-L1 takes about .3 s of a core for one, at 64 pixels.
FLOW_MOMENTS = 4


@dataclass(frozen=True)
class FramesClip:
    """A decoded video as training draws the frames of whole seconds from it.

    Attributes:
        key: hash of the media file.
        jpegs: its frames at 25 Hz, compressed to about a seventh; only those drawn are decoded.
        audio: (S,) int16 mono at 48 kHz.
    """

    key: str
    jpegs: list[bytes]
    audio: np.ndarray

    @property
    def steps(self) -> np.ndarray:
        """(T,) when the frames are on screen, in steps of .04 s."""
        return np.arange(len(self.jpegs))

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return sum(map(len, self.jpegs)) + self.audio.nbytes

    def moment(self, index: int) -> np.ndarray:
        """The 25 frames around one, (25, size, size, 3) uint8."""
        return np.stack([from_jpeg(self.jpegs[k]) for k in motion.span(index, FRAMES, len(self.jpegs))])


@dataclass(frozen=True)
class FlowClip:
    """A decoded video as training draws frames with the flow around them from it.

    Attributes:
        key: hash of the media file.
        steps: (M,) when its moments are, in steps of .04 s.
        frames: (M, size, size, 3) uint8.
        flows: (M, size / 2, size / 2, 20) uint8, see `model.optical_flow.stack`.
        audio: (S,) int16 mono at 48 kHz.
    """

    key: str
    steps: np.ndarray
    frames: np.ndarray
    flows: np.ndarray
    audio: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return self.frames.nbytes + self.flows.nbytes + self.audio.nbytes

    def moment(self, index: int) -> np.ndarray:
        """A frame and the flow around it, (size, size, 23) uint8."""
        return motion.with_flow(self.frames[index], self.flows[index])


class FramesCache(Cache[FramesClip]):
    """Clips of 25 frames a second: 000000.jpg .."""

    rate = FRAME_RATE
    suffix = "-frames"

    def _write(self, archive: zipfile.ZipFile, video: Video) -> dict:
        write_frames(archive, video.frames)
        return {"frames": len(video.frames)}

    def _read(self, archive: zipfile.ZipFile, about: dict, key: str) -> FramesClip:
        return FramesClip(key, list(read_jpegs(archive, about["frames"])), read_audio(archive))


class FlowCache(Cache[FlowClip]):
    """Clips of some moments with their flow, evenly spread: 000000.jpg and 000000.flow .."""

    rate = FRAME_RATE
    suffix = "-flow"

    def _write(self, archive: zipfile.ZipFile, video: Video) -> dict:
        steps = spread_moments(len(video.frames))
        write_frames(archive, video.frames[steps])
        for number, step in enumerate(steps):
            flow = optical_flow.stack(video.frames[motion.span(step, FLOWS + 1, len(video.frames))], self.size // 2)
            archive.writestr(f"{number:06d}.flow", flow.tobytes(), zipfile.ZIP_DEFLATED)
        return {"steps": steps}

    def _read(self, archive: zipfile.ZipFile, about: dict, key: str) -> FlowClip:
        count, half = len(about["steps"]), self.size // 2
        frames = np.stack([from_jpeg(jpeg) for jpeg in read_jpegs(archive, count)])
        flows = np.stack([np.frombuffer(archive.read(f"{number:06d}.flow"), np.uint8) for number in range(count)])
        flows = flows.reshape(-1, half, half, FLOW_CHANNELS)
        return FlowClip(key, np.array(about["steps"]), frames, flows, read_audio(archive))


# The cache that holds what a network takes.
CACHES: dict[Takes, type[Cache]] = {"frame": ClipCache, "frames": FramesCache, "flow": FlowCache}


def spread_moments(count: int) -> list[int]:
    """The moments of a video of `count` frames that flow is kept for: the middles of `FLOW_MOMENTS` equal parts.

    Only moments whose second of sound lies in the video are divided up; of a shorter video its middle is left.
    """
    first, last = FRAMES // 2, count - 1 - FRAMES // 2
    if last < first:
        return [count // 2]
    parts = np.linspace(first, last, 2 * FLOW_MOMENTS + 1)[1::2]
    return sorted({round(part) for part in parts})
