"""Frames, sounds and clips of the published layouts: found, decoded, and refused with a name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.datasets import DatasetError, media
from model.datasets.media import Media
from model.video import MediaError
from tests.model.datasets.published import level, write_clip, write_frame, write_sound


def test_a_cut_out_entry_is_its_frame_and_the_middle_second(tmp_path: Path) -> None:
    write_frame(tmp_path / "frames" / "a_000001.jpg", (200, 100, 50))
    write_sound(tmp_path / "audio" / "a_000001.wav", [0.1, 0.4, 0.2])
    folder = Media(tmp_path)
    assert folder.cut_out
    frame, second = folder.pair("a_000001", 32)
    assert frame.shape == (32, 32, 3) and frame.dtype == np.uint8
    assert np.abs(frame.astype(int) - (200, 100, 50)).max() < 6
    assert second.shape == (48_000,) and second.dtype == np.float32
    assert level(second) == pytest.approx(0.4, rel=0.05)


def test_the_middle_of_a_clip_and_given_times_are_taken(tmp_path: Path) -> None:
    write_clip(tmp_path / "videos" / "a.mp4", [20, 60, 100, 140, 180])
    taken = Media(tmp_path).moments("a", [None, 0.5, 3.5, 9.5], 16)
    assert taken[3] is None  # the clip is over by then
    found = [one for one in taken if one is not None]
    assert [time for time, _, _ in found] == [2.5, 0.5, 3.5]
    assert [frame.mean() for _, frame, _ in found] == pytest.approx([100, 20, 140], abs=6)
    assert [level(second) for *_, second in found] == pytest.approx([0.2, 0.04, 0.28], rel=0.15)


def test_motion_is_seen_in_clips_and_not_in_frames(tmp_path: Path) -> None:
    write_clip(tmp_path / "videos" / "a.mp4", [20, 60, 100, 140])
    (taken,) = Media(tmp_path).moments("a", [2.0], 16, "frames")
    assert taken is not None and taken[0] == 2.0
    greys = taken[1].mean((1, 2, 3))  # of the 25 frames around
    assert greys[[0, 12, 24]] == pytest.approx([60, 100, 100], abs=6)
    write_frame(tmp_path / "frames" / "a.jpg", (0, 0, 0))
    write_sound(tmp_path / "audio" / "a.wav", [0.1])
    with pytest.raises(DatasetError, match="single frames show no motion"):
        Media(tmp_path).pair("a", 16, "flow")


def test_clips_may_lie_in_the_folder_itself(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mkv", [60, 60])
    assert not Media(tmp_path).cut_out
    assert Media(tmp_path).moments("a", [1.0], 16)[0] is not None


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    write_frame(tmp_path / "frames" / "a.jpg", (0, 0, 0))
    (tmp_path / "audio").mkdir()
    with pytest.raises(MediaError, match=r"audio/a.wav: no such file"):
        Media(tmp_path).pair("a", 16)
    with pytest.raises(MediaError, match=r"frames/b.jpg: no such file"):
        Media(tmp_path).pair("b", 16)
    with pytest.raises(MediaError, match=r"c: no such file"):
        Media(tmp_path).moments("c", [None], 16)


def test_bad_pictures_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sound(tmp_path / "audio" / "a.wav", [0.1])
    picture = tmp_path / "frames" / "a.jpg"
    picture.parent.mkdir()
    for content in (b"", b"no picture", b"GIF89a" + bytes(100)):
        picture.write_bytes(content)
        with pytest.raises(MediaError, match=r"a.jpg: not a picture that can be read"):
            Media(tmp_path).pair("a", 16)
    Image.new("RGB", (400, 300)).save(picture)
    picture.write_bytes(picture.read_bytes()[:-300])  # cut short
    with pytest.raises(MediaError, match=r"a.jpg: not a picture"):
        Media(tmp_path).pair("a", 16)
    monkeypatch.setattr(media, "MOST_PIXELS", 1000)
    write_frame(picture, (0, 0, 0), (40, 30))
    with pytest.raises(MediaError, match=r"a.jpg: a picture of 40 x 30 pixels"):
        Media(tmp_path).pair("a", 16)


def test_bad_or_long_sounds_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_frame(tmp_path / "frames" / "a.png", (0, 0, 0))
    sound = tmp_path / "audio" / "a.wav"
    sound.parent.mkdir()
    sound.write_bytes(b"no sound")
    with pytest.raises(MediaError, match=r"a.wav: not a media file"):
        Media(tmp_path).pair("a", 16)
    monkeypatch.setattr(media, "MOST_SECONDS", 2.0)
    write_sound(sound, [0.1, 0.1, 0.1])
    with pytest.raises(MediaError, match=r"a.wav: it lasts 3 s"):
        Media(tmp_path).pair("a", 16)
