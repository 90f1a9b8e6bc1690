"""The lookup job: the clips of a project that look or sound like a file somebody dropped on the page."""

import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from rq.timeouts import JobTimeoutException

from backend import lookups
from backend.leases import LeaseHeld
from backend.lookups import Group, Hit, Lookup
from backend.tasks import TaskStates
from backend.versions import VersionStore
from training_jobs.running import DEVICE, running

if TYPE_CHECKING:
    from model.checkpoints import Models
    from model.retrieval import ClipIndex
    from model.searching import Found

log = logging.getLogger(__name__)

MAX_SECONDS = 60.0  # of the dropped file that are looked at: somebody is waiting
LIMIT = 8  # clips of each direction


class NothingToSearch(RuntimeError):  # noqa: N818 (a state, as it is spoken of)
    """None of the project's clips is in the index yet; the message is one sentence."""


@dataclass(frozen=True)
class Clips:
    """A project's clips in the index, and the networks that embedded them."""

    index: "ClipIndex"
    project: str
    models: "Models"
    tasks: frozenset[int]
    """Of these clips."""

    @classmethod
    def open(cls, where: Path | str, project: str, versions: VersionStore, device: str = "cpu") -> "Clips":
        """The clips that the current version embedded. Raises NothingToSearch, CheckpointError.

        Args:
            where: the index lies, a folder or an address.
            project: a project key's string.
            versions: the stored ones.
            device: where to embed what is searched by.
        """
        from model.checkpoints import load_models
        from model.retrieval import ClipIndex

        index, version = ClipIndex(where), versions.current(project)
        tasks = frozenset(index.tasks(project, version))
        if not tasks:
            raise NothingToSearch(
                f"Project {project.split('-')[1]} has no clips to search yet: run `earmark serve` and an "
                "`earmark worker`, and wait until `earmark status` shows tasks done."
            )
        return cls(index, project, load_models(versions.path(version), device), tasks)

    def known(self, states: TaskStates) -> int:
        """How many clips there will be once what waits to be annotated is embedded too, as after a new version."""
        return len(self.tasks | states.unfinished())


def look_up(*, project: str, lookup: str, job: str) -> int:
    """Search by a dropped file. The RQ job of `backend.lookups.LOOKUP_JOB`.

    Args:
        project: key of the project.
        lookup: name of the search.
        job: name of the job.

    Returns:
        How many clips were found.
    """
    try:
        with running(project, job) as (opened, lease):
            asked = lookups.read(opened.redis, project, lookup)
            if asked is None or asked.state != lookups.WAITING:
                return 0
            files = opened.settings.open_storage()
            try:
                data = files.read(lookups.file_of(project, lookup))
                clips = Clips.open(opened.index, project, opened.versions, os.environ.get(DEVICE, "cpu"))
                asked = replace(asked, compared=len(clips.tasks), known=clips.known(opened.states))
                ended = _found(asked, data, clips)
            except (NothingToSearch, FileNotFoundError) as error:
                reason = str(error) if isinstance(error, NothingToSearch) else "The file lay around too long."
                ended = replace(asked, state=lookups.FAILED, reason=reason)
            except JobTimeoutException:
                reason = f"Searching took more than {lookups.TIMEOUT:.0f} s: try a shorter file."
                lookups.end(opened.redis, files, project, replace(asked, state=lookups.FAILED, reason=reason))
                raise
            except Exception as error:
                reason = f"{type(error).__name__} while the file was read: see the worker's log."
                lookups.end(opened.redis, files, project, replace(asked, state=lookups.FAILED, reason=reason))
                raise
            lease.check()
            lookups.end(opened.redis, files, project, ended)
            return sum(len(group.hits) for group in ended.groups)
    except LeaseHeld as error:
        log.info("%s", error)
        return 0


def _found(asked: Lookup, data: bytes, clips: Clips) -> Lookup:
    """The search with its hits, or with the reason why the file cannot be searched by."""
    from model.searching import read_query, search
    from model.video import MediaError

    kind = cast(Literal["image", "audio", "video"], asked.kind)
    with tempfile.TemporaryDirectory(prefix="earmark-lookup-") as folder:
        path = Path(folder) / "file"  # its own name is the sender's choice, and opens nothing
        path.write_bytes(data)
        try:
            query = read_query(path, kind, clips.models, max_seconds=MAX_SECONDS)
        except MediaError as error:
            reason = str(error).replace(f"{path.name}:", "The file:", 1)
            return replace(asked, state=lookups.FAILED, reason=reason[:300])
    version = clips.models.version
    found = search(clips.index, query, project=clips.project, version=version, limit=LIMIT)
    return replace(asked, state=lookups.DONE, version=version, groups=_groups(found))


def _groups(found: "Sequence[Found]") -> list[Group]:
    """The hits by direction, in the order searched."""
    from model.searching import WORDS

    return [
        Group(
            WORDS[direction],
            [
                Hit(hit.task, round(hit.time, 2), round(hit.similarity, 4), hit.duplicate)
                for hit in found
                if hit.direction == direction
            ],
        )
        for direction in dict.fromkeys(hit.direction for hit in found)
    ]
