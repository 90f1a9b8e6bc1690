"""Two workers clear a backlog how many times as fast as one: one core each, on otherwise idle ones.

.venv/bin/python -m acceptance.two_workers [--videos 200] [--runs 3]

The predictions are kept and not pushed, and a small stand-in answers for Label Studio, so that nothing but the workers
takes a core. Runs of one and of two workers alternate; the medians are compared. The last line is the figures as JSON.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from acceptance.running import Findings
from backend import jobs, queues, redis_server
from backend.identity import identify
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.settings import Settings, load, save_connection
from backend.tasks import DONE, TaskStates
from backend.versions import VersionStore
from label_config import template
from model.checkpoints import SHIPPED
from model.world.generation import generate
from tests.end_to_end.running_demo import until
from tests.training_jobs.fake_label_studio import FakeLabelStudio

SEED = 5_500_020
TARGET = 1.7
SECONDS = 3600


def main() -> int:
    """Make the videos, clear the backlog again and again, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=200, help="in the backlog")
    parser.add_argument("--runs", type=int, default=3, help="of one worker and of two, alternating")
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
        studio = FakeLabelStudio(template())
        studio.fail = lambda call: call == "POST /api/predictions"
        tasks = [studio.add_task(home / "videos" / truth.file) for truth in truths]
        key = ProjectKey.of_row(studio.url, studio.project)
        settings = save_connection(load(home / "earmark"), url=studio.url, token="t" * 40, project=str(key))
        redis_process = EmbeddedRedis(settings.home)
        redis_process.start()
        seconds: dict[int, list[float]] = {1: [], 2: []}
        try:
            VersionStore(settings).seed(SHIPPED)
            for run in range(options.runs):
                for count in (1, 2):
                    with workers(settings, cores[:count]):
                        seconds[count].append(cleared(settings, str(key), studio, tasks))
                    findings.tell(f"run {run + 1}, {count} worker{'s' * (count > 1)}: {seconds[count][-1]:.1f} s")
        finally:
            redis_process.stop()
            studio.close()
    ratio = statistics.median(seconds[1]) / statistics.median(seconds[2])
    findings.check(ratio >= TARGET, f"two are {ratio:.2f} times as fast as one (at least {TARGET})")
    print(json.dumps({"videos": options.videos, "one": seconds[1], "two": seconds[2], "ratio": round(ratio, 3)}))
    return findings.code


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


def cleared(settings: Settings, project: str, studio: FakeLabelStudio, tasks: list[int]) -> float:
    """Seconds from queueing all tasks to the last one's being done."""
    with redis_server.connect(settings) as redis:
        states, version = TaskStates(redis, project), VersionStore(settings).current(project)
        states.forget(tasks)
        xml = studio.project["label_config"]
        began = time.monotonic()
        queues.enqueue_annotate(redis, project, [identify(studio.row(task), xml, version) for task in tasks])
        until(lambda: states.counts().get(DONE, 0) == len(tasks), f"{len(tasks)} tasks to be done", SECONDS, 0.1)
        return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
