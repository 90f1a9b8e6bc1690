"""The formats of an export, read again as their readers do."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from label_config import KINDS, read_config, template
from label_config.regions import read_regions
from model.video import MediaInfo
from tests.training_jobs.test_comparison import box, choice, keyframe, segment
from training_jobs.accepted import Accepted, gather
from training_jobs.export_formats import FORMATS, Example, Written

UNNAMED = {kind: read_config(template()).neutral(kind) for kind in KINDS}
INFO = MediaInfo(10.0, 200, 100, 25.0, has_picture=True, has_audio=True)


def example(
    *result: dict[str, Any], task: int = 1, split: str = "train", info: MediaInfo = INFO, sound: str | None = None
) -> Example:
    """An annotation counted at 10 frames a second, on a file of 25."""
    path = Path("clip.mp4")
    regions = read_regions(result, 10.0)
    accepted = Accepted(task, "/data/upload/1/clip.mp4", path, "0" * 20, info, 10.0, regions, UNNAMED, sound)
    return Example(accepted, split, f"clip-00000000_{task:06d}.mp4", sound and Path(sound).name)


def document(written: Written, name: str) -> Any:
    return json.loads(written.texts[name])


def rows(written: Written) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.texts["segments.csv"])))[1:]


MOVING = box("b", keyframe(1, 0), keyframe(100, 80, enabled=False))
AT_REST = box("r", keyframe(1, 10), keyframe(20, 10, enabled=False), label="drum")


def test_vggss_has_the_boxes_of_the_middle_frame() -> None:
    written = FORMATS["vggss"]([example(MOVING, AT_REST)])
    [entry] = document(written, "train/vggss.json")
    assert (entry["file"], entry["class"]) == ("clip-00000000_000001", "bell")
    # 5 s is frame 51: half of the way; the other box is gone by then.
    assert entry["bbox"] == [pytest.approx([0.8 * 50 / 99, 0.2, 0.8 * 50 / 99 + 0.2, 0.6], abs=1e-6)]


def test_vggss_has_one_class_a_video_and_only_its_boxes() -> None:
    bee = box("r", keyframe(1, 10), label="bee")
    generic = box("g", keyframe(1, 60), label="sounding object")
    written = FORMATS["vggss"](
        [
            example(MOVING, bee, choice("bee")),
            example(MOVING, bee, box("n", keyframe(1, 50)), task=2),
            example(MOVING, generic, choice("bell"), task=3),
            example(MOVING, choice("guitar"), task=4),
        ]
    )
    entries = document(written, "train/vggss.json")
    assert [(entry["class"], len(entry["bbox"])) for entry in entries] == [
        ("bee", 1),
        ("bell", 2),
        ("bell", 2),
        ("bell", 1),
    ]
    assert entries[0]["bbox"] == [pytest.approx([0.1, 0.2, 0.3, 0.6])]
    assert [one.task for one in written.left_out] == [1, 2]
    assert 'its boxes of "bell"' in written.left_out[0].reason


def test_vggss_leaves_out_what_has_no_box_in_the_middle() -> None:
    written = FORMATS["vggss"]([example(AT_REST), example(task=2)])
    assert [one.task for one in written.left_out] == [1, 2] and written.used == []
    assert "no box in the middle" in written.left_out[0].reason


def test_coco_video_has_a_box_or_none_for_each_frame_of_the_file() -> None:
    generic = box("g", keyframe(11, 50), keyframe(20, 50, enabled=False), label="sounding object")
    written = FORMATS["coco-video"]([example(generic, AT_REST, choice("bell"), split="test"), example(task=2)])
    told = document(written, "test/annotations.json")
    [video] = told["videos"]
    assert (video["length"], video["fps"], video["width"], video["height"]) == (250, 25, 200, 100)
    names = {category["id"]: category["name"] for category in told["categories"]}
    first, second = told["annotations"]
    assert (first["instance_id"], second["instance_id"]) == (1, 2)
    assert (names[first["category_id"]], names[second["category_id"]]) == ("bell", "drum")
    for one in (first, second):
        assert len(one["bboxes"]) == len(one["areas"]) == 250
    # Label Studio's frames 11 to 20 at 10 a second are 1 to 2 s, which are frames 25 to 49 of the file.
    assert [frame for frame, shown in enumerate(first["bboxes"]) if shown] == list(range(25, 50))
    assert first["bboxes"][30] == [100, 20, 40, 40] and first["areas"][30] == 1600
    # A video in which nothing sounds is an example too.
    assert document(written, "train/annotations.json")["annotations"] == []


def test_a_category_has_the_same_id_in_every_split() -> None:
    written = FORMATS["coco-video"]([example(AT_REST), example(MOVING, task=2, split="test")])
    train, test = (document(written, f"{split}/annotations.json") for split in ("train", "test"))
    assert train["categories"] == test["categories"]
    assert [category["name"] for category in train["categories"]] == ["bell", "drum"]
    assert (train["annotations"][0]["category_id"], test["annotations"][0]["category_id"]) == (2, 1)


def test_only_an_annotation_that_says_nothing_says_that_nothing_sounds() -> None:
    no_picture = MediaInfo(10.0, 0, 0, 0.0, has_picture=False, has_audio=True)
    no_boxes = example(task=5)
    no_boxes = replace(no_boxes, accepted=replace(no_boxes.accepted, takes_boxes=False))
    examples = [
        example(task=1),
        example(choice("dog"), task=2),
        example(segment("s", 1, 20), task=3),
        example(task=4, info=no_picture),
        no_boxes,
    ]
    written = FORMATS["coco-video"](examples)
    told = document(written, "train/annotations.json")
    assert [video["task"] for video in told["videos"]] == [1] and told["annotations"] == []
    assert [one.accepted.task for one in written.used] == [1]
    assert [one.task for one in written.left_out] == [2, 3, 4, 5]
    assert "no box that says where" in written.left_out[0].reason
    assert "labelling config draws no boxes" in written.left_out[3].reason


def test_segments_come_from_time_segments_or_else_from_boxes() -> None:
    sounds = {"id": "a", "type": "labels", "value": {"start": 1.5, "end": 2.25, "labels": ["bark"]}}
    written = FORMATS["segments-csv"](
        [
            example(segment("s", 11, 20), segment("t", 31, 40), choice("dog")),
            example(sounds, task=2, split="validation"),
            example(AT_REST, task=3),
            example(choice("dog"), task=4),
        ]
    )
    assert rows(written) == [
        ["train/videos/clip-00000000_000001.mp4", "1.000", "2.000", "dog", "train"],
        ["train/videos/clip-00000000_000001.mp4", "3.000", "4.000", "dog", "train"],
        ["validation/videos/clip-00000000_000002.mp4", "1.500", "2.250", "bark", "validation"],
        ["train/videos/clip-00000000_000003.mp4", "0.000", "2.000", "drum", "train"],
    ]
    assert [one.task for one in written.left_out] == [4]


def test_a_segment_that_names_nothing_is_called_by_the_boxes_that_are_there_meanwhile() -> None:
    gone_at_2s = box("r", keyframe(1, 10), keyframe(20, 10, enabled=False), label="drum")
    from_1s = box("l", keyframe(11, 60), label="bell")
    generic = box("g", keyframe(1, 30), label="sounding object")
    written = FORMATS["segments-csv"](
        [
            example(gone_at_2s, from_1s, segment("s", 1, 30), choice("band")),
            example(generic, segment("s", 1, 30), choice("band"), task=2),
        ]
    )
    assert [row[1:4] for row in rows(written)] == [
        ["0.000", "2.000", "drum"],
        ["1.000", "3.000", "bell"],
        ["0.000", "3.000", "band"],
    ]


def test_two_sources_whose_segments_overlap_have_a_row_each() -> None:
    train = box("t", keyframe(3, 0), keyframe(31, 0, enabled=False), label="train")
    bee = box("b", keyframe(30, 60), keyframe(60, 60, enabled=False), label="bee")
    written = FORMATS["segments-csv"]([example(train, bee, segment("s", 3, 31), segment("u", 30, 60))])
    assert [row[1:4] for row in rows(written)] == [["0.200", "3.100", "train"], ["2.900", "6.000", "bee"]]


def test_rows_of_a_label_are_the_union_of_its_times() -> None:
    heard = {"id": "a", "type": "labels", "value": {"start": 0.0, "end": 2.02, "labels": ["sounding"]}}
    inside = {"id": "b", "type": "labels", "value": {"start": 1.0, "end": 2.0, "labels": ["sounding"]}}
    written = FORMATS["segments-csv"]([example(segment("s", 1, 20), heard, inside, segment("t", 51, 60))])
    assert [row[1:4] for row in rows(written)] == [["0.000", "2.020", "sounding"], ["5.000", "6.000", "sounding"]]


def test_a_video_asked_about_another_sound_says_nothing_of_its_own() -> None:
    asked = example(MOVING, sound="/data/upload/1/bell.wav")
    for name in ("segments-csv", "vggss"):
        written = FORMATS[name]([asked])
        assert written.used == [] and "another sound" in written.left_out[0].reason
    [video] = document(FORMATS["coco-video"]([asked]), "train/annotations.json")["videos"]
    assert video["sound"] == "sounds/bell.wav"


def test_an_image_fits_where_no_time_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (300, 200)).save(path)
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["bell"]}
    result = [{"id": "i", "type": "rectanglelabels", "value": value}]
    task = {"id": 5, "data": {"video": str(path)}, "annotations": [{"id": 1, "result": result}]}
    [one], _ = gather([task], read_config(template()), Path)
    still = Example(one, "train", "photo-0_000005.png")
    told = document(FORMATS["coco-video"]([still]), "train/annotations.json")
    assert told["videos"][0]["length"] == 1
    assert told["annotations"][0]["bboxes"] == [[30, 40, 90, 80]]
    for form in ("vggss", "segments-csv"):
        written = FORMATS[form]([still])
        assert written.used == [] and "image" in written.left_out[0].reason


def test_a_recorded_annotation_is_written_in_every_format(shared_label_studio: Path) -> None:
    recorded = json.loads(
        (shared_label_studio / "payloads" / "webhook_ANNOTATION_CREATED_ui_submit_from_prediction.json").read_text()
    )["body"]["annotation"]["result"]
    info = MediaInfo(6.0, 320, 240, 25.0, has_picture=True, has_audio=True)
    regions = read_regions(recorded, 25)
    accepted = Accepted(47, "/data/upload/1/v25.mp4", Path("v25.mp4"), "1" * 20, info, 25.0, regions, UNNAMED)
    one = Example(accepted, "train", "v25_000047.mp4")
    [entry] = document(FORMATS["vggss"]([one]), "train/vggss.json")
    # At 3 s, frame 76, the dog has just gone (75 is its last frame) and the car stands.
    assert entry == {"file": "v25_000047", "class": "car", "bbox": [[0.75, 0.1, 0.90625, 0.25]]}
    told = document(FORMATS["coco-video"]([one]), "train/annotations.json")
    dog = told["annotations"][0]
    drawn = [frame for frame, shown in enumerate(dog["bboxes"]) if shown]
    assert drawn == [*range(75), *range(100, 150)]
    assert dog["bboxes"][0] == [20.0, 100.0, 40.0, 40.0]
    assert [row[1:4] for row in rows(FORMATS["segments-csv"]([one]))] == [
        ["1.000", "3.000", "bark"],
        ["4.000", "5.000", "music"],
    ]
