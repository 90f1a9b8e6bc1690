"""Samples: pictures of a project's own videos with what the current version finds in them drawn on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from redis import Redis

from backend import jobs
from backend.queues import Enqueued
from backend.storage import Storage

SAMPLES_JOB = "training_jobs.samples.draw"  # (*, project: str, job: str)
TIMEOUT = 900.0  # seconds drawing them may take
PAUSE = 600  # seconds before drawing is tried again by itself
LIST = "list.json"


@dataclass(frozen=True)
class Sample:
    """One picture."""

    task: int
    """Label Studio's task id."""
    seconds: float
    """Time of the frame in its video; 0 for a picture."""
    width: int
    """Pixels of the JPEG."""
    height: int
    boxes: int
    """Number of boxes drawn on it."""
    score: float | None
    """The prediction's, 0..1."""
    reason: str
    """Why there is no box, one sentence; "" where there is one."""


def keep(files: Storage, project: str, version: str, found: Sequence[tuple[Sample, bytes]]) -> None:
    """Put the samples of a version, with their JPEGs, in the place of all that the project had."""
    folder = f"samples/{project}"
    before = set(files.names(folder))
    for sample, jpeg in found:
        files.write(_picture(project, version, sample.task), jpeg)
    # The list last: whoever reads it finds every picture.
    files.write(f"{folder}/{version}/{LIST}", json.dumps([asdict(sample) for sample, _ in found]).encode())
    kept = {_picture(project, version, sample.task) for sample, _ in found} | {f"{folder}/{version}/{LIST}"}
    for name in before - kept:
        files.delete(name)


def read(files: Storage, project: str, version: str) -> list[Sample] | None:
    """The samples of a version; None before any were drawn."""
    try:
        return [Sample(**row) for row in json.loads(files.read(f"samples/{project}/{version}/{LIST}"))]
    except FileNotFoundError:
        return None


def picture(files: Storage, project: str, version: str, task: int) -> bytes:
    """One sample's JPEG. Raises FileNotFoundError."""
    return files.read(_picture(project, version, task))


def enqueue(redis: Redis, project: str) -> Enqueued:
    """Have the samples of the current version drawn; at most one job of a project does."""
    job = f"samples-{project}"
    kwargs: dict[str, object] = {"project": project}
    if not jobs.enqueue(redis, jobs.ANNOTATE, SAMPLES_JOB, job=job, timeout=TIMEOUT, kwargs=kwargs):
        return Enqueued(reason="The samples are already being drawn.")
    return Enqueued((job,), reason="The samples will be drawn.")


def enqueue_if_missing(redis: Redis, files: Storage, project: str, version: str) -> None:
    """Have them drawn unless they are there, or were tried within PAUSE."""
    if read(files, project, version) is None and redis.set(
        f"earmark:{project}:sampled:{version}", 1, nx=True, ex=PAUSE
    ):
        enqueue(redis, project)


def _picture(project: str, version: str, task: int) -> str:
    return f"samples/{project}/{version}/{task:d}.jpg"
