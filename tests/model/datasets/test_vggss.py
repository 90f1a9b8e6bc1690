import json
from pathlib import Path
from typing import Any

import pytest

from model.datasets import DatasetError
from model.datasets.vggss import FILE, VGGSS
from model.video import MediaError
from tests.model.datasets.published import level, write_clip, write_frame, write_sound


def listed(folder: Path, *entries: Any) -> VGGSS:
    (folder / FILE).write_text(json.dumps(entries))
    return VGGSS(folder)


def entry(file: str, *boxes: list[float], name: str = "dog barking") -> dict[str, Any]:
    return {"file": file, "class": name, "bbox": list(boxes)}


def test_the_middle_of_a_whole_clip_carries_all_boxes(tmp_path: Path) -> None:
    write_clip(tmp_path / "videos" / "zpWuikVorYg_000032.mp4", [20, 60, 100, 140, 180])
    dataset = listed(tmp_path, entry("zpWuikVorYg_000032", [0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 1.2, 1.0]))
    assert len(dataset) == 1
    excerpt = dataset.load(0, 16)
    (sample,) = excerpt.samples
    assert sample.sounding_boxes == [(0.1, 0.2, 0.5, 0.6), (0.5, 0.5, 1.0, 1.0)]
    assert sample.sounding_classes == sample.visible_classes == {"dog barking"}
    assert sample.time == 2.5
    assert sample.localized and sample.steady and sample.votes == 1
    assert excerpt.frames.shape == (1, 16, 16, 3)
    assert excerpt.frames.mean() == pytest.approx(100, abs=6)
    assert level(excerpt.seconds[0]) == pytest.approx(0.2, rel=0.15)


def test_frames_and_sounds_that_were_cut_out_are_read_instead(tmp_path: Path) -> None:
    for name, colour in (("aaaaaaaaaaa_000001", 50), ("aaaaaaaaaaa_000020", 150), ("b-b_bbbbbbb_000001", 250)):
        write_frame(tmp_path / "frames" / f"{name}.jpg", (colour,) * 3)
        write_sound(tmp_path / "audio" / f"{name}.wav", [0.1, 0.3, 0.1])
    box = [0.0, 0.0, 0.5, 0.5]
    names = ["aaaaaaaaaaa_000001", "aaaaaaaaaaa_000020", "b-b_bbbbbbb_000001", "ccccccccccc_000001"]
    dataset = listed(tmp_path, *(entry(name, box) for name in names))
    assert [dataset.name(number) for number in range(len(dataset))] == names
    excerpts = [dataset.load(number, 16) for number in range(3)]
    assert [excerpt.frames.mean() for excerpt in excerpts] == pytest.approx([50, 150, 250], abs=4)
    # Two clips of one recording are one video to the intervals.
    assert [excerpt.samples[0].video for excerpt in excerpts] == [0, 0, 1]
    with pytest.raises(MediaError, match=r"frames/ccccccccccc_000001.jpg: no such file"):
        dataset.load(3, 16)


def test_boxes_without_an_area_do_not_count_and_repeats_do_not_either(tmp_path: Path) -> None:
    good = entry("aaaaaaaaaaa_000001", [0.1, 0.1, 0.2, 0.2], [0.3, 0.3, 0.3, 0.9])
    empty = entry("bbbbbbbbbbb_000001", [0.2, 1.0, 0.7, 1.0])
    dataset = listed(tmp_path, good, empty, good)
    assert len(dataset) == 1
    assert [one.file for one in dataset.skipped] == ["bbbbbbbbbbb_000001", "aaaaaaaaaaa_000001"]
    assert "none of its boxes in vggss.json has an area" in dataset.skipped[0].reason
    assert "lists it again" in dataset.skipped[1].reason


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"a": 1}))
    with pytest.raises(DatasetError, match="must hold a list with one entry a clip"):
        VGGSS(tmp_path)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (3, "entry 0 must be an object with file, class and bbox, not 3"),
        ({"file": "../../etc/passwd_1", "class": "a", "bbox": []}, "entry 0: file must be a clip's name"),
        ({"file": "a_000001", "class": 3, "bbox": []}, "entry 0 (a_000001): class must be a name, not 3"),
        ({"file": "a_000001", "class": "a"}, "bbox must be a list of boxes, not None"),
        (entry("a_000001", [0.1, 0.2, 0.3]), "bbox[0] must be [x1, y1, x2, y2]"),
        (entry("a_000001", [0, 0, 1, None]), "must hold finite numbers"),  # type: ignore[list-item]
    ],
)
def test_a_malformed_entry_is_left_out_in_one_sentence_that_says_where(
    tmp_path: Path, broken: Any, sentence: str
) -> None:
    (tmp_path / FILE).write_text(json.dumps([broken, entry("b_000001", [0, 0, 1, 1])]))
    dataset = VGGSS(tmp_path)
    assert len(dataset) == 1 and dataset.name(0) == "b_000001"
    (skipped,) = dataset.skipped
    assert sentence in skipped.reason
