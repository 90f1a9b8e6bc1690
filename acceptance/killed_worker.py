"""The annotating worker is killed with SIGKILL during an import: every task gets its prediction all the same, once.

.venv/bin/python -m acceptance.killed_worker
"""

import os
import signal
import sys
import time
from pathlib import Path

from acceptance.running import Findings, demo
from model.world.generation import generate
from tests.end_to_end.running_demo import Demo, alive, until

VIDEOS = 16
SEED = 5_500_016
SECONDS = 600


def main() -> int:
    """Import, kill, wait, count."""
    findings = Findings()
    with demo(findings) as running:
        folder = running.home / "more"
        truths = generate(folder, videos=VIDEOS, seed=SEED)
        label_studio = running.label_studio
        before = {task["id"] for task in label_studio.tasks(running.project)}
        label_studio.import_files(running.project, [folder / truth.file for truth in truths])
        tasks = {task["id"] for task in label_studio.tasks(running.project)} - before
        findings.check(len(tasks) == VIDEOS, f"{len(tasks)} of {VIDEOS} videos imported")
        until(lambda: _predicted(running, tasks), "a first prediction", SECONDS)
        worker, jobs = until(lambda: _annotating(running), "a worker with a job", SECONDS, 0.05)
        early = _predicted(running, tasks)
        os.kill(running.pids[worker], signal.SIGKILL)
        findings.tell(f"{worker} killed with {len(early)} of {VIDEOS} predictions there")
        findings.check(len(early) < VIDEOS, "it was killed before the import was through")
        until(lambda: not any(alive(job) for job in jobs), "its job to end with it", 30)
        findings.tell("its job ended with it")
        until(lambda: len(_predicted(running, tasks)) == VIDEOS, "every task to have its prediction", SECONDS)
        findings.tell("every task has a prediction")
        # Whatever writes twice would do so by the next look or two.
        quiet = running.settings.poll_seconds * 2 + 20
        time.sleep(quiet)
        counts = [len(_of_ours(running, task)) for task in tasks]
        findings.check(set(counts) == {1}, f"each has exactly one, {quiet:.0f} s later: {sorted(set(counts))}")
    return findings.code


def _of_ours(running: Demo, task: int) -> list[object]:
    return [row for row in running.label_studio.predictions(task=task) if row["model_version"].startswith("earmark-")]


def _predicted(running: Demo, tasks: set[int]) -> set[int]:
    return {task for task in tasks if _of_ours(running, task)}


def _annotating(running: Demo) -> tuple[str, list[int]] | None:
    """A worker that is in a job, and its children."""
    for name, pid in running.pids.items():
        if name.startswith("worker-"):
            children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            if children:
                return name, children
    return None


if __name__ == "__main__":
    sys.exit(main())
