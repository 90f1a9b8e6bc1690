"""A training is cancelled in each of its steps in turn: it stops within seconds, and nothing of it is left.

    .venv/bin/python -m acceptance.cancelled_retraining [--videos 24] [--minutes 0.5]

In the running demo, as the page's button does it. Each time the version that served serves, and every task carries the
predictions it had, results and scores; the tasks that a promoted version had reached are given theirs back.
"""

import argparse
import json
import sys
import time

from redis import Redis

from acceptance.killed_retraining import SECONDS, _ended, _idle, reach
from acceptance.running import Findings, demo
from backend import cancelling, redis_server, summary, trainings
from backend.projects import ProjectKey
from backend.trainings import STEPS, Status
from backend.versions import VersionStore
from model.world.generation import generate
from tests.end_to_end.running_demo import Demo, until

SEED = 5_500_090
STOPPED = 15.0  # seconds within which it must have ended: a worker is at one task of half a minute of video at most
BY = "the script"
POLL = 5.0  # seconds between two looks at the project
GIVEN_BACK = 300.0  # seconds: a claim of a worker that was stopped is 120 s old before it is given up


def main() -> int:
    """Train, cancel, compare, nine times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=24, help="imported beside the demo's own")
    parser.add_argument("--minutes", type=float, default=0.5, help="of training proper")
    given = parser.parse_args()
    findings = Findings()
    environment = {
        "EARMARK_RETRAIN_AFTER": "100000",  # only what is asked for here trains
        "EARMARK_RETRAIN_MINUTES": str(given.minutes),
        "EARMARK_POLL_SECONDS": str(POLL),
    }
    with demo(findings, **environment) as running:
        folder = running.home / "more"
        truths = generate(folder, videos=given.videos, seed=SEED)
        running.label_studio.import_files(running.project, [folder / truth.file for truth in truths])
        key = str(ProjectKey.of_row(running.url, running.label_studio.project(running.project)))
        store = VersionStore(running.settings)
        with redis_server.connect(running.settings) as redis:
            until(lambda: _idle(redis), "the import to be annotated", SECONDS, 2)
            version, before = store.current(key), _settled(running, redis, key)
            findings.tell(f"{len(before)} tasks, {version} serves")
            for count, step in enumerate(STEPS, 1):
                cancel_in(findings, redis, key, step, count)
                findings.check(store.current(key) == version, f"{step}: {version} serves")
                until(lambda: _idle(redis), f"quiet after {step}", SECONDS, 0.5)
                findings.check(_given_back(running, before), f"{step}: every task carries what it did before")
    return findings.code


def cancel_in(findings: Findings, redis: Redis, key: str, step: str, count: int) -> None:
    """Ask for a training, cancel it as soon as it tells of `step`, and wait for its end."""
    status = reach(redis, key, step, ask=True)
    if step == STEPS[-1]:  # once there is something to take back
        status = until(lambda: _with_some(redis, key), "tasks with its predictions", SECONDS, 0.2)
    pressed = time.monotonic()
    cancelling.cancel(redis, key, BY)
    ended = until(lambda: _ended(redis, key, count), f"the training to end in {step}", SECONDS, 0.05)
    took = time.monotonic() - pressed
    findings.check(
        took <= STOPPED and ended.cancelled_by == BY,
        f"{step} ({status.detail}): ended after {took:.1f} s: {ended.outcome}",
    )


def _with_some(redis: Redis, key: str) -> Status | None:
    status = trainings.read(redis, key)
    if status is None or status.outcome or status.step != STEPS[-1] or status.detail.startswith("0 of"):
        return None
    return status if status.done else None


def _given_back(running: Demo, before: dict[int, str]) -> bool:
    """Whether the tasks come to carry again what they did."""
    try:
        return until(lambda: _predictions(running) == before, "the predictions of before", GIVEN_BACK, 1)
    except AssertionError:
        return False


def _settled(running: Demo, redis: Redis, key: str) -> dict[int, str]:
    """What the tasks carry once a look at the project changes nothing more: suggestions follow the clips there are."""
    found = _predictions(running)
    while True:
        for _ in range(2):  # all of the second lies after what was found
            last = summary.read(redis, key)
            until(lambda last=last: summary.read(redis, key) != last, "a look at the project", SECONDS)
        until(lambda: _idle(redis), "what it queued to be done", SECONDS)
        later = _predictions(running)
        if later == found:
            return found
        found = later


def _predictions(running: Demo) -> dict[int, str]:
    """Version, score and result of each task's predictions, as text."""
    return {
        task["id"]: json.dumps(
            [[one["model_version"], one["score"], one["result"]] for one in task["predictions"]], sort_keys=True
        )
        for task in running.label_studio.tasks(running.project)
    }


if __name__ == "__main__":
    sys.exit(main())
