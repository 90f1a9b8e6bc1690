"""Decode a media file once, frames and sound on one clock."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np

from model.recording import Recording

SAMPLE_RATE = 48_000  # Hz, of every waveform in this package

# A damaged file may fail on packet after packet; after this many in a row nothing more is expected of it.
_MAX_BAD_PACKETS = 200
# A frame counts as shown at a time it misses by less than this: container time stamps are rounded.
_TIME_SLACK = 1e-3
# Sound whose time stamps jump by less than this is taken as continuous (encoders round, decoders prime).
_AUDIO_JUMP = 0.1
_MAX_PIXELS = 8192 * 8192
# FFmpeg's names of the containers that are opened; playlists (hls, dash, concat) are not among them.
_CONTAINERS = (
    "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,nut,mxf,rm,gif,h264,hevc,m4v,"
    "wav,w64,aiff,caf,mp3,aac,flac,amr,ac3,eac3,dts,au"
)


class MediaError(ValueError):
    """A file that cannot be used, in one sentence fit for an annotator."""


@dataclass(frozen=True)
class MediaInfo:
    """What a media file holds.

    Attributes:
        duration: seconds, of the longer stream, as a browser's player shows it.
        width: pixels, 0 without a picture; `decode` gives it after rotation, `probe` as stored.
        height: pixels, likewise.
        frame_rate: frames a second of the picture (average), 0 without one.
        has_picture: whether there is a video stream (cover art does not count).
        has_audio: whether there is an audio stream.
    """

    duration: float
    width: int
    height: int
    frame_rate: float
    has_picture: bool
    has_audio: bool


@dataclass(frozen=True)
class Video:
    """A decoded file.

    Attributes:
        frames: (T, height, width, 3) uint8 RGB; T is 0 without a picture.
        times: (T,) seconds at which the frames are on screen.
        audio: (S,) float32 mono at 48 kHz, sample 0 at time 0; S is 0 without sound.
        info: what the file holds.
    """

    frames: np.ndarray
    times: np.ndarray
    audio: np.ndarray
    info: MediaInfo


def probe(path: str | Path) -> MediaInfo:
    """Read a file's headers.

    Raises:
        MediaError: the file cannot be opened or holds neither picture nor sound.
    """
    with _open(path) as container:
        return _info(container, Path(path))


def decode(
    path: str | Path,
    *,
    rate: float,
    size: tuple[int, int] | None,
    begin: float = 0.0,
    max_seconds: float = 3600.0,
    timeout: float = 900.0,
) -> Video:
    """Decode a file sequentially: the frames on screen at 0, 1/rate, 2/rate .. s and all of its sound.

    Time 0 is the container's start, as in a browser's player. Rotation is applied. Damaged packets are
    passed over; what can be decoded is used.

    Args:
        path: the file.
        rate: frames a second to keep.
        size: (height, width) that frames are squashed to; None keeps the file's own.
        begin: seconds into the file at which to begin; what is returned has its time 0 there.
        max_seconds: media beyond this time, counted from `begin`, are left out.
        timeout: wall-clock seconds after which decoding gives up.

    Raises:
        MediaError: the file cannot be opened, nothing in it decodes, or the time is up.
    """
    path = Path(path)
    deadline = time.monotonic() + timeout
    with _open(path) as container:
        info = _info(container, path)
        start = (container.start_time or 0) / av.time_base + begin
        if begin:  # to the key frame before, from which the frames until then are decoded and left out
            container.seek(round(start * av.time_base))
        streams: list[av.VideoStream | av.AudioStream] = [s for s in (_picture(container), _sound(container)) if s]
        for stream in streams:
            stream.codec_context.thread_type = "AUTO"
        frames = _FrameSampler(rate, size, min(info.duration - begin, max_seconds) if info.duration else max_seconds)
        kept: list[np.ndarray] = []
        waves: list[np.ndarray] = []
        sound = _SoundTrack(waves.append, max_seconds)
        for decoded in _decoded(container, streams, path, deadline):
            if decoded.time is None:
                seconds = frames.end if isinstance(decoded, av.VideoFrame) else sound.end
            else:
                seconds = decoded.time - start
            if seconds > max_seconds:
                # Frames of the two streams alternate, so both have reached the end by now.
                if seconds > max_seconds + 5:
                    break
                continue
            if isinstance(decoded, av.VideoFrame):
                kept += frames.add(decoded, seconds)
            elif not begin or seconds > -decoded.samples / decoded.sample_rate:
                sound.add(decoded, seconds)
    kept += frames.finish()
    sound.finish()
    pictures = np.stack(kept) if kept else np.zeros((0, *(size or (0, 0)), 3), np.uint8)
    audio = np.concatenate(waves) if waves else np.zeros(0, np.float32)
    if not len(pictures) and not len(audio):
        raise MediaError(f"{path.name}: nothing in it can be decoded; convert it to H.264/AAC mp4 and try again.")
    duration = info.duration or begin + max(frames.end, sound.end)
    rotated = bool(len(pictures)) and frames.turned
    width, height = (info.height, info.width) if rotated else (info.width, info.height)
    return Video(
        frames=pictures,
        times=np.arange(len(pictures)) / rate,
        audio=audio,
        info=MediaInfo(duration, width, height, info.frame_rate, info.has_picture, info.has_audio),
    )


def stream_frames(
    path: str | Path,
    *,
    rate: float,
    size: tuple[int, int] | None = None,
    max_seconds: float = 3600.0,
    timeout: float = 3600.0,
) -> Iterator[np.ndarray]:
    """The frames on screen at 0, 1/rate, 2/rate .. s, one at a time, (height, width, 3) uint8.

    For long or large files, of which `decode` would hold every frame; arguments as there.

    Raises:
        MediaError: the file cannot be opened, or the time is up.
    """
    path = Path(path)
    deadline = time.monotonic() + timeout
    with _open(path) as container:
        info = _info(container, path)
        start = (container.start_time or 0) / av.time_base
        picture = _picture(container)
        if picture is None:
            return
        picture.thread_type = "AUTO"
        frames = _FrameSampler(rate, size, min(info.duration, max_seconds) if info.duration else max_seconds)
        for decoded in _decoded(container, [picture], path, deadline):
            if not isinstance(decoded, av.VideoFrame):
                continue
            seconds = frames.end if decoded.time is None else decoded.time - start
            if seconds > max_seconds:
                break
            yield from frames.add(decoded, seconds)
        yield from frames.finish()


def read_sound(path: str | Path, *, max_seconds: float = 3600.0, timeout: float = 3600.0) -> Recording:
    """All of a file's sound, as `decode` gives it, however long it is; empty without a track of sound.

    Raises:
        MediaError: the file cannot be opened, or the time is up.
    """
    path = Path(path)
    deadline = time.monotonic() + timeout
    recording = Recording()
    with _open(path) as container:
        _info(container, path)
        start = (container.start_time or 0) / av.time_base
        stream = _sound(container)
        if stream is None:
            return recording
        sound = _SoundTrack(recording.append, max_seconds)
        for decoded in _decoded(container, [stream], path, deadline):
            if not isinstance(decoded, av.AudioFrame):
                continue
            seconds = sound.end if decoded.time is None else decoded.time - start
            if seconds > max_seconds:
                break
            sound.add(decoded, seconds)
    sound.finish()
    return recording


def audio_second(audio: np.ndarray | Recording, centre: float) -> np.ndarray:
    """The second of sound with `centre` (seconds) in its middle: (48000,) float32.

    Near the file's ends the second is shifted to lie inside; a shorter file is padded with silence.
    """
    first = round((centre - 0.5) * SAMPLE_RATE)
    first = max(0, min(first, len(audio) - SAMPLE_RATE))
    second = audio[first : first + SAMPLE_RATE]
    return np.pad(second, (0, SAMPLE_RATE - len(second))).astype(np.float32, copy=False)


def _open(path: str | Path) -> av.container.InputContainer:
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path.name}: no such file." if not path.exists() else f"{path.name}: not a file.")
    if path.stat().st_size == 0:
        raise MediaError(f"{path.name}: the file is empty (0 bytes).")
    try:
        # A playlist or a reference inside the file must not make the decoder open anything else: only containers
        # that hold their own media, and no protocol but local files.
        options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
        return av.open(str(path), options=options, timeout=30.0)
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError) as error:
        raise MediaError(f"{path.name}: not a media file that can be read ({_words(error)}).") from error


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _picture(container: av.container.InputContainer) -> av.VideoStream | None:
    attached = av.stream.Disposition.attached_pic
    return next((s for s in container.streams.video if not s.disposition & attached and s.codec_context), None)


def _sound(container: av.container.InputContainer) -> av.AudioStream | None:
    return next((s for s in container.streams.audio if s.codec_context), None)


def _info(container: av.container.InputContainer, path: Path) -> MediaInfo:
    picture, sound = _picture(container), _sound(container)
    streams: list[av.VideoStream | av.AudioStream] = [s for s in (picture, sound) if s]
    if picture is None and sound is None:
        raise MediaError(f"{path.name}: it holds neither a picture nor a sound that can be decoded.")
    seconds = [s.duration * float(s.time_base) for s in streams if s.duration and s.time_base is not None]
    if container.duration:
        seconds.append(container.duration / av.time_base)
    width = height = 0
    frame_rate = 0.0
    if picture is not None:
        width, height = picture.codec_context.width, picture.codec_context.height
        if width * height > _MAX_PIXELS:
            raise MediaError(f"{path.name}: a picture of {width} x {height} pixels is larger than can be decoded.")
        frame_rate = float(picture.average_rate or picture.guessed_rate or 0)
    # Some headers claim absurd lengths; a duration beyond a day is not believed but measured while decoding.
    duration = max((s for s in seconds if 0 < s < 86_400), default=0.0)
    return MediaInfo(duration, width, height, frame_rate, picture is not None, sound is not None)


def _decoded(
    container: av.container.InputContainer, streams: list, path: Path, deadline: float
) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """Every frame of the streams, in the file's order, past damaged packets."""
    bad = 0
    dead: set[int] = set()
    packets = container.demux(streams)
    while True:
        if time.monotonic() > deadline:
            raise MediaError(f"{path.name}: decoding took too long and was given up.")
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.error.FFmpegError, OSError):  # the container is cut short: what came before it is used
            return
        if packet.stream.index in dead:
            continue
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError, NotImplementedError):
            bad += 1
            if bad > _MAX_BAD_PACKETS:
                dead.add(packet.stream.index)
                bad = 0
            continue
        bad = 0
        for frame in frames:
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                yield frame


class _FrameSampler:
    """Picks the frame that is on screen at each multiple of 1/rate, and converts no other."""

    def __init__(self, rate: float, size: tuple[int, int] | None, duration: float) -> None:
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
        quarter_turns = round(getattr(frame, "rotation", 0) / 90) % 4
        self.turned = quarter_turns % 2 == 1
        if self.size is None:  # a stream that changes its size keeps the first one
            self.size = (frame.width, frame.height) if self.turned else (frame.height, frame.width)
        height, width = self.size[::-1] if self.turned else self.size
        picture = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="AREA")
        return np.ascontiguousarray(np.rot90(picture, quarter_turns))


class _SoundTrack:
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
