"""Frame numbers: the picture sampled at a time is the one a player shows then, whatever the file's clock is like."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from label_config import Timeline
from model.video import decode, stream_frames
from tests.model.numbered import number_in, steady, uneven, write

RATES = (12.5, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60)
SLACK = 7e-4  # s: some containers round time stamps to a millisecond


def shown_at(times: Sequence[float], moment: float) -> set[int]:
    """Numbers of the pictures that may be on screen at a moment: two where one comes on within the clock's rounding."""
    before = [int(np.searchsorted(np.array(times), moment + slack, side="right")) - 1 for slack in (-SLACK, SLACK)]
    return {max(0, number) for number in before}


def presentation_times(path: Path) -> list[float]:
    """When the pictures come on screen in seconds, by the decoder alone; in a broadcast's from its first moment."""
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base if path.suffix == ".ts" else 0.0
        return [float(frame.time or 0) - start for frame in container.decode(video=0)]


def assert_agrees(path: Path, written: Sequence[float], rate: float) -> None:
    """Every sampled frame is the picture on screen at its time; so is every frame Label Studio counts."""
    times = presentation_times(path)
    # The first sound of an encoder lies a little before the time it was given.
    np.testing.assert_allclose(times, written, atol=0.03 if path.suffix == ".ts" else SLACK)
    video = decode(path, rate=rate, size=None)
    numbers = [number_in(frame) for frame in video.frames]
    assert len(numbers) >= (times[-1] - SLACK) * rate
    for time, number in zip(video.times, numbers, strict=True):
        assert number in shown_at(times, time), f"{number} at {time:.3f} s"
    assert [number_in(frame) for frame in stream_frames(path, rate=rate)] == numbers
    timeline = Timeline(rate, video.info.duration)
    for time, number in zip(video.times, numbers, strict=True):
        frame = timeline.frame(time)
        assert number in shown_at(times, (frame - 1) / rate) or frame == timeline.frames


@pytest.mark.parametrize("rate", RATES)
def test_every_frame_of_a_steady_file_is_counted_once(tmp_path: Path, rate: float) -> None:
    """At the file's own rate frame f of Label Studio is picture f - 1."""
    times = steady(rate, 2.0)
    path = write(tmp_path / "steady.mp4", times)
    assert_agrees(path, times, rate)
    numbers = [number_in(frame) for frame in decode(path, rate=rate, size=None).frames]
    assert numbers[: len(times)] == list(range(len(times)))


@pytest.mark.parametrize("counted", [12.5, 25, 30, 60])
@pytest.mark.parametrize("rate", [29.97, 50])
def test_a_config_that_counts_at_another_rate_shows_the_same_pictures(
    tmp_path: Path, rate: float, counted: float
) -> None:
    times = steady(rate, 2.0)
    assert_agrees(write(tmp_path / "steady.mp4", times), times, counted)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("seed", [0, 1])
def test_variable_rates(tmp_path: Path, suffix: str, seed: int) -> None:
    times = uneven(2.0, seed)
    assert_agrees(write(tmp_path / f"uneven{suffix}", times), times, 25)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_pictures_stand_as_they_are_displayed(tmp_path: Path, rotation: int) -> None:
    times = steady(25, 1.0)
    path = write(tmp_path / "turned.mp4", times, rotation=rotation)
    assert_agrees(path, times, 25)
    info = decode(path, rate=1.0, size=None).info
    assert (info.width, info.height) == (160, 96)


def test_a_turn_by_no_angle_is_none(tmp_path: Path) -> None:
    """A header whose matrix turns by nothing that is a number, as some programs write, is left as it is stored."""
    path = write(tmp_path / "odd.mp4", steady(25, 1.0))
    content = bytearray(path.read_bytes())
    header = content.index(b"tkhd") + 4
    content[header + 40 : header + 72] = bytes(32)
    path.write_bytes(content)
    assert [number_in(frame) for frame in decode(path, rate=25, size=None).frames][:25] == list(range(25))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_frames_predicted_from_later_ones_keep_their_times(tmp_path: Path, suffix: str) -> None:
    """Such a file's first decoding time lies before 0; an mp4 says so by an edit list."""
    times = steady(25, 2.0)
    assert_agrees(write(tmp_path / f"reordered{suffix}", times, b_frames=3), times, 25)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_picture_that_begins_after_the_sound_is_not_moved_to_its_start(tmp_path: Path, suffix: str) -> None:
    times = steady(25, 1.5, start=0.4)
    assert_agrees(write(tmp_path / f"late{suffix}", times), times, 25)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_that_begins_after_the_picture_is_heard_then(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"late{suffix}", steady(25, 2.0), sound=(0.5, 2.0))
    audio = decode(path, rate=5.0, size=(8, 8)).audio
    begins = np.flatnonzero(np.abs(audio) > 0.05)[0] / 48_000
    assert begins == pytest.approx(0.5, abs=0.05)  # an encoder's delay


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("sound", [None, (1.0, 3.0)])
def test_a_file_that_begins_late_is_counted_by_its_own_clock(
    tmp_path: Path, suffix: str, sound: tuple[float, float] | None
) -> None:
    """As browsers play it: the first picture stands until its time comes, and the end is where the header says."""
    times = steady(25, 2.0, start=1.0)
    path = write(tmp_path / f"cut{suffix}", times, sound=sound)
    video = decode(path, rate=25, size=None)
    for time, frame in zip(video.times, video.frames, strict=True):
        assert number_in(frame) in shown_at(times, time)
    assert len(video.frames) / 25 == pytest.approx(video.info.duration, abs=0.05)
    if sound:
        assert np.flatnonzero(np.abs(video.audio) > 0.05)[0] / 48_000 == pytest.approx(1.0, abs=0.05)


def test_a_broadcast_is_counted_from_its_first_moment(tmp_path: Path) -> None:
    """Such a recording begins hours into a running clock."""
    times = steady(25, 2.0, start=10.0)
    path = write(tmp_path / "cut.ts", times, sound=(10.0, 12.0))
    with av.open(str(path)) as container:
        assert (container.start_time or 0) / av.time_base > 5
    assert_agrees(path, [time - 10.0 for time in times], 25)
