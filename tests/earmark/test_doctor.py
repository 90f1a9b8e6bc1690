"""`earmark doctor` and `earmark page`: what a terminal is told, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.address import leave
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings
from earmark.cli import app
from label_config import template
from tests.training_jobs.fake_label_studio import FakeLabelStudio


@pytest.fixture
def label_studio() -> Iterator[FakeLabelStudio]:
    fake = FakeLabelStudio(template(["bell"]))
    yield fake
    fake.close()


@pytest.fixture
def connected(
    tmp_path: Path, redis_server: EmbeddedRedis, label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A home connected to project 1 of a fake Label Studio."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    key = ProjectKey.of_row(label_studio.url, label_studio.project)
    loaded = settings_module.load()
    return settings_module.save_connection(loaded, url=label_studio.url, token="0123456789abcdef" * 2, project=str(key))


def doctor(*arguments: str) -> tuple[int, dict[str, dict]]:
    """The exit code, and the checks by name."""
    result = CliRunner().invoke(app, ["doctor", "--json", *arguments])
    [line] = result.stdout.splitlines()
    answer = json.loads(line)
    assert (result.exit_code == 0) == answer["ok"]
    return result.exit_code, {check["name"]: check for check in answer["checks"]}


def test_with_nothing_there_it_says_what_to_do_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("REDIS_URL", raising=False)
    code, seen = doctor()
    assert code == 1
    assert "earmark connect" in seen["Label Studio"]["todo"]
    assert "earmark serve" in seen["Redis"]["todo"]
    assert not (tmp_path / "nothing").exists()
    text = CliRunner().invoke(app, ["doctor"]).stdout
    assert "FAIL  Label Studio: Earmark is not connected" in text
    assert "      -> Run `earmark connect" in text


def test_a_wrong_setting_is_one_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("EARMARK_PORT", "many")
    code, seen = doctor()
    assert code == 1
    assert "EARMARK_PORT" in seen["Settings"]["said"]


@pytest.fixture
def healthy(label_studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Label Studio's side of the connection as the checks find it; how they look has its own tests."""
    from backend import health
    from backend.health import Check

    fine = [Check("Label Studio", True, "Answers."), Check("Token", True, "Valid.")]
    monkeypatch.setattr(health, "label_studio", lambda _settings: fine)


@pytest.mark.usefixtures("healthy")
def test_one_video_is_followed_to_a_frame(
    connected: Settings,
    label_studio: FakeLabelStudio,
    sounding_clip: Path,
) -> None:
    assert doctor()[1]["Project 1, a video"]["said"] == "There is no task yet."
    task = label_studio.add_task(sounding_clip)
    check = doctor()[1]["Project 1, a video"]
    assert check["ok"] is True
    assert f"Task {task}: fetched" in check["said"]
    assert "160 x 120 at 25 a second" in check["said"]
    assert "with sound" in check["said"]


@pytest.mark.usefixtures("healthy")
def test_one_project_alone_is_looked_at_and_an_unknown_one_is_refused(connected: Settings) -> None:
    code, seen = doctor("--project", "55")
    assert code == 1
    assert list(seen) == ["Settings"] and "Project 55 is not connected" in seen["Settings"]["said"]
    number = connected.projects[0].split("-")[1]
    assert any(name.startswith(f"Project {number}") for name in doctor("--project", number)[1])


@pytest.mark.usefixtures("healthy")
def test_a_video_that_cannot_be_had_or_decoded_is_told(
    connected: Settings,
    label_studio: FakeLabelStudio,
    tmp_path: Path,
) -> None:
    label_studio.add_task(None)
    code, seen = doctor()
    assert code == 1
    assert "answered 404" in seen["Project 1, a video"]["said"]
    [path] = [row["data"]["video"] for row in label_studio.tasks.values()]
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(5000))
    label_studio.media[path] = broken
    said = doctor()[1]["Project 1, a video"]["said"]
    assert "cannot be decoded" in said
    assert path.rpartition("/")[2] in said


def test_page_keeps_the_password_out_of_logs(connected: Settings) -> None:
    assert connected.secret is not None
    secret = connected.secret.get_secret_value()
    shown = CliRunner().invoke(app, ["page"])
    assert shown.exit_code == 0
    assert "http://127.0.0.1:9090/" in shown.stdout
    assert str(connected.saved) in shown.stdout
    assert secret not in shown.stdout
    row = json.loads(CliRunner().invoke(app, ["page", "--json"]).stdout)
    assert row == {"address": "http://127.0.0.1:9090/", "user": "earmark", "password": secret}
    leave(connected.home, "http://127.0.0.1:40123")  # as a backend does that listens elsewhere
    assert json.loads(CliRunner().invoke(app, ["page", "--json"]).stdout)["address"] == "http://127.0.0.1:40123/"


def test_page_before_connecting_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["page"])
    assert result.exit_code == 1
    assert "earmark connect" in result.stderr
