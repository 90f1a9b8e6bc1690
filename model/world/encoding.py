"""Writing a video file: H.264 and AAC in an mp4 that plays while it loads."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

AAC_FRAME = 1024  # samples an AAC frame holds


def encode(
    path: Path,
    frames: Iterable[np.ndarray],
    audio: np.ndarray,
    *,
    size: tuple[int, int],
    frame_rate: int,
    sample_rate: int,
) -> None:
    """Write an mp4 of frames, (h, w, 3) uint8 RGB, and a mono track, (samples,) float32 in -1..1.

    The same input gives the same bytes: one thread, no dates. The sound encoder's priming samples are declared in the
    file, so a player's sample 0 is the track's.

    Args:
        path: of the file.
        frames: one after the other.
        audio: the whole track.
        size: (height, width) of the frames, both even.
        frame_rate: frames a second.
        sample_rate: of the track, in Hz.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        picture = container.add_stream(
            "libx264", rate=frame_rate, options={"preset": "superfast", "crf": "23", "threads": "1"}
        )
        picture.height, picture.width = size
        picture.pix_fmt = "yuv420p"
        picture.codec_context.time_base = Fraction(1, frame_rate)
        sound = container.add_stream("aac", rate=sample_rate, layout="mono")
        sound.bit_rate = 96_000
        written = 0
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, frame_rate)
            container.mux(picture.encode(frame))
            # Sound follows the picture closely, so that a player need not seek.
            until = round((number + 1) / frame_rate * sample_rate)
            while written < min(until, len(audio)):
                part = audio[written : written + AAC_FRAME]
                container.mux(sound.encode(_sound_frame(part, written, sample_rate)))
                written += len(part)
        container.mux(picture.encode(None))
        container.mux(sound.encode(None))


def _sound_frame(part: np.ndarray, position: int, sample_rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part[None], dtype=np.float32), format="fltp", layout="mono")
    frame.sample_rate = sample_rate
    frame.pts, frame.time_base = position, Fraction(1, sample_rate)
    return frame
