"""Two workers clear a backlog how many times as fast as one: one core each, on otherwise idle ones.

    .venv/bin/python -m acceptance.two_workers [--videos 200] [--runs 3] [--label-studio]

The predictions are kept and not pushed, and a small stand-in answers for Label Studio, so that nothing but the workers
takes a core. Runs of one and of two workers alternate; the medians are compared. The last line is the figures as JSON.
With --label-studio a real one serves the videos and takes the predictions on the same cores: then the figure has no
target and is only told.
"""

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.running import Findings
from backend import jobs, queues, redis_server
from backend.identity import identify
from backend.label_studio import LabelStudio
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings, load, save_connection
from backend.tasks import DONE, TaskStates
from backend.versions import VersionStore
from earmark import ports
from earmark.studio import START_SECONDS, Studio
from label_config import template
from model.checkpoints import SHIPPED
from model.world.generation import generate
from tests.end_to_end.running_demo import until
from tests.training_jobs.fake_label_studio import FakeLabelStudio

SEED = 5_500_020
TARGET = 1.7
SECONDS = 3600
UPLOADED = 20  # videos in one import


def main() -> int:
    """Make the videos, clear the backlog again and again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=200, help="in the backlog")
    parser.add_argument("--runs", type=int, default=3, help="of one worker and of two, alternating")
    parser.add_argument("--label-studio", action="store_true", help="run a real one beside them, and push to it")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("Two cores are needed: one for each worker.", file=sys.stderr)
        return 1
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="earmark-workers-") as folder:
        home = Path(folder)
        truths = generate(home / "videos", videos=options.videos, seed=SEED)
        findings.tell(f"{len(truths)} videos made")
        videos = [home / "videos" / truth.file for truth in truths]
        seconds: dict[int, list[float]] = {1: [], 2: []}
        with (real if options.label_studio else stand_in)(home, videos) as backlog:
            VersionStore(backlog.settings).seed(SHIPPED)
            for run in range(options.runs):
                for count in (1, 2):
                    with workers(backlog.settings, cores[:count]):
                        seconds[count].append(cleared(backlog))
                    findings.tell(f"run {run + 1}, {count} worker{'s' * (count > 1)}: {seconds[count][-1]:.1f} s")
    ratio = statistics.median(seconds[1]) / statistics.median(seconds[2])
    told = f"two are {ratio:.2f} times as fast as one"
    if options.label_studio:
        findings.tell(f"{told}, Label Studio on the same cores")
    else:
        findings.check(ratio >= TARGET, f"{told} (at least {TARGET})")
    print(json.dumps({"videos": options.videos, "one": seconds[1], "two": seconds[2], "ratio": round(ratio, 3)}))
    return findings.code


@dataclass(frozen=True)
class Backlog:
    """What the workers are to clear, and whose it is."""

    settings: Settings
    project: str
    rows: list[dict[str, Any]]
    """The tasks, as Label Studio tells them."""
    label_config: str
    clean: Callable[[], None]
    """Takes the predictions of the last run away."""


@contextmanager
def stand_in(home: Path, videos: list[Path]) -> Iterator[Backlog]:
    """The videos as tasks of a stand-in that takes no predictions."""
    studio = FakeLabelStudio(template())
    studio.fail = lambda call: call == "POST /api/predictions"
    try:
        rows = [studio.row(studio.add_task(video)) for video in videos]
        with connected(home, studio.url, "t" * 40, studio.project) as (settings, project):
            yield Backlog(settings, project, rows, template(), lambda: None)
    finally:
        studio.close()


@contextmanager
def real(home: Path, videos: list[Path]) -> Iterator[Backlog]:
    """The videos as tasks of a real Label Studio."""
    (home / "files").mkdir()
    port = ports.choose(0, "", "Label Studio")
    studio = Studio(port, home / "label-studio", home / "files", secrets.token_hex(8), secrets.token_hex(20))
    with (home / "label-studio.log").open("w") as log:
        process = subprocess.Popen(studio.command, env=studio.environment, stdout=log, stderr=log)
    try:
        until(studio.is_up, "Label Studio's start", START_SECONDS, 1)
        client = LabelStudio(studio.url, studio.token)
        row = client.create_project("Backlog", template())
        for first in range(0, len(videos), UPLOADED):
            client.import_files(row["id"], videos[first : first + UPLOADED])

        def clean() -> None:
            for prediction in client.predictions(project=row["id"]):
                client.delete_prediction(prediction["id"])

        with connected(home, studio.url, studio.token, row) as (settings, project):
            yield Backlog(settings, project, list(client.tasks(row["id"])), row["label_config"], clean)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def connected(home: Path, url: str, token: str, row: dict[str, Any]) -> Iterator[tuple[Settings, str]]:
    """The connection to a project, saved, and a Redis for its workers."""
    key = str(ProjectKey.of_row(url, row))
    settings = save_connection(load(home / "earmark"), url=url, token=token, project=key)
    redis_process = EmbeddedRedis(settings.home)
    redis_process.start()
    try:
        yield settings, key
    finally:
        redis_process.stop()


@contextmanager
def workers(settings: Settings, cores: list[int]) -> Iterator[None]:
    """A worker on each of these cores, started and waiting for work."""
    environment = {**os.environ, "EARMARK_HOME": str(settings.home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "earmark", "worker", "--queues", "annotate"]
    with ExitStack() as stack, redis_server.connect(settings) as redis:
        log = stack.enter_context((settings.home / "workers.log").open("a"))
        for core in cores:
            process = stack.enter_context(
                subprocess.Popen(["taskset", "-c", str(core), *command], env=environment, stdout=log, stderr=log)
            )
            stack.callback(process.terminate)
        until(lambda: jobs.workers(redis) == len(cores), "the workers' start", 300, 0.2)
        yield
    with redis_server.connect(settings) as redis:
        until(lambda: jobs.workers(redis) == 0, "the workers' end", 60, 0.2)


def cleared(backlog: Backlog) -> float:
    """Seconds from queueing all tasks to the last one's being done."""
    backlog.clean()
    with redis_server.connect(backlog.settings) as redis:
        states = TaskStates(redis, backlog.project)
        version = VersionStore(backlog.settings).current(backlog.project)
        states.forget(row["id"] for row in backlog.rows)
        wanted = [identify(row, backlog.label_config, version) for row in backlog.rows]
        began = time.monotonic()
        queues.enqueue_annotate(redis, backlog.project, wanted)
        until(lambda: states.counts().get(DONE, 0) == len(wanted), f"{len(wanted)} tasks to be done", SECONDS, 0.1)
        return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
