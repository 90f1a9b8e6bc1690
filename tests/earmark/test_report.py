"""`earmark report`: figures by version, from Label Studio or from what was kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.settings import Settings, save_connection
from backend.versions import VersionStore
from earmark.cli import app
from label_config import template
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from tests.training_jobs.test_comparison import PREDICTED, changed

OLD = "earmark-00000000000a"


@pytest.fixture
def label_studio() -> Iterator[FakeLabelStudio]:
    fake = FakeLabelStudio(template(["bell", "drum"]))
    yield fake
    fake.close()


@pytest.fixture
def connected(tmp_path: Path, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home connected to the project; no Redis runs, nor is one needed."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "a home"))
    key = ProjectKey.of_row(label_studio.url, label_studio.project)
    settings = settings_module.load()
    return save_connection(settings, url=label_studio.url, token="0123456789abcdef" * 2, project=str(key))


def submit(label_studio: FakeLabelStudio, version: str, result: list[dict]) -> None:
    """A task whose prediction somebody turned into `result`."""
    task = label_studio.add_task(None)
    label_studio.submit_from(task, label_studio.add_prediction(task, version, PREDICTED), result)


def test_every_version_has_its_line(
    connected: Settings, label_studio: FakeLabelStudio, untrained_version: Path
) -> None:
    new = VersionStore(connected).seed(untrained_version)
    submit(label_studio, OLD, changed(0, labels=["drum"]))
    submit(label_studio, new, PREDICTED)
    submit(label_studio, new, [])
    asked = CliRunner().invoke(app, ["report", "--project", "1", "--json"])
    assert (asked.exit_code, asked.stderr) == (0, "")
    [line] = asked.stdout.splitlines()
    told = json.loads(line)
    assert (told["project"], told["serving"]) == (1, new)
    versions = {one["version"]: one for one in told["versions"]}
    assert (versions[OLD]["annotations"], versions[OLD]["acceptance"], versions[OLD]["relabelled"]) == (1, 0.0, 1)
    assert (versions[new]["annotations"], versions[new]["acceptance"], versions[new]["removed"]) == (2, 0.5, 2)
    assert versions[new]["iou"] == 0.5
    assert label_studio.writes() == []
    table = CliRunner().invoke(app, ["report"], env={"COLUMNS": "80"}).stdout
    assert all(version.removeprefix("earmark-") in table for version in (OLD, new))
    assert "0.50" in table and "0.09-0.91" in table


def test_without_label_studio_what_was_kept_is_told(connected: Settings, label_studio: FakeLabelStudio) -> None:
    submit(label_studio, OLD, PREDICTED)
    CliRunner().invoke(app, ["report"])
    label_studio.fail = lambda _call: True
    asked = CliRunner().invoke(app, ["report", "--json"])
    assert asked.exit_code == 0 and "as it was at the last look" in asked.stderr
    assert json.loads(asked.stdout)["versions"][0]["unchanged"] == 1


def test_before_the_first_submission_it_says_what_to_do(connected: Settings) -> None:
    asked = CliRunner().invoke(app, ["report"])
    assert asked.exit_code == 0 and "press Submit" in asked.stdout


def test_the_columns_are_explained_once_for_all_projects(
    connected: Settings, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(label_studio, OLD, PREDICTED)
    [key] = connected.projects
    monkeypatch.setattr("earmark.connected.connected", lambda *_: [ProjectKey.parse(key, label_studio.url)] * 2)
    told = CliRunner().invoke(app, ["report"]).stdout
    assert (told.count("Project 1"), told.count("made: annotations")) == (2, 1)


def test_an_unknown_project_is_refused(connected: Settings) -> None:
    refused = CliRunner().invoke(app, ["report", "--project", "9"])
    assert refused.exit_code == 1
    assert "connected: 1" in refused.stderr and "earmark connect" in refused.stderr
