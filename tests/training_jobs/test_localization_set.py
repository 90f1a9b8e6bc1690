"""The project's own test set: what people boxed, in a form that evaluation reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.media import FetchError
from label_config import read_config, template
from model import truth
from model.clips import media_key
from model.datasets import open_dataset
from tests.training_jobs.test_comparison import box, choice, keyframe, segment
from training_jobs.accepted import gather
from training_jobs.localization_set import never_trained_on, trained_on, truth_of, write_set
from training_jobs.project import Project

CONFIG = read_config(template(["bell", "drum"]).replace('frameRate="25"', 'frameRate="10"'))


def task(number: int, path: Path, *results: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    annotations = [{"id": 10 * number + at, "result": result, **fields} for at, result in enumerate(results)]
    return {"id": number, "data": {"video": str(path)}, "annotations": annotations}


def gathered(*tasks: dict[str, Any]):
    return gather(tasks, CONFIG, Path)


# The clip has 25 frames a second and 2 s; Label Studio counts 10 a second here.
MOVING = box("b", keyframe(6, 0), keyframe(16, 50, enabled=False), label="sounding object")


def test_boxes_follow_time_whatever_frames_are_counted_in(sounding_clip: Path) -> None:
    [one], _ = gathered(task(1, sounding_clip, [MOVING, choice("drum")]))
    labels = truth_of(one)
    assert labels is not None
    assert labels.classes == ["drum"]  # the label says only that it sounds
    assert [(s.start, s.end) for s in labels.segments] == [(0.5, 1.6)]
    assert labels.box_at(0, 0.4, 25) is None
    assert labels.box_at(0, 0.5, 25) == pytest.approx((0.0, 0.2, 0.2, 0.6))
    assert labels.box_at(0, 1.0, 25) == pytest.approx((0.25, 0.2, 0.45, 0.6))
    assert labels.box_at(0, 1.7, 25) is None


def test_an_object_sounds_while_box_and_segment_say_so(sounding_clip: Path) -> None:
    [one], _ = gathered(task(1, sounding_clip, [MOVING, segment("s", 11, 20)]))
    labels = truth_of(one)
    assert labels is not None and [(s.start, s.end) for s in labels.segments] == [(1.0, 1.6)]


def test_the_newest_annotation_that_was_not_skipped_counts(sounding_clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(sounding_clip.read_bytes() + b"another file")
    twice = task(1, sounding_clip, [], [MOVING])
    skipped = task(2, other, [MOVING], was_cancelled=True)
    [one], left_out = gathered(twice, skipped, {"id": 3, "data": {}, "annotations": []})
    assert (one.task, len(one.regions.boxes), left_out) == (1, 1, [])


def test_of_one_file_in_two_tasks_the_later_annotation_counts(sounding_clip: Path) -> None:
    [one], [left_out] = gathered(task(1, sounding_clip, [MOVING]), task(2, sounding_clip, []))
    assert (one.task, left_out.task) == (2, 1)
    assert "same file as task 2" in left_out.reason


def test_a_video_asked_about_several_sounds_is_several_annotations_and_no_test_of_its_own(sounding_clip: Path) -> None:
    xml = template().replace("<VideoRectangle", '<Audio name="query" value="$query"/><VideoRectangle')
    asked = [task(number, sounding_clip, [MOVING]) for number in (1, 2)]
    for one in asked:
        one["data"]["query"] = f"/data/upload/1/{one['id']}.wav"
    accepted, left_out = gather(asked, read_config(xml), Path)
    assert ([one.task for one in accepted], left_out) == ([1, 2], [])
    assert accepted[0].sound == "/data/upload/1/1.wav"
    assert truth_of(accepted[0]) is None


def test_what_cannot_be_had_is_left_out_with_its_reason(sounding_clip: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")

    def fetch(url: str) -> Path:
        if "gone" in url:
            raise FetchError("gone.mp4 cannot be fetched.")
        return Path(url)

    tasks = [task(1, sounding_clip, [MOVING]), task(2, tmp_path / "gone.mp4", []), task(3, tmp_path / "text.mp4", [])]
    found, left_out = gather(tasks, CONFIG, fetch)
    assert [one.task for one in found] == [1]
    assert [(one.task, one.reason[:8]) for one in left_out] == [(2, "gone.mp4"), (3, "text.mp4")]


def test_evaluation_reads_the_folder(sounding_clip: Path, tmp_path: Path) -> None:
    found, _ = gathered(task(1, sounding_clip, [MOVING]))
    assert write_set(found, tmp_path / "set") == 1
    dataset = open_dataset(tmp_path / "set")
    excerpt = dataset.load(0, 64)
    assert dataset.name(0) == "000001.mp4"
    # Of .5 to 1.6 s, the moments whose whole second sounds.
    assert [sample.time for sample in excerpt.samples] == [1.0]
    assert excerpt.samples[0].sounding_boxes[0] == pytest.approx((0.25, 0.2, 0.45, 0.6))
    assert truth.read(tmp_path / "set")[0].classes == ["sounding object"]


def test_a_video_once_trained_on_is_no_test_whoever_trained_on_it(
    project: Project, sounding_clip: Path, tiny_version: Path, tmp_path: Path
) -> None:
    found, _ = gathered(task(1, sounding_clip, [MOVING]))
    parent = project.version
    folder = tmp_path / "child"
    folder.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (folder / name).write_bytes((tiny_version / name).read_bytes())
    (folder / "card.json").write_text(json.dumps({"parent": parent, "clips": [media_key(sounding_clip)]}))
    child = project.versions.add(folder)
    assert never_trained_on(found, trained_on(project.versions, parent)) == found
    assert never_trained_on(found, trained_on(project.versions, child)) == []
