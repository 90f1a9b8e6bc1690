"""Decode a media file once, frames and sound on one clock."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np

from model.frame_sampler import FrameSampler
from model.recording import Recording
from model.sound_track import SoundTrack

# A damaged file may fail on packet after packet; after this many in a row nothing more is expected of it.
_MAX_BAD_PACKETS = 200
_MAX_PIXELS = 8192 * 8192
# FFmpeg's names of the containers that are opened; playlists (hls, dash, concat) are not among them.
_CONTAINERS = (
    "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,asf,ogg,nut,mxf,rm,gif,h264,hevc,m4v,"
    "wav,w64,aiff,caf,mp3,aac,flac,amr,ac3,eac3,dts,au"
)
# Containers that browsers play, by the file's own clock.
_PLAYED = {"mov", "matroska", "ogg"}


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

    Time 0 is where a browser's player begins. Rotation is applied. Damaged packets are passed over; what can be decoded
    is used.

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
        zero, max_seconds = _clock(container, info, max_seconds)
        start = zero + begin
        if begin:  # to the key frame before, from which the frames until then are decoded and left out
            container.seek(round(start * av.time_base))
        streams: list[av.VideoStream | av.AudioStream] = [s for s in (_picture(container), _sound(container)) if s]
        for stream in streams:
            stream.codec_context.thread_type = "AUTO"
        frames = FrameSampler(rate, size, min(info.duration - begin, max_seconds) if info.duration else max_seconds)
        kept: list[np.ndarray] = []
        waves: list[np.ndarray] = []
        sound = SoundTrack(waves.append, max_seconds)
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
        start, max_seconds = _clock(container, info, max_seconds)
        picture = _picture(container)
        if picture is None:
            return
        picture.thread_type = "AUTO"
        frames = FrameSampler(rate, size, min(info.duration, max_seconds) if info.duration else max_seconds)
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
        start, max_seconds = _clock(container, _info(container, path), max_seconds)
        stream = _sound(container)
        if stream is None:
            return recording
        sound = SoundTrack(recording.append, max_seconds)
        for decoded in _decoded(container, [stream], path, deadline):
            if not isinstance(decoded, av.AudioFrame):
                continue
            seconds = sound.end if decoded.time is None else decoded.time - start
            if seconds > max_seconds:
                break
            sound.add(decoded, seconds)
    sound.finish()
    return recording


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


def _clock(container: av.container.InputContainer, info: MediaInfo, max_seconds: float) -> tuple[float, float]:
    """Time 0 on the file's clock, and the seconds from it that are used at most.

    Browsers play mp4 and WebM by the file's own clock: of one that begins late they show the first picture until its
    time has come, and nothing beyond the length they know; only what begins before 0 they move. The other containers
    are cut out of running clocks and count from their first moment, as does a file of which a browser shows nothing.
    """
    start = (container.start_time or 0) / av.time_base
    played = _PLAYED & set(container.format.name.split(","))
    if start <= 0 or not played or start >= (info.duration or max_seconds):
        return start, max_seconds
    return 0.0, min(max_seconds, info.duration or max_seconds)


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
