"""`earmark export` as a person runs it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.settings import Settings, save_connection
from earmark.cli import app
from earmark.export import FORMATS
from label_config import template
from model.datasets import open_dataset
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from tests.training_jobs.test_comparison import box, choice, keyframe
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
