"""Real recordings in the running Label Studio, and broken and unusual files through `earmark annotate`.

Each clip gets a prediction or the reason why not, and none stops the others; each odd file gets its line. The
recordings are not part of the project: name their folder.

    .venv/bin/python -m acceptance.recorded_media --media FOLDER
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from acceptance.running import Findings, demo
from backend.label_studio import LabelStudioError
from backend.projects import ProjectKey
from backend.redis_server import connect
from backend.tasks import TaskStates
from label_config import template
from tests.end_to_end.running_demo import Demo, until

SECONDS = 1200
CLIPS = 24


def main() -> int:
    """Clips through Label Studio, odd files through the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parents[2] / "shared" / "media"
    parser.add_argument("--media", type=Path, default=default, help="folder with clips/ and odd/")
    media = parser.parse_args().media
    if not (media / "clips").is_dir():
        print(f"{media} has no clips: name the folder of the recordings with --media", file=sys.stderr)
        return 2
    findings = Findings()
    _odd_files(findings, sorted(path for path in (media / "odd").iterdir() if path.is_file()))
    with demo(findings) as running:
        _clips(findings, running, sorted((media / "clips").iterdir()))
    return findings.code


def _odd_files(findings: Findings, files: list[Path]) -> None:
    command = [sys.executable, "-m", "earmark", "annotate", "--json", *map(str, files)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    findings.check(outcome.returncode == 0, f"annotate ended with exit code {outcome.returncode}")
    findings.check(
        [line["file"] for line in lines] == [str(path) for path in files], f"{len(lines)} lines for {len(files)} files"
    )
    findings.check(all(line["result"] or line["reason"] for line in lines), "each empty result has its reason")
    findings.check("Traceback" not in outcome.stderr, "no traceback")
    for line in lines:
        if not line["result"]:
            findings.tell(f"{Path(line['file']).name}: {line['reason']}")


def _clips(findings: Findings, running: Demo, clips: list[Path]) -> None:
    label_studio = running.label_studio
    row = label_studio.create_project("Recordings", template())
    project = int(row["id"])
    connected = running.connect(project)
    findings.check(connected.returncode == 0, f"connected: {connected.stdout.strip() or connected.stderr.strip()}")
    refused = []
    for clip in clips:
        try:
            label_studio.import_file(project, clip)
        except LabelStudioError as error:
            refused.append(clip)
            findings.tell(f"{clip.name} is refused as an upload ({error.status}): local storage instead")
    if refused:
        _local_storage(running, project, refused)
    tasks = {int(task["id"]): str(task["data"]["video"]) for task in label_studio.tasks(project)}
    findings.check(len(tasks) == len(clips), f"{len(tasks)} tasks for {len(clips)} clips")

    states = TaskStates(connect(running.settings), str(ProjectKey.of_row(running.url, row)))

    def settled() -> bool:
        failed = states.failures()
        return all(task in failed or running.prediction(task) is not None for task in tasks)

    until(settled, "every clip to have a prediction or a reason", SECONDS, 2)
    failed = states.failures()
    boxes = 0
    for task, video in tasks.items():
        prediction = running.prediction(task)
        if prediction is None:
            findings.tell(f"{video}: {failed[task]}")
        else:
            count = sum(item["type"] == "videorectangle" for item in prediction["result"])
            boxes += count
            findings.tell(f"{video}: {count} boxes")
    findings.check(
        len(tasks) == CLIPS, f"{len(tasks) - len(failed)} predictions with {boxes} boxes, {len(failed)} reasons"
    )


def _local_storage(running: Demo, project: int, files: list[Path]) -> None:
    """Import files from the folder Label Studio may serve from."""
    folder = running.home / "videos" / "recordings"
    folder.mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder)
    headers = {"Authorization": running.label_studio.authorization()}
    storage: dict[str, Any] = {"project": project, "path": str(folder), "use_blob_urls": True, "title": "Recordings"}
    made = requests.post(f"{running.url}/api/storages/localfiles", headers=headers, json=storage, timeout=30)
    made.raise_for_status()
    address = f"{running.url}/api/storages/localfiles/{made.json()['id']}/sync"
    requests.post(address, headers=headers, timeout=60).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
