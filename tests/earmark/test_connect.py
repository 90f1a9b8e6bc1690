import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earmark import ports
from earmark.cli import app
from tests.training_jobs.fake_label_studio import FakeLabelStudio


def run(home: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "earmark", "connect", *options],
        env={"EARMARK_HOME": str(home), "PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_label_studio_that_does_not_answer_is_one_sentence_and_nothing_is_kept(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{ports.choose(0, '', '')}"
    outcome = run(tmp_path, "--url", url, "--project", "1", EARMARK_LABEL_STUDIO_TOKEN="s3cret")
    assert outcome.returncode == 1
    assert "does not answer" in outcome.stderr and url in outcome.stderr
    assert "Traceback" not in outcome.stderr and "s3cret" not in outcome.stderr
    assert not (tmp_path / "settings.json").exists()


def test_what_is_no_address_is_one_sentence(tmp_path: Path) -> None:
    outcome = run(tmp_path, "--url", "labels", "--token", "t", "--project", "1")
    assert outcome.returncode == 1
    assert "labels" in outcome.stderr and "Traceback" not in outcome.stderr


def test_a_config_that_cannot_be_used_is_refused_with_one_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setattr("backend.label_studio.LabelStudio.whoami", lambda _client: {"id": 1})
    fake = FakeLabelStudio('<View><Text name="text" value="$text"/></View>')
    refused = CliRunner().invoke(app, ["connect", "--url", fake.url, "--token", "0123456789abcdef", "--project", "1"])
    fake.close()
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Not connected: in project 1 the labelling config has no Video")
    assert refused.stderr.count("label_config/templates") == 1
    assert not (tmp_path / "settings.json").exists()
