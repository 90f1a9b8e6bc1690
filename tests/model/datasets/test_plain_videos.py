from pathlib import Path

import pytest

from model.datasets import plain_videos
from model.datasets.plain_videos import PlainVideos
from model.video import MediaError
from tests.model.datasets.published import level, write_clip, write_frame


def test_a_video_is_sampled_once_a_second_with_its_sound(tmp_path: Path) -> None:
    write_clip(tmp_path / "b.mp4", [20, 60, 100])
    (tmp_path / "notes.txt").touch()
    dataset = PlainVideos(tmp_path)
    assert [dataset.name(number) for number in range(len(dataset))] == ["b.mp4"]
    excerpt = dataset.load(0, 16)
    assert [sample.time for sample in excerpt.samples] == [1.0, 2.0]
    assert all(not sample.sounding and not sample.boxes for sample in excerpt.samples)
    assert excerpt.frames.mean((1, 2, 3)) == pytest.approx([60, 100], abs=6)
    assert excerpt.seconds.shape == (2, 48_000)
    assert 0.04 < level(excerpt.seconds[0]) < 0.12  # half of it of the first second, half of the next


def test_a_long_video_has_no_more_moments_than_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_videos, "MOST_MOMENTS", 3)
    write_clip(tmp_path / "a.mp4", [20] * 8)
    assert [sample.time for sample in PlainVideos(tmp_path).load(0, 16).samples] == [1.0, 4.0, 7.0]


def test_what_cannot_be_paired_is_named(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.png", (0, 0, 0))
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").touch()
    dataset = PlainVideos(tmp_path)
    for number, name in enumerate(("a.mp4", "b.mp4")):
        with pytest.raises(MediaError, match=name):
            dataset.load(number, 16)
