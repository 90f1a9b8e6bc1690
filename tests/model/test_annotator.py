"""From a file to its annotation, on a scene whose truth is known."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from model.annotator import annotate, annotate_image
from model.boxes import iou
from model.checkpoints import Models, load_models
from model.localization import Region
from model.recording import SAMPLE_RATE
from model.tracks import box_at
from model.truth import Segment
from model.video import MediaError
from tests.model.humming import LEFT, hum
from tests.model.scene import SPANS, Brightness, square_at, write_scene


def test_the_square_is_followed_while_it_sounds_and_only_then(scene: Path, models: Models) -> None:
    shares: list[float] = []
    found = annotate(scene, models, progress=shares.append)
    assert len(found.tracks) == 1
    assert found.reason is None
    np.testing.assert_allclose([(s.start, s.end) for s in found.segments], SPANS, atol=0.06)
    for seconds in np.arange(0, 4, 0.1):
        box = box_at(found.tracks[0], seconds)
        if any(start + 0.06 < seconds < end - 0.06 for start, end in SPANS):
            assert box is not None
            assert iou(box, square_at(seconds)) > 0.7
        elif not any(start - 0.06 < seconds < end + 0.06 for start, end in SPANS):
            assert box is None
    assert found.tracks[0].score > 0.8
    assert found.score is not None and 0.0 < found.score < found.tracks[0].score  # all of it right is less likely
    assert shares[-1] == 1.0


def test_maps_and_embeddings_come_with_it(scene: Path, models: Models) -> None:
    found = annotate(scene, models)
    assert found.maps.shape == (20, 14, 14)
    assert found.maps.min() >= 0
    assert found.maps.max() <= 1
    heard = np.array([any(a <= t < b for a, b in found.sounding) for t in found.times])
    assert (found.maps.max(axis=(1, 2)) > 0).tolist() == heard.tolist()
    for embedding in (found.image_embedding, found.sound_embedding):
        assert embedding.shape == (128,)
        assert embedding.dtype == np.float32
        assert np.linalg.norm(embedding) == pytest.approx(1.0, abs=1e-5)


def test_a_sound_that_nothing_in_the_picture_explains(scene: Path, models: Models) -> None:
    found = annotate(scene, replace(models, avol=Brightness(bias=-12.0).eval()))
    assert found.tracks == []
    assert found.segments == []
    assert found.reason.startswith("nothing in the picture explains the sound")
    assert found.score > 0.9  # sure that nothing in view sounds


def test_files_with_nothing_to_find_say_why(tmp_path: Path, models: Models) -> None:
    silent = annotate(write_scene(tmp_path / "silent.mp4", level=0.0), models)
    assert (silent.tracks, silent.reason, silent.score) == ([], "silent throughout", 1.0)
    mute = annotate(write_scene(tmp_path / "mute.mp4", sound=False), models)
    assert (mute.tracks, mute.reason) == ([], "no sound: the file has no audio track")
    assert not mute.sound_embedding.any()
    dark = annotate(write_scene(tmp_path / "dark.mp4", picture=False), models)
    assert (dark.tracks, dark.score) == ([], None)
    assert dark.reason.startswith("no picture")
    assert np.linalg.norm(dark.sound_embedding) == pytest.approx(1.0, abs=1e-5)
    assert not dark.image_embedding.any()


def test_a_clip_of_one_frame_is_annotated(tmp_path: Path, models: Models) -> None:
    path = tmp_path / "frame.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[16:48, 16:48] = 255
        container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        wave = 0.3 * np.sin(np.arange(SAMPLE_RATE // 25) / 5).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    found = annotate(path, models)
    assert len(found.tracks) == 1
    assert iou(found.tracks[0].keyframes[0].box, (0.25, 0.25, 0.75, 0.75)) > 0.5


def test_a_file_that_cannot_be_opened_is_one_sentence(tmp_path: Path, models: Models) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video" * 100)
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        annotate(broken, models)


def test_every_odd_file_is_annotated_or_refused_in_a_sentence(shared_media: Path, untrained_version: Path) -> None:
    models = load_models(untrained_version)
    opened = 0
    for path in sorted((shared_media / "odd").iterdir()):
        try:
            found = annotate(path, models, rate=1.0)
        except MediaError as error:
            assert path.name in str(error)
            assert "\n" not in str(error)
        else:
            opened += 1
            assert bool(found.tracks) != bool(found.reason), path.name
    assert opened > 40


def test_a_picture_is_asked_about_another_sound(tmp_path: Path, scene: Path, models: Models) -> None:
    silent = write_scene(tmp_path / "silent.mp4", level=0.0)
    found = annotate(silent, models, query=scene)
    assert len(found.tracks) == 1
    assert (found.segments, found.reason) == ([], None)
    assert "would make that sound" in found.tracks[0].reason
    box = box_at(found.tracks[0], 2.3)  # the square is in view, and asked about, the whole time
    assert box is not None
    assert iou(box, square_at(2.3)) > 0.7
    with pytest.raises(MediaError, match=r"silent\.mp4: nothing is heard"):
        annotate(scene, models, query=silent)


def test_what_was_asked_about_is_what_a_clip_and_its_tracks_are_known_by(
    tmp_path: Path, scene: Path, models: Models
) -> None:
    for colour in ("red", "blue"):
        hum(tmp_path, f"{colour}.mp4", [(colour, LEFT)], [Segment(1.0, 3.0, 0)])
        sound = annotate(tmp_path / f"{colour}.mp4", models).sound_embedding
        found = annotate(scene, models, query=tmp_path / f"{colour}.mp4")
        np.testing.assert_allclose(found.sound_embedding, sound, atol=1e-5)
        assert len(found.tracks) == 1
        np.testing.assert_allclose(found.track_embeddings[:, 1], [sound], atol=1e-5)


def test_a_still_picture_and_a_sound(tmp_path: Path, scene: Path, models: Models) -> None:
    pixels = np.zeros((120, 160, 3), np.uint8)
    pixels[30:90, 40:80] = 255
    Image.fromarray(pixels).save(tmp_path / "square.png")
    found = annotate_image(tmp_path / "square.png", scene, models)
    assert (found.width, found.height, found.reason) == (160, 120, None)
    assert iou(found.regions[0].box, (0.25, 0.25, 0.5, 0.75)) > 0.6
    assert found.heatmap.shape == (14, 14)
    with pytest.raises(MediaError, match=r"scene\.mp4: not a picture"):
        annotate_image(scene, scene, models)


def test_every_region_of_a_picture_has_to_be_right(
    tmp_path: Path, scene: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = [Region((0.1, 0.1, 0.3, 0.3), 0.9, (0.2, 0.2)), Region((0.6, 0.6, 0.8, 0.8), 0.8, (0.7, 0.7))]
    monkeypatch.setattr("model.annotator.regions", lambda *_: two)
    Image.new("RGB", (160, 120)).save(tmp_path / "two.png")
    assert annotate_image(tmp_path / "two.png", scene, models).score == pytest.approx(0.72)


def test_moments_and_tracks_are_embedded(scene: Path, models: Models) -> None:
    found = annotate(scene, models)
    times = [moment.time for moment in found.moments]
    assert times == sorted(times) and max(np.diff(times)) <= 1.0
    for moment in found.moments:
        heard = any(start <= moment.time < end for start, end in found.sounding)
        assert moment.sound.any() == heard
        assert np.linalg.norm(moment.image) == pytest.approx(1.0, abs=1e-5)
    assert found.track_embeddings.shape == (1, 2, 128)
    np.testing.assert_allclose(np.linalg.norm(found.track_embeddings, axis=-1), 1.0, atol=1e-5)


def test_a_sound_alone_has_moments_at_the_same_times(tmp_path: Path, scene: Path, models: Models) -> None:
    seen = annotate(scene, models).moments
    heard = annotate(write_scene(tmp_path / "dark.mp4", picture=False), models).moments
    times = [moment.time for moment in seen]
    assert [moment.time for moment in heard][: len(times)] == times
    for one, other in zip(heard, seen, strict=False):
        assert not one.image.any()
        np.testing.assert_allclose(one.sound, other.sound, atol=1e-4)
