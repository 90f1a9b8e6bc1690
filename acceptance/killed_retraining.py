"""The workers are killed with SIGKILL during each step of a training in turn, and Redis during the next: both complete.

    .venv/bin/python -m acceptance.killed_retraining [--videos 60] [--minutes 1]

After each kill the job must be running again from its last checkpoint within 60 s of a worker being there. At the end
one version was made, promoted once, and each task nobody labelled carries one prediction of it.
"""

import argparse
import os
import re
import signal
import sys
import time
from dataclasses import replace

from redis import Redis

from acceptance.running import Findings, demo
from backend import jobs, queues, redis_server, trainings
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.trainings import STEPS, Status
from backend.versions import VersionStore
from model.training.run import SNAPSHOT_SECONDS
from model.world.generation import generate
from tests.end_to_end.running_demo import Demo, until

SEED = 5_500_030
TRIGGER = "The script asked."
SECONDS = 1800  # a whole training may take on a busy machine
BACK = 60.0  # seconds within which the job must run again


def main() -> int:
    """Train, kill, train on, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=60, help="imported beside the demo's own")
    parser.add_argument("--minutes", type=float, default=1.0, help="of training proper")
    given = parser.parse_args()
    findings = Findings()
    # Only what is asked for here trains.
    with demo(findings, EARMARK_RETRAIN_AFTER="100000", EARMARK_RETRAIN_MINUTES=str(given.minutes)) as running:
        folder = running.home / "more"
        truths = generate(folder, videos=given.videos, seed=SEED)
        running.label_studio.import_files(running.project, [folder / truth.file for truth in truths])
        key = str(ProjectKey.of_row(running.url, running.label_studio.project(running.project)))
        store = VersionStore(running.settings)
        with redis_server.connect(running.settings) as redis:
            until(lambda: _idle(redis), "the import to be annotated", SECONDS, 2)
            before = store.current(key)
            for step in STEPS:
                kill_in(findings, running, redis, key, step)
            ended = until(lambda: _ended(redis, key, 1), "the training to end", SECONDS, 1)
            findings.check(ended.succeeded and bool(ended.promoted), f"it completed: {ended.outcome}")
            findings.check(list(ended.spent) == list(STEPS), f"through every step: {ended.spent}")
            check_versions(findings, running, store, key, before, ended)

            findings.tell("another training, and Redis is killed while it trains")
            queues.enqueue_retrain(redis, key, TRIGGER)
            began = until(lambda: in_step(redis, key, "train"), "its training proper", SECONDS, 0.2)
            pid = EmbeddedRedis(running.home).pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            told = until(lambda: further(redis, key, began), "word of it after Redis came back", SECONDS, 0.2)
            findings.check(told.training == began.training, f"it goes on after Redis was killed: {told.detail}")
            last = until(lambda: _ended(redis, key, 2), "it to end", SECONDS, 1)
            findings.check(last.training == began.training and last.succeeded, f"it completed: {last.outcome}")
    return findings.code


def kill_in(findings: Findings, running: Demo, redis: Redis, key: str, step: str) -> None:
    """Kill every worker as soon as the training tells of `step`, and wait until it is under way again."""
    told = reach(redis, key, step, ask=step == STEPS[0])
    if step == "train":  # once there is something to lose
        snapshots = running.home / "training" / key / "snapshots"
        until(lambda: list(snapshots.glob("*.snapshot")), "a checkpoint", SECONDS, 0.2)
        told = trainings.read(redis, key) or told
    for name, pid in running.pids.items():
        if name.startswith("worker-"):
            os.kill(pid, signal.SIGKILL)
    killed = time.time()
    findings.tell(f"workers killed in the step {step} ({told.detail})")
    again = until(lambda: resumed(redis, key, killed), f"the training to go on after {step}", SECONDS, 0.1)
    there = max(born(redis, killed), killed)
    back = time.time() - there
    findings.check(back <= BACK, f"{step}: running again {back:.0f} s after a worker was there ({again.detail})")
    if step == "train":
        resumed_at = until(lambda: in_step(redis, key, "train"), "its training proper", SECONDS, 0.1)
        lost = told.since and max(0.0, _seconds(told) - _seconds(resumed_at))
        findings.check(
            _number(resumed_at) > 0 and lost <= SNAPSHOT_SECONDS,
            f"from a checkpoint: {told.detail} -> {resumed_at.detail}",
        )


def reach(redis: Redis, key: str, step: str, *, ask: bool) -> Status:
    """Wait for the training to tell of `step`: by Redis's own word, for some steps last some milliseconds.

    `ask`: whether a training is still to be asked for.
    """
    deadline = time.monotonic() + SECONDS
    with redis.monitor() as monitor:
        if ask:
            queues.enqueue_retrain(redis, key, TRIGGER)
        status = trainings.read(redis, key)
        if status is not None and not status.outcome and status.step == step:
            return status
        for command in monitor.listen():
            text = command["command"]
            if f"earmark:{key}:training " in text and f'step "{step}"' in text:
                return replace(trainings.read(redis, key) or Status("", "", 0.0), step=step)
            assert time.monotonic() < deadline, f"the training never came to {step}"
    raise AssertionError("Redis ended")


def resumed(redis: Redis, key: str, killed: float) -> Status | None:
    """The training's status once a living process has told of it; of its tasks where these are what is left."""
    status = trainings.read(redis, key)
    if status is None or status.updated <= killed + 0.5:
        return None
    if jobs.running(redis, trainings.job_name(key)) or status.promoted or status.outcome:
        return status
    return None


def born(redis: Redis, since: float) -> float:
    """Unix seconds when the first worker after `since` was there."""
    from datetime import datetime

    births = []
    for name in redis.smembers("rq:workers"):
        text = redis.hget(name, "birth")
        if text:
            births.append(datetime.fromisoformat(text.decode().replace("Z", "+00:00")).timestamp())
    return min((birth for birth in births if birth > since - 1), default=since)


def in_step(redis: Redis, key: str, step: str) -> Status | None:
    """The running training's status while it is in this step and tells how far it is."""
    status = trainings.read(redis, key)
    return status if status and not status.outcome and status.step == step and "step " in status.detail else None


def further(redis: Redis, key: str, began: Status) -> Status | None:
    """The status once it says more than it did; None also while Redis is away."""
    from redis.exceptions import RedisError

    try:
        status = trainings.read(redis, key)
    except RedisError:
        return None
    return status if status is not None and status.updated > began.updated + 3 else None


def check_versions(
    findings: Findings, running: Demo, store: VersionStore, key: str, before: str, ended: Status
) -> None:
    """One version, promoted once, with one prediction of it in each task nobody labelled."""
    made = [one.name for one in store.list(key) if one.card.get("project") == key]
    findings.check(made == [ended.promoted], f"one version was made: {made}")
    findings.check(store.current(key) == ended.promoted != before, f"it serves: {before} -> {ended.promoted}")
    until(lambda: set(_versions(running)) == {(ended.promoted,)}, "the predictions", SECONDS, 2)
    versions = _versions(running)
    findings.check(
        set(versions) == {(ended.promoted,)}, f"{len(versions)} unlabelled tasks carry one prediction of it each"
    )


def _versions(running: Demo) -> list[tuple[str, ...]]:
    tasks = running.label_studio.tasks(running.project)
    return [tuple(one["model_version"] for one in task["predictions"]) for task in tasks if not task["annotations"]]


def _ended(redis: Redis, key: str, count: int) -> Status | None:
    past = trainings.past(redis, key)
    return past[0] if len(past) == count else None


def _idle(redis: Redis) -> bool:
    return not redis.exists("earmark:jobs") and not any(jobs.waiting(redis, queue) for queue in jobs.QUEUES)


def _number(status: Status) -> int:
    found = re.search(r"step (\d+)", status.detail)
    return int(found[1]) if found else 0


def _seconds(status: Status) -> float:
    """Seconds of training proper that a status stands for, by its share and what it says is left."""
    left = status.seconds_left or 0.0
    return left * status.done / (1 - status.done) if status.done < 1 else left


if __name__ == "__main__":
    sys.exit(main())
