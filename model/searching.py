"""Searching by example: the moments of clips that look or sound like a file, each way across the modalities."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from model.annotator import annotate
from model.checkpoints import Models
from model.groups import is_duplicate
from model.likeness import embed_images
from model.moment import DIMENSION, Moment
from model.picture import read_picture
from model.retrieval import ClipIndex
from model.video import MediaError

Part = Literal["image", "sound"]

VIDEOS = (".mp4", ".webm", ".mkv", ".mov", ".avi", ".mpg", ".mpeg", ".m4v", ".ogv")
SHORT = {"image": "im", "sound": "aud"}  # as the paper names the directions of retrieval
WORDS = {  # what a hit of each direction is to what was searched by
    "im-im": "Looks like the picture",
    "im-aud": "Sounds like what the picture shows",
    "aud-im": "Shows what would make the sound",
    "aud-aud": "Sounds like the sound",
}


@dataclass(frozen=True)
class Query:
    """What is looked for: (128,) embeddings of unit length; zeros where the file has no picture or no sound.

    `moments` are those of a video, by which its doubles are told.
    """

    image: np.ndarray
    sound: np.ndarray
    moments: Sequence[Moment] = ()


class Found(NamedTuple):
    """One clip that a search found.

    Attributes:
        direction: what was compared with what: "im-im", "im-aud", "aud-im" or "aud-aud".
        task: the Label Studio task, or `number_of` a file.
        time: seconds from the beginning of its clip.
        similarity: cosine of the two embeddings, -1..1.
        duplicate: whether it is nearly the same clip, seen and heard throughout; of a picture or a sound alone never.
    """

    direction: str
    task: int
    time: float
    similarity: float
    duplicate: bool


def read_query(
    path: Path, kind: Literal["image", "audio", "video"], models: Models, *, max_seconds: float = 6 * 3600.0
) -> Query:
    """Embed a file; what lies beyond `max_seconds` is left out.

    Raises:
        MediaError: it cannot be opened, or has neither a picture nor any sound that could be looked for.
    """
    nothing = np.zeros(DIMENSION, np.float32)
    if kind == "image":
        return Query(embed_images(models.ave, read_picture(path)[None])[0], nothing)
    annotation = annotate(path, models, max_seconds=max_seconds)
    if kind == "audio":
        query = Query(nothing, annotation.sound_embedding)
    else:
        query = Query(annotation.image_embedding, annotation.sound_embedding, annotation.moments)
    if not (query.image.any() or query.sound.any()):
        raise MediaError(f"{path.name}: nothing is seen or heard in it, so there is nothing to look for.")
    return query


def search(
    index: ClipIndex, query: Query, *, project: str, version: str, among: Part | None = None, limit: int = 10
) -> list[Found]:
    """The clips nearest to a query, direction by direction, best first.

    Args:
        index: where to look.
        query: what for; made by `version`.
        project: of the clips.
        version: of the embeddings.
        among: compare with what is seen ("image") or what is heard ("sound") alone.
        limit: clips of each direction.
    """
    found: list[Found] = []
    parts: tuple[Part, ...] = ("image", "sound")
    for asked in parts:
        vector: np.ndarray = getattr(query, asked)
        for what in parts if among is None else (among,):
            if not vector.any():
                continue
            direction = f"{SHORT[asked]}-{SHORT[what]}"
            hits = index.find(vector, what, project=project, version=version, limit=limit)
            found += [Found(direction, hit.task, hit.time, hit.similarity, duplicate=False) for hit in hits]
    if query.moments:  # one picture or one sound, however like, is no clip
        moments = index.moments(project, version, {hit.task for hit in found})
        doubles = {task for task, there in moments.items() if is_duplicate(query.moments, there)}
        found = [hit._replace(duplicate=hit.task in doubles) for hit in found]
    return found


def index_folder(
    index: ClipIndex, folder: Path, models: Models, *, progress: Callable[[Path, str | None], None]
) -> dict[int, Path]:
    """Embed the videos of a folder that are new or changed, and forget those that are gone or cannot be read any more.

    Args:
        index: where to keep them, under `project_of(folder)`.
        folder: with videos, also in folders within it.
        models: what embeds them.
        progress: called after each file, with why it is left out or None.

    Returns:
        The files that are indexed, by number.
    """
    project = project_of(folder)
    files = {number_of(path): path for path in videos_below(folder)}
    known = index.tasks(project, models.version)
    index.delete(project, tasks=set(known) - set(files))
    index.delete(project, but=models.version)
    for number, path in list(files.items()):
        reason = None
        try:
            state = path.stat()
            media = f"{state.st_size} {state.st_mtime_ns}"
            if known.get(number) != media:
                clip = annotate(path, models)
                index.add(
                    project, number, media, models.version, clip.image_embedding, clip.sound_embedding,
                    moments=clip.moments, document=json.dumps(str(path)),
                )  # fmt: skip
        except (MediaError, OSError) as error:
            reason = str(error)
            del files[number]
            index.delete(project, tasks=[number])  # what it held before
        progress(path, reason)
    return files


def videos_below(folder: Path) -> Iterator[Path]:
    """The videos of a folder and of those within it, by name."""
    yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in VIDEOS and path.is_file())


def project_of(folder: Path) -> str:
    """The name under which a folder's videos are indexed."""
    return f"folder {_hash(str(folder.resolve()))}"


def number_of(path: Path) -> int:
    """A file's number in the index: the same for the same path."""
    return int(_hash(str(path.resolve())), 16)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:15]
