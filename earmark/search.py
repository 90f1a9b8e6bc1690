"""`earmark search`: the clips that look or sound like a file, with the time in each."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from earmark.connected import chosen
from earmark.told import told

if TYPE_CHECKING:
    from backend.settings import Settings
    from model.checkpoints import Models
    from model.retrieval import ClipIndex
    from model.searching import Found
    from training_jobs.lookup import Clips


@dataclass(frozen=True)
class _Place:
    """Where to search: an index with its clips, by which version they were embedded, and how a clip is called."""

    index: "ClipIndex"
    project: str
    models: "Models"
    link: Callable[[int], str]
    lack: str = ""
    """Which clips it lacks so far, one sentence."""


def search(
    image: Annotated[Path | None, typer.Option(metavar="FILE", help="A picture to search by.")] = None,
    audio: Annotated[Path | None, typer.Option(metavar="FILE", help="A sound to search by.")] = None,
    video: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A video to search by: how it looks and sounds.")
    ] = None,
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project. Default: the connected one.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--in", metavar="FOLDER", help="Search the videos of a folder instead, without Label Studio."),
    ] = None,
    among: Annotated[
        Literal["image", "sound"] | None,
        typer.Option("--for", help="Compare only with what is seen, or only with what is heard. Default: both."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Clips of each direction.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a hit.")] = False,
) -> None:
    """Find the clips that look or sound like a FILE, across pictures and sounds.

    Each hit has its task's address, the time in its video and the cosine of the embeddings; with --video, clips that
    are nearly the same are named so. A folder's videos are embedded at the first search and again when they change.
    """
    from backend.label_studio import LabelStudioError
    from model.checkpoints import CheckpointError
    from model.searching import read_query
    from model.searching import search as find
    from model.video import MediaError

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    kind, file = _asked(image, audio, video)
    with told(MediaError, CheckpointError, LabelStudioError, OSError):
        if not file.is_file():
            raise MediaError(f"{file}: no such file; name one that can be read.")
        place = _project(project) if folder is None else _folder(folder, console)
        with console.status("Reading what to search by"):
            query = read_query(file, kind, place.models)
            version = place.models.version
            found = find(place.index, query, project=place.project, version=version, among=among, limit=limit)
    if place.lack:
        console.print(place.lack, markup=False)
    if as_json:
        for hit in found:
            print(json.dumps(_line(hit, place)))
    else:
        print(_text(found, place))


def _asked(
    image: Path | None, audio: Path | None, video: Path | None
) -> tuple[Literal["image", "audio", "video"], Path]:
    given: list[Any] = [(kind, path) for kind, path in (("image", image), ("audio", audio), ("video", video)) if path]
    if len(given) != 1:
        raise typer.BadParameter("Name one file to search by: --image, --audio or --video.")
    return given[0]


def _project(number: int | None) -> _Place:
    """The index of a connected project. Raises SettingsError where there is nothing to search."""
    from backend import settings as settings_module
    from backend.settings import SettingsError
    from backend.versions import VersionStore
    from training_jobs.lookup import Clips, NothingToSearch

    settings = settings_module.load()
    key = chosen(settings, number)
    try:
        clips = Clips.open(settings.open_storage().url("index"), str(key), VersionStore(settings))
    except NothingToSearch as error:
        raise SettingsError(str(error)) from None
    address = f"{settings.label_studio_url}/projects/{key.id}/data?task="
    return _Place(clips.index, str(key), clips.models, lambda task: f"{address}{task}", _lack(settings, clips))


def _lack(settings: "Settings", clips: "Clips") -> str:
    """How many clips are still to be embedded, where a Redis is there to tell."""
    from redis.exceptions import RedisError

    from backend import redis_server
    from backend.tasks import TaskStates

    try:
        with redis_server.connect(settings, timeout=2.0, retries=0) as redis:
            known = clips.known(TaskStates(redis, clips.project))
    except (RedisError, OSError):
        return ""
    if known == len(clips.tasks):
        return ""
    return f"Compared with {len(clips.tasks)} of {known} clips so far: `earmark status` shows when the others are done."


def _folder(folder: Path, console: Console) -> _Place:
    """The index of a folder's videos, brought up to date."""
    from rich.progress import Progress

    from backend import settings as settings_module
    from model.checkpoints import load_models
    from model.retrieval import ClipIndex
    from model.searching import index_folder, project_of, videos_below
    from model.video import MediaError

    count = len(list(videos_below(folder)))
    if not count:
        raise MediaError(f"{folder} holds no videos: name a folder that does.")
    models, index = load_models(), ClipIndex(settings_module.load().home / "folders")
    with Progress(console=console, transient=True, disable=not console.is_interactive) as bar:
        task = bar.add_task("Embedding videos", total=count)

        def done(path: Path, reason: str | None) -> None:
            bar.advance(task)
            if reason:
                console.print(f"{path} is left out: {reason}", markup=False)

        files = index_folder(index, folder, models, progress=done)
    return _Place(index, project_of(folder), models, lambda number: str(files[number]))


def _line(hit: "Found", place: _Place) -> dict[str, Any]:
    name = {"file": place.link(hit.task)}
    if place.project.startswith("folder "):
        return {"direction": hit.direction, **name, **_rest(hit)}
    return {"direction": hit.direction, "task": hit.task, "link": place.link(hit.task), **_rest(hit)}


def _rest(hit: "Found") -> dict[str, Any]:
    return {"time": round(hit.time, 2), "similarity": round(hit.similarity, 4), "duplicate": hit.duplicate}


def _text(found: "list[Found]", place: _Place) -> str:
    from model.searching import WORDS

    lines = []
    for direction in dict.fromkeys(hit.direction for hit in found):
        lines.append(f"{WORDS[direction]} ({direction}):")
        lines += [
            f"  {hit.similarity:5.2f}  at {hit.time:6.1f} s  {place.link(hit.task)}"
            + ("  nearly the same clip" if hit.duplicate else "")
            for hit in found
            if hit.direction == direction
        ]
    return "\n".join(lines) or "Nothing is like it."
