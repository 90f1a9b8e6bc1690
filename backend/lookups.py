"""Lookups: searches by a dropped file, from the page to a worker and back."""

import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from redis import Redis

from backend import jobs
from backend.storage import Storage

LOOKUP_JOB = "training_jobs.lookup.look_up"  # (*, project: str, lookup: str, job: str)
TIMEOUT = 180.0  # seconds one may take
KEPT = 3600  # seconds its result can be read, and its file lies around at most
MOST_WAITING = 8  # of a project at a time: each holds a file
WAITING, DONE, FAILED = "waiting", "done", "failed"
NAME = re.compile(r"[0-9]{10}-[0-9a-f]{16}")
KINDS = ("image", "audio", "video")


class TooManyLookups(RuntimeError):  # noqa: N818 (an event, as it is spoken of)
    """As many searches are waiting as are let in; the message is one sentence."""


@dataclass(frozen=True)
class Hit:
    """One clip that was found."""

    task: int
    seconds: float
    """From the beginning of its clip."""
    similarity: float
    """Cosine of the embeddings, -1..1."""
    duplicate: bool
    """Whether it is nearly the same."""


@dataclass(frozen=True)
class Group:
    """The hits of one direction, best first."""

    words: str
    """What they are to the file: "Looks like the picture"."""
    hits: Sequence[Hit]


@dataclass(frozen=True)
class Lookup:
    """One search."""

    name: str
    """`<unix seconds>-<16 hex>`."""
    kind: str
    """One of KINDS."""
    file: str
    """What the file was called where it came from: shown, never opened."""
    size: int
    """Bytes."""
    state: str = WAITING
    reason: str = ""
    """Why it failed, one sentence."""
    version: str = ""
    """The model version that was asked."""
    groups: Sequence[Group] = ()
    compared: int = 0
    """Clips the file was compared with."""
    known: int = 0
    """Those and the ones that wait to be embedded by this version."""

    @property
    def at(self) -> float:
        """Unix seconds at which it was asked."""
        return float(self.name.partition("-")[0])


def begin(redis: Redis, files: Storage, project: str, *, kind: str, file: str, data: bytes) -> Lookup:
    """Keep the file and queue its search. Raises TooManyLookups."""
    _clear(files, project)
    if len(files.names(_folder(project))) >= MOST_WAITING:
        raise TooManyLookups(f"{MOST_WAITING} searches are waiting already: try again when they are done.")
    name = f"{int(time.time())}-{secrets.token_hex(8)}"
    lookup = Lookup(name, kind, file, len(data))
    files.write(file_of(project, name), data)
    _keep(redis, project, lookup)
    jobs.enqueue(
        redis, jobs.INTERACTIVE, LOOKUP_JOB, job=job_of(project, name), timeout=TIMEOUT,
        kwargs={"project": project, "lookup": name},
    )  # fmt: skip
    return lookup


def read(redis: Redis, project: str, name: str) -> Lookup | None:
    """A search as it stands; None for one that is unknown or was forgotten."""
    text = redis.get(_key(project, name)) if NAME.fullmatch(name) else None
    if not text:
        return None
    row = json.loads(text)
    groups = [Group(group["words"], [Hit(**hit) for hit in group["hits"]]) for group in row["groups"]]
    lookup = Lookup(**{**row, "groups": groups})
    if lookup.state == WAITING and not jobs.exists(redis, job_of(project, name)):
        return replace(lookup, state=FAILED, reason="The search ended without a result: see the worker's log.")
    return lookup


def end(redis: Redis, files: Storage, project: str, lookup: Lookup) -> None:
    """Keep what came of a search, and drop its file."""
    _keep(redis, project, lookup)
    files.delete(file_of(project, lookup.name))


def file_of(project: str, name: str) -> str:
    """The shared file that is searched by."""
    return f"{_folder(project)}/{name}"


def job_of(project: str, name: str) -> str:
    """The name of a search's job."""
    return f"lookup-{project}-{name}"


def _clear(files: Storage, project: str) -> None:
    """Drop the files of searches that nobody finished."""
    for name in files.names(_folder(project)):
        begun = name.rpartition("/")[2].partition("-")[0]
        if not begun.isdigit() or time.time() - int(begun) > KEPT:
            files.delete(name)


def _keep(redis: Redis, project: str, lookup: Lookup) -> None:
    redis.set(_key(project, lookup.name), json.dumps(asdict(lookup)), ex=KEPT)


def _folder(project: str) -> str:
    return f"lookups/{project}"


def _key(project: str, name: str) -> str:
    return f"earmark:{project}:lookup:{name}"
