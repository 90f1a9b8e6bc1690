"""Decoding: what is on screen and what is heard at a given time, and what happens with damaged files."""

from pathlib import Path

import av
import numpy as np
import pytest

from model.recording import SAMPLE_RATE, audio_second
from model.video import MediaError, decode, probe

FPS = 25


def write_video(path: Path, *, seconds: float = 2.0, click: float | None = 1.0) -> Path:
    """A 64 x 48 video whose grey level is twice the frame's number, with one click of sound."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=FPS, options={"crf": "1", "preset": "ultrafast"})
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if click is not None else None
        for index in range(round(seconds * FPS)):
            pixels = np.full((48, 64, 3), 2 * index + 16, np.uint8)
            pixels[:8, :, :] = 255  # a white bar at the top, to tell which way is up
            container.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(picture.encode(None))
        if sound is not None:
            wave = np.zeros((1, round(seconds * SAMPLE_RATE)), np.float32)
            first = round(click * SAMPLE_RATE)
            wave[0, first : first + 480] = np.sin(np.arange(480) / 3)
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, 0
            container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return path


def test_the_frame_on_screen_at_each_time_is_kept(tmp_path: Path) -> None:
    video = decode(write_video(tmp_path / "a.mp4"), rate=5.0, size=None)
    assert video.frames.shape == (10, 48, 64, 3)
    np.testing.assert_allclose(video.times, np.arange(10) / 5)
    shown = video.frames[:, 20:, :, :].mean((1, 2, 3))
    # Frame 5k is on screen at k/5 s; grey levels are two apart, the codec rounds by one.
    np.testing.assert_allclose(shown, 2 * np.arange(10) * FPS / 5 + 16, atol=1.1)


def test_sound_is_heard_when_the_file_says(tmp_path: Path) -> None:
    video = decode(write_video(tmp_path / "a.mp4", click=1.25), rate=5.0, size=(16, 16))
    loud = np.flatnonzero(np.abs(video.audio) > 0.3) / SAMPLE_RATE
    assert abs(loud[0] - 1.25) < 0.01  # AAC spreads a click over a few milliseconds
    assert abs(len(video.audio) / SAMPLE_RATE - 2.0) < 0.05


def test_frames_are_squashed_to_the_size_asked_for(tmp_path: Path) -> None:
    video = decode(write_video(tmp_path / "a.mp4"), rate=2.0, size=(30, 20))
    assert video.frames.shape == (4, 30, 20, 3)
    assert (video.info.width, video.info.height) == (64, 48)


def test_a_silent_file_has_no_sound_and_a_sound_file_no_picture(tmp_path: Path) -> None:
    silent = decode(write_video(tmp_path / "a.mp4", click=None), rate=2.0, size=(16, 16))
    assert silent.audio.shape == (0,) and not silent.info.has_audio
    with av.open(str(tmp_path / "b.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        wave = (np.sin(np.arange(16_000) / 10) * 9000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    heard = decode(tmp_path / "b.wav", rate=2.0, size=(16, 16))
    assert heard.frames.shape == (0, 16, 16, 3) and not heard.info.has_picture
    assert len(heard.audio) == SAMPLE_RATE  # resampled from 16 kHz


@pytest.mark.parametrize("begin", [0.4, 1.0, 2.2])
def test_decoding_may_begin_within_the_file(tmp_path: Path, begin: float) -> None:
    whole = decode(write_video(tmp_path / "a.mp4", seconds=4.0, click=2.6), rate=5.0, size=(16, 16))
    part = decode(tmp_path / "a.mp4", rate=5.0, size=(16, 16), begin=begin, max_seconds=1.0)
    first, samples = round(begin * 5), round(begin * SAMPLE_RATE)
    assert len(part.frames) >= 5 and part.times[0] == 0
    np.testing.assert_array_equal(part.frames[:5], whole.frames[first : first + 5])
    # The decoder has heard less before it: the same to a few thousandths, and not a sample late.
    np.testing.assert_allclose(part.audio[4800:48_000], whole.audio[samples + 4800 : samples + 48_000], atol=0.01)
    assert part.info.duration == whole.info.duration


def test_max_seconds_bounds_what_is_read(tmp_path: Path) -> None:
    video = decode(write_video(tmp_path / "a.mp4", seconds=4), rate=5.0, size=(16, 16), max_seconds=1.0)
    assert len(video.frames) <= 6 and len(video.audio) <= SAMPLE_RATE


@pytest.mark.parametrize(
    ("content", "words"), [(None, "no such file"), (b"", "0 bytes"), (b"not a video at all" * 99, "not a media file")]
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "odd name ü.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=words) as raised:
        decode(path, rate=5.0, size=(16, 16))
    assert str(raised.value).startswith(path.name) and "\n" not in str(raised.value)


def test_a_file_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.mkv", seconds=4)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert 3 < len(decode(cut, rate=5.0, size=(16, 16)).frames) <= 20


def test_every_odd_file_decodes_or_says_why(shared_media: Path) -> None:
    for path in sorted((shared_media / "odd").iterdir()):
        try:
            video = decode(path, rate=2.0, size=(32, 32))
        except MediaError as error:
            assert str(error).endswith(".")
        else:
            assert len(video.frames) or len(video.audio)
            assert np.isfinite(video.audio).all()


def test_rotation_is_applied(shared_media: Path) -> None:
    info = decode(shared_media / "odd" / "sample_portrait.mp4", rate=1.0, size=None).info
    assert (info.width, info.height) == (720, 1080)


def test_probe_reads_headers(tmp_path: Path) -> None:
    info = probe(write_video(tmp_path / "a.mp4"))
    assert (info.width, info.height, info.frame_rate, info.has_audio) == (64, 48, 25.0, True)
    assert abs(info.duration - 2.0) < 0.05


def test_the_second_around_a_time_stays_inside_the_file() -> None:
    audio = np.arange(3 * SAMPLE_RATE, dtype=np.float32)
    assert audio_second(audio, 1.5)[0] == SAMPLE_RATE
    assert audio_second(audio, 0.0)[0] == 0
    assert audio_second(audio, 3.0)[-1] == 3 * SAMPLE_RATE - 1
    short = audio_second(np.ones(100, np.float32), 0.0)
    assert short.shape == (SAMPLE_RATE,) and short.sum() == 100


def test_a_playlist_opens_nothing(tmp_path: Path) -> None:
    write_video(tmp_path / "secret.ts")
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsecret.ts\n#EXT-X-ENDLIST\n"
    concatenation = "ffconcat version 1.0\nfile secret.ts\n"
    for name, content in (("a.m3u8", playlist), ("b.mp4", playlist), ("c.txt", concatenation)):
        (tmp_path / name).write_text(content)
        with pytest.raises(MediaError, match="not a media file"):
            decode(tmp_path / name, rate=5.0, size=(16, 16))
