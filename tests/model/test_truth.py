import json
from pathlib import Path
from typing import Any

import pytest

from model.truth import FILE, MOST_BYTES, Segment, Truth, TruthError, read, union, write

BOX = (0.25, 0.25, 0.75, 0.5)


def entry(**changes: Any) -> dict[str, Any]:
    """A sound entry of two objects and three frames, with some fields changed."""
    fields = {
        "file": "a.mp4",
        "classes": ["dog", "bell"],
        "segments": [{"t0": 0.5, "t1": 2.0, "object": 0}],
        "boxes": {"0": [list(BOX), None, list(BOX)], "1": [None, None, None]},
    }
    return {**fields, **changes}


def read_entries(folder: Path, *entries: Any) -> list[Truth]:
    (folder / FILE).write_text(json.dumps(list(entries)))
    return read(folder)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    truth = Truth("a.mp4", ["dog"], [Segment(0.25, 1.5, 0)], {0: [BOX, None]}, {"seed": 3})
    assert write(tmp_path, [truth]) == tmp_path / FILE
    assert read(tmp_path) == [truth]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_the_file_has_the_published_format(tmp_path: Path) -> None:
    write(tmp_path, [Truth("a.mp4", ["dog"], [Segment(0.25, 1.5, 0)], {0: [BOX, None]})])
    assert json.loads((tmp_path / FILE).read_text()) == [
        {
            "file": "a.mp4",
            "classes": ["dog"],
            "segments": [{"t0": 0.25, "t1": 1.5, "object": 0}],
            "boxes": {"0": [list(BOX), None]},
        }
    ]


def test_integers_unknown_keys_and_missing_boxes_are_read(tmp_path: Path) -> None:
    (truth,) = read_entries(
        tmp_path,
        entry(boxes={"1": [[0, 0, 1, 1], None]}, segments=[{"t0": 0, "t1": 6, "object": 1, "who": "me"}], place="sea"),
    )
    assert truth.boxes == {1: [(0.0, 0.0, 1.0, 1.0), None]}
    assert truth.segments == [Segment(0.0, 6.0, 1)]
    assert truth.extras == {"place": "sea"}


def test_rounding_just_outside_the_picture_is_clipped(tmp_path: Path) -> None:
    (truth,) = read_entries(tmp_path, entry(boxes={"0": [[-0.0004, 0, 1.0004, 1]]}))
    assert truth.boxes[0] == [(0.0, 0.0, 1.0, 1.0)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": None}, "entry 1: file must be the name of a video, not None"),
        ({"file": "../a.mp4"}, "entry 1: file '../a.mp4' must lie inside the folder"),
        ({"file": "/a.mp4"}, "entry 1: file '/a.mp4' must lie inside the folder"),
        ({"classes": "dog"}, "entry 1 (a.mp4): classes must be a list"),
        ({"classes": [1]}, "classes must be a list"),
        ({"segments": None}, "segments must be a list, not missing or null"),
        ({"segments": [3]}, "segments[0] must be an object with t0, t1 and object, not 3"),
        ({"segments": [{"t0": 2, "t1": 1, "object": 0}]}, "segments[0] must have 0 <= t0 < t1 in seconds"),
        ({"segments": [{"t0": -1, "t1": 1, "object": 0}]}, "segments[0] must have 0 <= t0 < t1 in seconds"),
        ({"segments": [{"t0": "0", "t1": 1, "object": 0}]}, "segments[0].t0 must be a finite number, not '0'"),
        (
            {"segments": [{"t0": 0, "t1": 1, "object": 2}]},
            "segments[0].object must be the index of one of the 2 classes",
        ),
        ({"segments": [{"t0": 0, "t1": 1, "object": True}]}, "segments[0].object must be the index"),
        ({"boxes": []}, "boxes must be an object keyed by the objects' indices, not a list"),
        ({"boxes": {"2": []}}, "boxes has the key '2', which is not the index of one of the 2 classes"),
        ({"boxes": {"dog": []}}, "boxes has the key 'dog'"),
        ({"boxes": {"0": 5}}, "boxes[0] must be a list with one box or null a frame"),
        ({"boxes": {"0": [None, [0, 0, 1]]}}, "boxes[0][1] must be [x1, y1, x2, y2], not [0, 0, 1]"),
        ({"boxes": {"0": [[0.5, 0, 0.4, 1]]}}, "boxes[0][0] must have 0 <= x1 <= x2 <= 1"),
        ({"boxes": {"0": [[0, 0, 320, 240]]}}, "boxes[0][0] must have 0 <= x1 <= x2 <= 1"),
        ({"boxes": {"0": [[0, 0, None, 1]]}}, "boxes[0][0] must be a finite number, not None"),
        ({"boxes": {"0": [None], "1": [None, None]}}, "boxes must have as many frames for each object, not [1, 2]"),
    ],
)
def test_a_malformed_entry_is_named_with_its_field(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TruthError) as raised:
        read_entries(tmp_path, entry(file="b.mp4"), entry(**changes))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "truth.json is missing: a folder to evaluate on holds its videos and a truth.json"),
        ("[", "truth.json cannot be read as JSON"),
        ("{}", "truth.json must hold a list with one entry a video, not an object"),
        ("[4]", "truth.json, entry 0 must be an object, not int"),
    ],
)
def test_a_file_that_is_no_truth_is_refused(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(TruthError, match=r"truth\.json") as raised:
        read(tmp_path)
    assert words in str(raised.value)


def test_a_video_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"entry 1: file 'a.mp4' is already entry 0"):
        read_entries(tmp_path, entry(), entry())


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(ValueError, match="not JSON compliant"):
        write(tmp_path, [Truth("a.mp4", ["dog"], [Segment(0.0, float("nan"), 0)], {})])
    assert read(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_sounding_at_is_half_open_and_joins_touching_segments() -> None:
    truth = Truth("a.mp4", ["dog", "bell"], [Segment(0, 1, 0), Segment(1, 2, 0), Segment(1.5, 3, 1)], {})
    assert truth.sounding_at(0.0) == [0]
    assert truth.sounding_at(2.0) == [1]
    assert truth.sounding_at(3.0) == []
    assert truth.sounding_at(0.5, 2.0) == [0]
    assert truth.sounding_at(1.5, 2.0) == [0, 1]
    assert truth.sounding_at(1.5, 2.5) == [1]


def test_boxes_are_those_of_the_frame_on_screen() -> None:
    other = (0.0, 0.0, 0.1, 0.1)
    truth = Truth("a.mp4", ["dog", "bell"], [], {0: [BOX, None, other]})
    assert truth.box_at(0, 0.0, 25) == BOX
    assert truth.box_at(0, 0.039, 25) == BOX
    assert truth.box_at(0, 0.04, 25) is None
    assert truth.box_at(0, 99.0, 25) == other
    assert truth.box_at(1, 0.0, 25) is None
    assert truth.boxes_at(0.08, 25) == {0: other}


def test_boundaries_lie_strictly_inside() -> None:
    truth = Truth("a.mp4", ["dog"], [Segment(1, 2, 0)], {})
    assert truth.boundary_within(0.5, 1.5)
    assert truth.boundary_within(1.5, 2.5)
    assert not truth.boundary_within(1.0, 2.0)


def test_seconds_sounded_counts_what_overlaps_once() -> None:
    truth = Truth("a.mp4", ["dog", "bell"], [Segment(0, 2, 0), Segment(1, 3, 1), Segment(4, 5, 0)], {})
    assert truth.seconds_sounded() == 4.0
    assert union([(4, 5), (0, 2), (2, 3)]) == [(0, 3), (4, 5)]


def test_a_file_too_large_to_be_labels_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(TruthError, match="larger than 512 MB"):
        read(tmp_path)
