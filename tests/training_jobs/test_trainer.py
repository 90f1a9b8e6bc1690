"""The trainer: what its process is asked and what it answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from label_config import template
from training_jobs.trainer import Request, request_text, run


def request(tmp_path: Path, weights: Path, videos: list[Path]) -> Request:
    """A request to train on these files."""
    return Request(
        project="0123abcd-1-1",
        trigger="Somebody asked.",
        weights=str(weights),
        videos={str(number): str(path) for number, path in enumerate(videos)},
        label_config=template(),
        clips=str(tmp_path / "clips"),
        workdir=str(tmp_path / "version"),
        minutes=0.01,
        steps=1,
    )


def test_refuses_what_is_too_little_and_names_what_is_bad(tmp_path: Path, tiny_version: Path, hums: list[Path]) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is no video" * 100)
    told: list[dict] = []
    outcome = run(request(tmp_path, tiny_version, [hums[0], broken, tmp_path / "missing.mp4"]), told.append)
    assert "too few" in outcome["refused"]
    assert [line.split(":")[0] for line in outcome["skipped"]] == ["task 1", "task 2"]
    assert [line["done"] for line in told if line["step"] == "decode"] == [1, 2, 3]
    assert not (tmp_path / "version").exists()


def test_its_process_answers_in_json_lines_and_ends_with_the_outcome(
    tmp_path: Path, tiny_version: Path, hums: list[Path]
) -> None:
    path = tmp_path / "request.json"
    path.write_text(request_text(request(tmp_path, tiny_version, hums[:2])))
    command = [sys.executable, "-m", "training_jobs.trainer", str(path), str(os.getpid())]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert "refused" in lines[-1]["outcome"]
    assert all(line["step"] == "decode" for line in lines[:-1])
