import subprocess
import sys
from pathlib import Path

from earmark import ports


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
