from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.annotator import Annotation, ImageAnnotation, annotate
from model.checkpoints import Models
from model.localization import Region
from model.overlay import draw_frame, draw_picture, write_overlay
from model.tracks import box_at
from model.video import MediaError, decode, probe
from tests.model.scene import HEIGHT, SPANS, WIDTH, write_scene


@pytest.fixture(scope="module")
def annotation(scene: Path, models: Models) -> Annotation:
    return annotate(scene, models)


def test_the_overlay_is_a_video_of_the_same_length_rate_and_sound(
    scene: Path, annotation: Annotation, tmp_path: Path
) -> None:
    target = tmp_path / "overlay.mp4"
    write_overlay(scene, annotation, target)
    before, after = probe(scene), probe(target)
    assert after.frame_rate == before.frame_rate
    assert after.duration == pytest.approx(before.duration, abs=0.1)
    assert after.width == WIDTH
    assert after.height > HEIGHT  # the strip
    assert list(tmp_path.iterdir()) == [target]
    source, drawn = (decode(path, rate=5, size=None) for path in (scene, target))
    quiet, loud = slice(24_000 * 4, 24_000 * 5), slice(48_000, 72_000)
    assert np.abs(drawn.audio[loud]).max() == pytest.approx(np.abs(source.audio[loud]).max(), rel=0.1)
    assert np.abs(drawn.audio[quiet]).max() < 0.02
    sounding, still = round(1.2 * 5), round(2.4 * 5)
    assert coloured(drawn.frames[sounding][:HEIGHT]) > 0.03
    assert coloured(drawn.frames[still][:HEIGHT]) == 0.0


def coloured(frame: np.ndarray) -> float:
    """Share of a frame's pixels that are not grey; the scene itself is black and white."""
    values = frame.astype(int)
    return float(np.mean(values.max(axis=2) - values.min(axis=2) > 40))


def test_the_outline_lies_on_the_box_and_heat_inside_it(annotation: Annotation) -> None:
    seconds = (SPANS[0][0] + SPANS[0][1]) / 2
    frame = np.zeros((HEIGHT * 4, WIDTH * 4, 3), np.uint8)
    drawn = np.asarray(draw_frame(frame, annotation, seconds)).astype(int)
    x1, y1, x2, y2 = box_at(annotation.tracks[0], seconds)
    middle = round((x1 + x2) / 2 * WIDTH * 4), round((y1 + y2) / 2 * HEIGHT * 4)
    left = drawn[middle[1], round(x1 * WIDTH * 4) + 1]
    assert left[1] > 150 > left[0]  # turquoise
    assert drawn[middle[1], middle[0], 0] > 60  # the heat's reds and yellows
    assert drawn[-8:, :40].max() == 0  # nothing where nothing sounds


def test_nothing_is_drawn_on_a_frame_in_silence(annotation: Annotation) -> None:
    frame = np.full((60, 80, 3), 7, np.uint8)
    assert (np.asarray(draw_frame(frame, annotation, 2.4)) == 7).all()


def test_a_clip_without_tracks_or_sound_is_drawn_all_the_same(tmp_path: Path, models: Models) -> None:
    source = write_scene(tmp_path / "mute.mp4", sound=False)
    write_overlay(source, annotate(source, models), tmp_path / "overlay.mp4")
    info = probe(tmp_path / "overlay.mp4")
    assert info.has_picture
    assert not info.has_audio


def test_a_file_without_a_picture_is_refused_and_leaves_nothing(
    tmp_path: Path, models: Models, annotation: Annotation
) -> None:
    source = write_scene(tmp_path / "dark.mp4", picture=False)
    with pytest.raises(MediaError, match="no picture"):
        write_overlay(source, annotate(source, models), tmp_path / "overlay.mp4")
    claimed = replace(annotation, info=replace(annotation.info, has_picture=True))
    with pytest.raises(MediaError, match="no frame"):
        write_overlay(source, claimed, tmp_path / "overlay.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["dark.mp4"]


def test_a_still_picture_has_its_heat_and_boxes_too() -> None:
    heat = np.zeros((14, 14), np.float32)
    heat[4:7, 4:7] = 0.9
    region = Region((0.25, 0.25, 0.5, 0.5), 0.9, (0.4, 0.4))
    nothing = np.zeros(128, np.float32)
    plain = np.full((120, 160, 3), 40, np.uint8)
    found = ImageAnnotation(160, 120, [region], heat, 0.9, None, nothing, nothing)
    drawn = np.asarray(draw_picture(plain, found)).astype(int)
    assert drawn.shape == plain.shape
    assert (drawn[40:50, 60:70] != 40).any()
    assert (drawn[100:, 120:] == 40).all()
