"""Searching by example finds the clip itself, names it a double, tells its moment, and crosses the modalities."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.checkpoints import SHIPPED, Models, load_models
from model.retrieval import ClipIndex
from model.searching import index_folder, number_of, project_of, read_query, search
from model.truth import Segment
from model.video import MediaError
from tests.model.humming import COLOURS, LEFT, hum


@pytest.fixture(scope="module")
def models() -> Models:
    """The shipped networks: to random ones these videos are alike to the last digit."""
    return load_models(SHIPPED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three videos, one of them in a folder within; a text that calls itself a video; a picture."""
    found = tmp_path_factory.mktemp("videos")
    (found / "more").mkdir()
    for number, colour in enumerate(COLOURS):
        name = f"{'more/' if number else ''}{colour}.mp4"
        hum(found, name, [(colour, LEFT)], [Segment(1.0, 3.0, 0)], frame_rate=10)
    (found / "broken.mp4").write_text("no video")
    Image.new("RGB", (8, 8)).save(found / "picture.png")
    return found


@pytest.fixture(scope="module")
def index(folder: Path, models: Models, tmp_path_factory: pytest.TempPathFactory) -> ClipIndex:
    index = ClipIndex(tmp_path_factory.mktemp("index"))
    told: list[tuple[str, bool]] = []
    files = index_folder(
        index, folder, models, progress=lambda path, reason: told.append((path.name, reason is not None))
    )
    assert {path.name for path in files.values()} == {"red.mp4", "green.mp4", "blue.mp4"}
    assert sorted(told) == [("blue.mp4", False), ("broken.mp4", True), ("green.mp4", False), ("red.mp4", False)]
    return index


def found(index: ClipIndex, folder: Path, models: Models, query, **options):
    return search(index, query, project=project_of(folder), version=models.version, **options)


def test_a_video_finds_itself_in_every_direction_and_is_named_a_double(
    index: ClipIndex, folder: Path, models: Models
) -> None:
    file = folder / "red.mp4"
    hits = found(index, folder, models, read_query(file, "video", models), limit=3)
    directions = ["im-im", "im-aud", "aud-im", "aud-aud"]
    assert list(dict.fromkeys(hit.direction for hit in hits)) == directions
    for direction in ("im-im", "aud-aud"):
        first, *others = [hit for hit in hits if hit.direction == direction]
        assert first.task == number_of(file) and first.similarity > 0.99 and first.duplicate
        assert [hit.similarity for hit in others] == sorted((hit.similarity for hit in others), reverse=True)
    best = next(hit for hit in hits if hit.direction == "aud-aud")
    assert 0.5 <= best.time <= 3.0  # it hums from 1 to 3 s


def test_a_picture_is_looked_for_in_pictures_and_sounds(
    index: ClipIndex, folder: Path, models: Models, tmp_path: Path
) -> None:
    pixels = np.full((120, 160, 3), 90, np.uint8)
    pixels[24:84, 10:58] = COLOURS["blue"]
    Image.fromarray(pixels).save(tmp_path / "blue.png")
    query = read_query(tmp_path / "blue.png", "image", models)
    hits = found(index, folder, models, query, limit=1)
    assert [hit.direction for hit in hits] == ["im-im", "im-aud"]
    assert hits[0].task == number_of(folder / "more" / "blue.mp4")
    [only] = found(index, folder, models, query, among="sound", limit=1)
    assert only.direction == "im-aud" and not only.duplicate


def test_a_sound_is_taken_alone(index: ClipIndex, folder: Path, models: Models) -> None:
    query = read_query(folder / "more" / "green.mp4", "audio", models)
    assert not query.image.any()
    [best] = found(index, folder, models, query, among="sound", limit=1)
    assert (best.direction, best.task) == ("aud-aud", number_of(folder / "more" / "green.mp4"))


def test_what_is_changed_is_embedded_again_and_what_is_gone_is_forgotten(
    index: ClipIndex, folder: Path, models: Models, tmp_path: Path
) -> None:
    copy, kept = tmp_path / "copy", ClipIndex(tmp_path / "index")
    shutil.copytree(folder, copy)
    index_folder(kept, copy, models, progress=lambda *_: None)
    before = kept.tasks(project_of(copy), models.version)
    (copy / "red.mp4").unlink()
    shutil.copy(folder / "more" / "blue.mp4", copy / "more" / "green.mp4")
    files = index_folder(kept, copy, models, progress=lambda *_: None)
    after = kept.tasks(project_of(copy), models.version)
    assert set(after) == set(files) == set(before) - {number_of(copy / "red.mp4")}
    changed = {number for number in after if after[number] != before[number]}
    assert changed == {number_of(copy / "more" / "green.mp4")}


def test_what_cannot_be_read_any_more_is_no_longer_found(folder: Path, models: Models, tmp_path: Path) -> None:
    copy, kept = tmp_path / "copy", ClipIndex(tmp_path / "index")
    shutil.copytree(folder, copy)
    index_folder(kept, copy, models, progress=lambda *_: None)
    query = read_query(copy / "red.mp4", "video", models)
    (copy / "red.mp4").write_text("no video any more")
    files = index_folder(kept, copy, models, progress=lambda *_: None)
    assert {path.name for path in files.values()} == {"green.mp4", "blue.mp4"}
    assert {hit.task for hit in found(kept, copy, models, query)} == set(files)


def test_a_silent_file_is_nothing_to_listen_for(folder: Path, models: Models, tmp_path: Path) -> None:
    hum(tmp_path, "silent.mp4", [("red", LEFT)], [], frame_rate=10)
    with pytest.raises(MediaError, match="nothing to look for"):
        read_query(tmp_path / "silent.mp4", "audio", models)
