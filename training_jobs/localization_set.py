"""A project's own localization test set: where people said that something sounds, on videos never trained on."""

import logging
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.versions import VersionError, VersionStore
from training_jobs.accepted import Accepted, gather, newest
from training_jobs.project import Project

if TYPE_CHECKING:
    from model.truth import Truth

log = logging.getLogger(__name__)


MOST = 100  # labelled videos that a training looks at, the newest: more would be fetched every time


def write_checked(project: Project, folder: Path, *, check: Callable[[], None] = lambda: None) -> int:
    """Write the project's own test set as it is now, see `write_set`; how many videos.

    Args:
        project: whose newest MOST labelled tasks count; of these, the videos that nothing was trained on that led to
            the version which serves.
        folder: made where there is any.
        check: called before each fetch; what it raises ends everything.

    Raises:
        LabelStudioError: the tasks cannot be listed.
    """
    tasks = [task for task in project.label_studio.tasks(project.key.id) if newest(task) is not None]
    tasks.sort(key=lambda task: newest(task)["id"])  # type: ignore[index]

    def fetch(url: str) -> Path:
        check()
        return project.fetcher.fetch(url)

    accepted, left_out = gather(tasks[-MOST:], project.config, fetch)
    for one in left_out:
        log.info("task %d is in no test set: %s", one.task, one.reason)
    return write_set(never_trained_on(accepted, trained_on(project.versions, project.version)), folder)


def never_trained_on(accepted: Sequence[Accepted], trained_on: Collection[str]) -> list[Accepted]:
    """Those whose video is in no training; a video may have been one before somebody labelled it.

    Args:
        accepted: what people submitted.
        trained_on: keys of clips, see `trained_on`.
    """
    return [one for one in accepted if one.key not in trained_on]


def trained_on(versions: VersionStore, version: str) -> set[str]:
    """Keys of the clips that a version or any it comes from was trained on, by their cards."""
    keys: set[str] = set()
    seen: set[str] = set()
    name: str | None = version
    while name and name not in seen:
        seen.add(name)
        try:
            card = versions.card(name)
        except VersionError:  # the weights a first version came from are stored under no version's name
            break
        keys |= set(card.get("clips") or ())
        name = card.get("parent")
    return keys


def truth_of(one: Accepted) -> "Truth | None":
    """An annotation as the labels that evaluation reads; None where no box of it sounds, or it is about another sound.

    An object sounds while it has its box and, where the annotation has time segments, while one of them lasts.
    """
    from model.truth import Segment, Truth

    objects = [region for region in one.regions.boxes if one.spans_of(region)]
    if one.is_image or one.sound is not None or not objects or not one.info.frame_rate:
        return None
    sounding = [(span.start, span.end) for span in one.regions.spans] or [(0.0, one.info.duration)]
    segments = [
        Segment(max(start, first), min(end, last), index)
        for index, region in enumerate(objects)
        for start, end in one.spans_of(region)
        for first, last in sounding
        if max(start, first) < min(end, last)
    ]
    if not segments:
        return None
    frames = max(1, round(one.info.duration * one.info.frame_rate))
    times = [(frame + 0.5) / one.info.frame_rate for frame in range(frames)]  # each frame's middle: no rounding matters
    return Truth(
        file=f"{one.task:06d}{one.path.suffix}",
        classes=[one.label_of(region) for region in objects],
        segments=segments,
        boxes={index: [one.box_at(region, time) for time in times] for index, region in enumerate(objects)},
    )


def write_set(accepted: Sequence[Accepted], folder: Path) -> int:
    """Write a folder that `model.datasets.open_dataset` reads: `truth.json` and the media; how many videos.

    Args:
        accepted: of which those without a box that sounds are passed over.
        folder: made where it is missing. The media are links to the local files where the disk permits.
    """
    from model import truth

    folder.mkdir(parents=True, exist_ok=True)
    found = [(one, labels) for one in accepted if (labels := truth_of(one)) is not None]
    for one, labels in found:
        place_media(one.path, folder / labels.file)
    truth.write(folder, [labels for _, labels in found])
    return len(found)


def place_media(source: Path, place: Path) -> None:
    """Put a file at another place, whole or not at all: a second name of it, or a copy on another disk."""
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        try:
            os.link(source, part)
        except OSError:
            shutil.copyfile(source, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
