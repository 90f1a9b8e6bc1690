from pathlib import Path
from typing import Any, cast

import pytest

from backend.label_studio import LabelStudio
from earmark import sample_project
from earmark.sample_project import Samples
from label_config import Timeline, check, read_config, template
from model.truth import Segment, Truth

BOX = (0.2, 0.2, 0.5, 0.6)


def truth(name: str, *classes: str) -> Truth:
    boxes: dict[int, Any] = {index: [BOX] * 100 + [None] * 50 for index in range(len(classes))}
    return Truth(f"{name}.mp4", list(classes), [Segment(0.5, 3.0, 0)], boxes)


class Shelf:
    """A project's uploads, named as Label Studio names them."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.imports: list[list[str]] = []

    def tasks(self, project: int) -> list[dict[str, Any]]:
        names = enumerate(self.files, start=1)
        return [{"id": n, "data": {"video": f"/data/upload/{project}/0a1b2c3d-{name}"}} for n, name in names]

    def import_files(self, project: int, paths: list[Path]) -> None:
        self.imports.append([path.name for path in paths])
        self.files += self.imports[-1]


def test_labelled_are_clips_of_one_class_each_that_others_share(tmp_path: Path) -> None:
    truths = [
        truth("a", "cow"), truth("b", "cow"), truth("c", "bell", "cow"), truth("d", "bell"), truth("e", "bell"),
        truth("f", "drum"), truth("g", "car", "drum"), truth("h", "train"), truth("i", "dog"),
    ]  # fmt: skip
    labelled = Samples(tmp_path, truths).labelled()
    assert len(labelled) == sample_project.LABELLED
    assert {one.classes[0] for one in labelled} >= {"cow", "bell", "drum"}
    assert all(len(one.classes) == 1 for one in labelled)


def test_what_was_uploaded_before_is_not_uploaded_again(tmp_path: Path) -> None:
    truths = [truth(str(n), "cow") for n in range(6)]
    shelf = Shelf()
    shelf.files = ["2.mp4"]
    tasks = sample_project.upload(cast(LabelStudio, shelf), 3, Samples(tmp_path, truths), truths)
    assert shelf.imports == [["0.mp4", "1.mp4", "3.mp4", "4.mp4"], ["5.mp4"]]
    assert tasks == {"2.mp4": 1, "0.mp4": 2, "1.mp4": 3, "3.mp4": 4, "4.mp4": 5, "5.mp4": 6}


def test_a_video_of_the_teams_own_with_a_samples_name_is_not_taken_for_it(tmp_path: Path) -> None:
    truths = [truth("0", "cow")]
    shelf = Shelf()
    shelf.files = ["0.mp4", "0.mp4"]
    assert sample_project.upload(cast(LabelStudio, shelf), 3, Samples(tmp_path, truths), truths) == {"0.mp4": 1}


def test_the_true_result_is_one_label_studio_shows(tmp_path: Path) -> None:
    config = read_config(template(["cow", "bell"]))
    result = sample_project.true_result(config, truth("a", "cow", "bell"), 25)
    check(result, config, Timeline(25, 6.0))
    [box, choice] = result
    assert choice["value"] == {"choices": ["cow"]}
    sequence = box["value"]["sequence"]
    assert (sequence[0]["frame"], sequence[0]["enabled"]) == (1, True)
    assert sequence[-1]["enabled"] is False and 95 <= sequence[-1]["frame"] <= 101
    assert not {"score", "origin"} & set(box)  # a person drew it


def test_samples_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_project, "VIDEOS", 2)
    told: list[int] = []
    first = sample_project.make(tmp_path / "samples", told.append)
    assert told[-1] == len(first.truths) == 2
    told.clear()
    written = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    again = sample_project.make(tmp_path / "samples", told.append)
    assert again.truths == first.truths and not told
    assert written == {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
