"""`earmark export` as a person runs it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.settings import Settings, save_connection
from earmark.cli import app
from earmark.export import FORMATS
from label_config import template
from model.datasets import open_dataset
from tests.label_config.configs import PICTURE, QUERY
from tests.training_jobs.fake_label_studio import FakeLabelStudio, Row
from tests.training_jobs.test_comparison import box, choice, keyframe, segment
from training_jobs import export_formats

RESULT = [box("b", keyframe(1, 40)), choice("bell")]


@pytest.fixture
def label_studio() -> Iterator[FakeLabelStudio]:
    fake = FakeLabelStudio(template(["bell", "drum"]))
    yield fake
    fake.close()


@pytest.fixture(autouse=True)
def connected(tmp_path: Path, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home connected to the project; no Redis runs, nor is one needed."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "a home"))
    key = ProjectKey.of_row(label_studio.url, label_studio.project)
    settings = settings_module.load()
    return save_connection(settings, url=label_studio.url, token="0123456789abcdef" * 2, project=str(key))


def run_export(form: str, out: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", "--format", form, "--out", str(out), *arguments])


def test_accepted_annotations_become_a_dataset(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    label_studio.submit_from(task, label_studio.add_prediction(task, "earmark-00000000000a", RESULT), RESULT)
    gone = label_studio.add_task(None)
    label_studio.submit_from(gone, label_studio.add_prediction(gone, "earmark-00000000000a", RESULT), RESULT)
    label_studio.add_task(sounding_clip)  # nobody labelled it
    ran = run_export("vggss", tmp_path / "out", "--split", "0,0,1")
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["videos"], told["left_out"]) == ({"train": 0, "validation": 0, "test": 1}, 1)
    assert f"Left out task {gone}:" in ran.stderr
    [sample] = open_dataset(tmp_path / "out" / "test").load(0, 64).samples
    assert sample.classes == ("bell",)
    assert label_studio.writes() == []


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_help_names_is_there(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path, form: str
) -> None:
    task = label_studio.add_task(sounding_clip)
    label_studio.submit_from(task, label_studio.add_prediction(task, "earmark-00000000000a", RESULT), RESULT)
    ran = run_export(form, tmp_path / "out", "--no-media")
    assert ran.exit_code == 0, ran.stderr
    assert not list((tmp_path / "out").rglob("*.mp4"))
    assert set(FORMATS) == set(export_formats.FORMATS)


def test_refusals_are_one_sentence(tmp_path: Path, label_studio: FakeLabelStudio) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    for out, arguments, words in (
        (tmp_path / "out", [], "has no accepted annotation"),
        (tmp_path / "mine", [], "holds no earlier export"),
        (tmp_path / "out", ["--project", "9"], "connected: 1"),
    ):
        ran = run_export("vggss", out, *arguments)
        assert ran.exit_code == 1 and words in ran.stderr, ran.output
        assert "Traceback" not in ran.stderr and ran.stdout == ""
    for arguments in (["--split", ".8,.3,.1"], ["--split", "most,rest"]):
        assert "three shares" in run_export("vggss", tmp_path / "out", *arguments).stderr
    assert "none of" in run_export("csv", tmp_path / "out").stderr


def test_an_error_stands_alone(label_studio: FakeLabelStudio, tmp_path: Path) -> None:
    label_studio.fail = lambda _call: True
    refused = run_export("vggss", tmp_path / "out")
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1 and "media" not in refused.stderr


def add(label_studio: FakeLabelStudio, data: dict[str, Path], result: list[Row] | None = None, **fields: Any) -> int:
    """A task with these media, submitted with this result unless it is None."""
    task = label_studio.add_task(None)
    label_studio.tasks[task]["data"] = {}
    for name, path in data.items():
        url = f"/data/upload/1/{task:08x}-{path.stem[-1]}{path.suffix}"
        label_studio.media[url] = path
        label_studio.tasks[task]["data"][name] = url
    if result is not None:
        label_studio.submit(task, result, **fields)
    return task


def variant(clip: Path, folder: Path, number: int) -> Path:
    """The same clip with a few bytes more, which every decoder passes over."""
    path = folder / f"clip {number}.mp4"
    path.write_bytes(clip.read_bytes() + b"\x00\x00\x00\x0cfree" + number.to_bytes(4))
    return path


def exported(form: str, out: Path) -> tuple[dict[str, Any], str]:
    """What an export into train says on stdout and stderr."""
    ran = run_export(form, out, "--split", "1,0,0")
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout), ran.stderr


def test_of_several_annotators_the_newest_that_did_not_skip_counts(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    first, second = (variant(sounding_clip, tmp_path, number) for number in (1, 2))
    drum, bell = ([box("b", keyframe(1, 40), label=label)] for label in ("drum", "bell"))
    several = add(label_studio, {"video": first}, drum, completed_by=1)
    label_studio.submit(several, bell, completed_by=2)
    label_studio.submit(several, drum, completed_by=3, was_cancelled=True)
    add(label_studio, {"video": second}, drum, was_cancelled=True)
    add(label_studio, {"video": sounding_clip})  # open
    told, errors = exported("vggss", tmp_path / "out")
    assert (told["videos"]["train"], told["left_out"], errors) == (1, 0, "")
    [entry] = json.loads((tmp_path / "out" / "train" / "vggss.json").read_text())
    assert entry["class"] == "bell" and entry["file"].endswith(f"_{several:06d}")


def test_pictures_keep_their_boxes_and_sounds(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    label_studio.project["label_config"] = PICTURE
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["dog"]}
    drawn = [{"id": "i", "from_name": "box", "to_name": "photo", "type": "rectanglelabels", "value": value}]
    mask = {"format": "rle", "rle": [1, 2], "brushlabels": ["warm"]}
    painted = [{"id": "m", "from_name": "heat", "to_name": "photo", "type": "brushlabels", "value": mask}]
    # A name without a suffix that says picture: what a task shows is known from its config.
    for number, (name, result) in enumerate([("a.jpg", drawn), ("b.jfif", drawn), ("c.png", painted), ("d.png", [])]):
        path = tmp_path / name
        Image.new("RGB", (300, 200), (number, 0, 0)).save(path, "JPEG" if name[0] in "ab" else "PNG")
        add(label_studio, {"image": path, "sound": sounding_clip}, result)
    told, errors = exported("coco-video", tmp_path / "out")
    assert told["videos"]["train"] == 3 and "no box that says where" in errors
    document = json.loads((tmp_path / "out" / "train" / "annotations.json").read_text())
    for video in document["videos"]:
        assert (video["width"], video["height"], video["length"], video["fps"]) == (300, 200, 1, None)
        assert (tmp_path / "out" / "train" / video["sound"]).read_bytes() == sounding_clip.read_bytes()
    assert [one["bboxes"] for one in document["annotations"]] == [[[30, 40, 90, 80]]] * 2
    for form in ("vggss", "segments-csv"):
        refused = run_export(form, tmp_path / form)
        assert refused.exit_code == 1 and "it is an image" in refused.stderr


def test_a_video_asked_about_two_sounds_is_two_entries(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    label_studio.project["label_config"] = QUERY
    sounds = [variant(sounding_clip, tmp_path, number) for number in (1, 2)]
    asked = [
        add(label_studio, {"video": sounding_clip, "query": sounds[0]}, [box("b", keyframe(1, 40))]),
        add(label_studio, {"video": sounding_clip, "query": sounds[1]}, []),
    ]
    exported("coco-video", tmp_path / "out")
    document = json.loads((tmp_path / "out" / "train" / "annotations.json").read_text())
    assert [video["task"] for video in document["videos"]] == asked
    for video, sound in zip(document["videos"], sounds, strict=True):
        assert (tmp_path / "out" / "train" / video["sound"]).read_bytes() == sound.read_bytes()
        assert (tmp_path / "out" / "train" / video["file_name"]).read_bytes() == sounding_clip.read_bytes()
    assert [one["video_id"] for one in document["annotations"]] == [1]


def test_what_a_project_without_boxes_says_is_no_empty_picture(
    label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    label_studio.project["label_config"] = """<View><Video name="video" value="$video"/>
        <Choices name="clip_class" toName="video"><Choice value="dog"/></Choices>
        <TimelineLabels name="segments" toName="video"><Label value="sounding"/></TimelineLabels></View>"""
    add(label_studio, {"video": sounding_clip}, [choice("dog"), segment("s", 1, 24)])
    add(label_studio, {"video": variant(sounding_clip, tmp_path, 1)}, [])
    refused = run_export("coco-video", tmp_path / "coco")
    assert refused.exit_code == 1 and "draws no boxes" in refused.stderr
    told, errors = exported("segments-csv", tmp_path / "out")
    assert told["videos"]["train"] == 1 and "no region of it says when" in errors
    assert (tmp_path / "out" / "segments.csv").read_text().splitlines()[1].split(",")[1:] == [
        "0.000",
        "1.000",
        "dog",
        "train",
    ]
