"""Exporting: where videos go, what is replaced, and what evaluation makes of it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from backend.media import FetchError
from label_config import read_config, template
from model.datasets import open_dataset
from tests.label_config.configs import QUERY
from tests.training_jobs.test_comparison import box, choice, keyframe, segment
from training_jobs.accepted import Accepted, gather
from training_jobs.export_formats import FORMATS, Example
from training_jobs.exporting import CARD, ExportError, export, split_of

CONFIG = read_config(template(["bell", "drum"]).replace('frameRate="25"', 'frameRate="10"'))
STANDING = box("b", keyframe(1, 40))
SHARES = (0.8, 0.1, 0.1)


@pytest.fixture
def clips(sounding_clip: Path, tmp_path: Path) -> list[Path]:
    """Clips that differ in nothing but a few bytes that no decoder reads."""
    folder = tmp_path / "media"
    folder.mkdir()
    found = []
    for number in range(6):
        found.append(folder / f"clip {number}.mp4")
        # A box of the container that everyone passes over.
        found[-1].write_bytes(sounding_clip.read_bytes() + b"\x00\x00\x00\x0cfree" + number.to_bytes(4))
    return found


def accepted(clips: list[Path], *result: dict[str, Any]) -> list[Accepted]:
    tasks = [
        {"id": number, "data": {"video": str(path)}, "annotations": [{"id": number, "result": list(result)}]}
        for number, path in enumerate(clips, 1)
    ]
    return gather(tasks, CONFIG, Path)[0]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_video_stays_in_its_split_as_others_come_and_go(clips: list[Path], tmp_path: Path) -> None:
    keys = [f"{number:020x}" for number in range(2000)]
    chosen = [split_of(key, SHARES, 0) for key in keys]
    assert [round(chosen.count(split) / 2000, 1) for split in ("train", "validation", "test")] == list(SHARES)
    assert chosen == [split_of(key, SHARES, 0) for key in keys]
    assert chosen != [split_of(key, SHARES, 1) for key in keys]
    assert {split_of(key, (0.0, 0.0, 1.0), 0) for key in keys} == {"test"}
    few, all_ = tmp_path / "few", tmp_path / "all"
    export(accepted(clips[2:4], STANDING), few, "coco-video", shares=(0.4, 0.3, 0.3))
    export(accepted(clips, STANDING), all_, "coco-video", shares=(0.4, 0.3, 0.3))
    places = [
        {path.stem.rpartition("_")[0]: path.parts[-3] for path in folder.rglob("*.mp4")} for folder in (few, all_)
    ]
    assert places[0].items() <= places[1].items()
    assert len(set(places[1].values())) > 1


def test_vggss_is_read_by_evaluation_as_it_was_annotated(clips: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    exported = export(accepted(clips, STANDING, choice("bell")), out, "vggss", shares=(0, 0, 1))
    assert exported.videos == {"train": 0, "validation": 0, "test": 6}
    dataset = open_dataset(out / "test")
    assert len(dataset) == 6 and dataset.skipped == []
    for number in range(6):
        excerpt = dataset.load(number, 64)
        [sample] = excerpt.samples
        assert sample.time == 1.0 and sample.classes == ("bell",)
        assert sample.sounding_boxes == [pytest.approx((0.4, 0.2, 0.6, 0.6))]
        assert excerpt.seconds.any()


def test_only_the_clips_class_names_what_sounds(clips: list[Path]) -> None:
    quality = {"id": "q", "from_name": "quality", "to_name": "video", "type": "choices", "value": {"choices": ["poor"]}}
    generic = box("b", keyframe(1, 40), label="sounding object")
    for result, label in (([generic, quality, choice("drum")], "drum"), ([generic, quality], "sounding object")):
        [one] = accepted(clips[:1], *result)
        assert one.label_of(one.regions.boxes[0]) == label


def test_a_label_that_leaves_no_choice_is_the_class_only_where_nothing_is_chosen(clips: list[Path]) -> None:
    config = read_config(template(["dog", "cat"]).replace("sounding object", "object"))
    generic, heard = box("b", keyframe(1, 40), label="object"), segment("s", 1, 10)
    for result, label in (([generic, heard, choice("dog")], "dog"), ([generic, heard], "object")):
        task = {"id": 1, "data": {"video": str(clips[0])}, "annotations": [{"id": 1, "result": result}]}
        [one], _ = gather([task], config, Path)
        assert one.label_of(one.regions.boxes[0]) == label
        [row] = FORMATS["segments-csv"]([Example(one, "train", "clip.mp4")]).texts["segments.csv"].splitlines()[1:]
        assert row.split(",")[3] == label


def test_a_neutral_label_names_nothing_under_its_alias_either(clips: list[Path]) -> None:
    config = read_config(template(["dog", "cat"]).replace('object"', 'object" alias="it"/><Label value="cat"'))
    task = {"id": 1, "data": {"video": str(clips[0])}, "annotations": [{"id": 1, "result": []}]}
    task["annotations"][0]["result"] = [box("b", keyframe(1, 40), label="it"), choice("dog")]
    [one], _ = gather([task], config, Path)
    assert one.label_of(one.regions.boxes[0]) == "dog"


def test_an_earlier_export_is_replaced_and_nothing_else(clips: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(accepted(clips, STANDING), out, "coco-video", shares=(1, 0, 0))
    (out / "train" / "notes.txt").write_text("mine")
    export(accepted(clips[:2], STANDING), out, "vggss", shares=(1, 0, 0))
    media = {name for name in files(out) if name.endswith(".mp4")}
    assert len(media) == 2
    assert files(out) - media == {CARD, "media.csv", "train/vggss.json", "train/notes.txt"}
    card = json.loads((out / CARD).read_text())
    assert (card["format"], card["videos"]["train"]) == ("vggss", 2)
    export(accepted(clips[:1], STANDING), out, "segments-csv", media=False)
    assert files(out) == {CARD, "media.csv", "segments.csv", "train/notes.txt"}


def test_the_sound_that_a_video_was_asked_about_lies_beside_it(clips: list[Path], tmp_path: Path) -> None:
    config = read_config(QUERY)
    tasks = [
        {
            "id": 1,
            "data": {"video": str(clips[0]), "query": str(clips[1])},
            "annotations": [{"id": 1, "result": [STANDING]}],
        },
        {"id": 2, "data": {"video": str(clips[2]), "query": "gone"}, "annotations": [{"id": 2, "result": [STANDING]}]},
    ]

    def fetch(url: str) -> Path:
        if url == "gone":
            raise FetchError("gone cannot be fetched.")
        return Path(url)

    found, left_out = gather(tasks, config, fetch)
    assert [(one.task, one.reason) for one in left_out] == [(2, "gone cannot be fetched.")]
    out = tmp_path / "out"
    export(found, out, "coco-video", shares=(1, 0, 0))
    [row] = csv.DictReader((out / "media.csv").read_text().splitlines())
    assert (out / row["file"]).read_bytes() == clips[0].read_bytes()
    assert (out / row["sound"]).read_bytes() == clips[1].read_bytes()
    assert row["sound_source"] == str(clips[1])
    export(found, out, "coco-video", media=False)
    assert not [name for name in files(out) if name.endswith(".mp4")]


def test_another_folder_is_left_alone(clips: list[Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    for place in (tmp_path / "out", tmp_path / "out" / "thesis.txt"):
        with pytest.raises(ExportError, match="name a"):
            export(accepted(clips[:1], STANDING), place, "coco-video")
    assert files(tmp_path / "out") == {"thesis.txt"}


def test_a_card_that_names_files_elsewhere_removes_none(clips: list[Path], tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / CARD).write_text(json.dumps({"files": ["../mine.txt", str(mine), "gone.txt"]}))
    export(accepted(clips[:1], STANDING), out, "coco-video")
    assert mine.read_text() == "mine"


def test_a_killed_export_is_gone_on_with(clips: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training_jobs import exporting

    out = tmp_path / "out"
    place = exporting.place_media

    def dies(source: Path, target: Path) -> None:
        if "clip-3" in target.name:
            raise KeyboardInterrupt
        place(source, target)

    monkeypatch.setattr(exporting, "place_media", dies)
    with pytest.raises(KeyboardInterrupt):
        export(accepted(clips, STANDING), out, "coco-video", shares=(1, 0, 0))
    monkeypatch.setattr(exporting, "place_media", place)
    export(accepted(clips[:1], STANDING), out, "coco-video", shares=(1, 0, 0))
    assert sum(name.endswith(".mp4") for name in files(out)) == 1
    assert not [name for name in files(out) if name.endswith(".part")]


def test_nothing_to_write_is_told(clips: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no box in the middle"):
        export(accepted(clips[:1]), tmp_path / "out", "vggss")
    assert not (tmp_path / "out").exists()
