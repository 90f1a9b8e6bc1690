"""The clip cache: what goes in comes out, and bad videos stay outside."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.clips import ClipCache, fill, media_key, videos_in
from model.video import MediaError
from tests.model.test_video import write_video


def test_a_clip_comes_back_as_it_was_decoded(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path / "cache", size=32)
    clip = cache.load(cache.add(write_video(tmp_path / "a.mp4", click=0.5)))
    assert clip.frames.shape == (10, 32, 32, 3)
    np.testing.assert_allclose(clip.frames[:, 20:].mean((1, 2, 3)), 10 * np.arange(10) + 16, atol=2.5)  # JPEG
    loud = np.flatnonzero(np.abs(clip.audio.astype(int)) > 8000) / 48_000
    assert abs(loud[0] - 0.5) < 0.01


def test_the_key_is_the_content(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.mp4", click=0.5)
    second = tmp_path / "b.mp4"
    second.write_bytes(first.read_bytes())
    assert media_key(first) == media_key(second) != media_key(write_video(tmp_path / "c.mp4", click=0.6))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_bad_video_is_named_and_passed_over(tmp_path: Path, processes: int) -> None:
    (tmp_path / "b.mp4").write_bytes(b"broken")
    write_video(tmp_path / "a.mp4")
    write_video(tmp_path / "c.mp4", click=None)
    (tmp_path / "d.mp4").symlink_to(tmp_path / "nowhere")
    reasons: dict[str, str | None] = {}
    cache = ClipCache(tmp_path / "cache", size=32)
    keys = fill(
        cache, videos_in(tmp_path), processes=processes, on_done=lambda path, why: reasons.update({path.name: why})
    )
    assert keys == [media_key(tmp_path / "a.mp4")]
    assert reasons["a.mp4"] is None and "b.mp4" in str(reasons["b.mp4"]) and "sound" in str(reasons["c.mp4"])
    assert "d.mp4" in str(reasons["d.mp4"])


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("[]")
    with pytest.raises(MediaError, match="no video"):
        videos_in(tmp_path)
    with pytest.raises(MediaError, match="no such folder"):
        videos_in(tmp_path / "nowhere")


def test_an_unknown_clip_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="feed"):
        ClipCache(tmp_path).load("feed")


def test_the_files_layout_is_fixed_as_caches_outlive_versions(tmp_path: Path) -> None:
    jpeg = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 100, 50)).save(jpeg, "JPEG")
    with zipfile.ZipFile(tmp_path / "feed-32.zip", "w") as archive:
        archive.writestr("000000.jpg", jpeg.getvalue())
        archive.writestr("audio.pcm", np.arange(48_000, dtype="<i2").tobytes())
        archive.writestr("clip.json", '{"frames": 1, "size": 32}')
    clip = ClipCache(tmp_path, size=32).load("feed")
    np.testing.assert_allclose(clip.frames[0, 16, 16], (200, 100, 50), atol=3)
    assert clip.audio[1234] == 1234 and clip.steps.tolist() == [0]
