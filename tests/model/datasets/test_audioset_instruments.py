import json
from pathlib import Path
from typing import Any

import pytest

from model.datasets import DatasetError
from model.datasets.audioset_instruments import FILE, AudioSetInstruments
from model.video import MediaError
from tests.model.datasets.published import level, write_clip, write_frame, write_sound


def listed(folder: Path, content: Any) -> AudioSetInstruments:
    (folder / FILE).write_text(json.dumps(content))
    return AudioSetInstruments(folder)


def second(*boxes: list[float], category: int | str = 2) -> dict[str, Any]:
    return {"bbox": [{"category": category, "normbox": box} for box in boxes]}


def test_a_clip_is_decoded_once_for_all_its_seconds(tmp_path: Path) -> None:
    write_clip(tmp_path / "8LYWfpPUokc.mp4", [20, 60, 100, 140])
    labels = {
        "8LYWfpPUokc/3": second([0.5, 0.25, 0.25, 0.5]),
        "8LYWfpPUokc/1": second([0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 0.7, 0.5], category="cello"),
        "8LYWfpPUokc/9": second([0.0, 0.0, 0.5, 0.5]),  # after the clip's end
        "gp1DYuoQH08/0": second([0.0, 0.0, 0.5, 0.5]),
        "gp1DYuoQH08/1": second(),
    }
    dataset = listed(tmp_path, labels)
    assert [dataset.name(number) for number in range(len(dataset))] == ["8LYWfpPUokc", "gp1DYuoQH08"]
    assert [one.file for one in dataset.skipped] == ["gp1DYuoQH08/1"]
    excerpt = dataset.load(0, 16)
    assert [sample.time for sample in excerpt.samples] == [3.5, 1.5]
    assert excerpt.samples[0].sounding_boxes == [(0.5, 0.25, 0.75, 0.75)]
    assert excerpt.samples[1].sounding_boxes == [(0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)]
    assert [sample.sounding_classes for sample in excerpt.samples] == [{"2"}, {"cello"}]
    assert {sample.video for sample in excerpt.samples} == {0}
    assert excerpt.frames.mean((1, 2, 3)) == pytest.approx([140, 60], abs=6)
    assert [level(heard) for heard in excerpt.seconds] == pytest.approx([0.28, 0.12], rel=0.15)
    with pytest.raises(MediaError, match="gp1DYuoQH08: no such file"):
        dataset.load(1, 16)


def test_a_clip_that_ends_before_every_label_is_named(tmp_path: Path) -> None:
    write_clip(tmp_path / "videos" / "8LYWfpPUokc.mp4", [20, 60])
    dataset = listed(tmp_path, {"8LYWfpPUokc/7": second([0.0, 0.0, 0.5, 0.5])})
    with pytest.raises(MediaError, match="8LYWfpPUokc: it ends before"):
        dataset.load(0, 16)


def test_seconds_that_were_cut_out_are_entries_of_their_own(tmp_path: Path) -> None:
    for k in (0, 4):
        write_frame(tmp_path / "frames" / "8LYWfpPUokc" / f"{k}.jpg", (50 * k, 0, 0))
        write_sound(tmp_path / "audio" / "8LYWfpPUokc" / f"{k}.wav", [0.1 + 0.1 * k])
    dataset = listed(tmp_path, {f"8LYWfpPUokc/{k}": second([0.0, 0.0, 0.5, 0.5]) for k in (0, 4)})
    excerpts = [dataset.load(number, 16) for number in range(len(dataset))]
    assert [excerpt.samples[0].video for excerpt in excerpts] == [0, 0]
    assert [level(excerpt.seconds[0]) for excerpt in excerpts] == pytest.approx([0.1, 0.5], rel=0.05)


def test_a_file_that_is_no_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="must hold an object with one key a second"):
        listed(tmp_path, [])


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("../../x/3", second(), "a key must be <ytid>/<second>"),
        ("a/b", second(), "a key must be <ytid>/<second>"),
        ("a/3", [], "must be an object with a list named bbox"),
        ("a/3", {"bbox": [3]}, "bbox[0] must be an object with category and normbox, not 3"),
        ("a/3", {"bbox": [{"category": 2, "normbox": [0, 0, 1]}]}, "normbox must be [x, y, width, height]"),
    ],
)
def test_a_malformed_entry_is_left_out_in_one_sentence_that_says_where(
    tmp_path: Path, key: str, value: Any, sentence: str
) -> None:
    dataset = listed(tmp_path, {key: value, "b/3": second([0.1, 0.1, 0.5, 0.5])})
    assert len(dataset) == 1
    (skipped,) = dataset.skipped
    assert sentence in skipped.reason
