"""Accepted annotations: what people submitted, one a video, with the media they were made on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.media import FetchError
from label_config import KINDS, ConfigError, Kind, LabelConfig, Timeline
from label_config.regions import Box, BoxRegion, Regions, Span, StillBox, read_regions
from training_jobs.project import Row

if TYPE_CHECKING:
    from model.video import MediaInfo

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")


@dataclass(frozen=True)
class Accepted:
    """What people submitted of one video or image.

    Attributes:
        task: Label Studio's task id.
        url: of the media, as the task names it.
        path: local file.
        key: hash of the file's content, see `model.clips.media_key`.
        info: what the file holds, its size as it is displayed; of an image the duration is 0.
        frame_rate: frames a second in which Label Studio counts in this task.
        regions: the newest annotation that was not skipped; of its choices the one that says what the clip is.
        unnamed: by kind of region, the labels that say that something sounds and not what.
        sound: address of the other file whose sound the picture was asked about; None without one.
        sound_path: that file, local.
        takes_boxes: whether boxes could have been drawn, so that having none says something.
    """

    task: int
    url: str
    path: Path
    key: str
    info: "MediaInfo"
    frame_rate: float
    regions: Regions
    unnamed: Mapping[Kind, Collection[str]]
    sound: str | None = None
    sound_path: Path | None = None
    takes_boxes: bool = True

    @property
    def is_image(self) -> bool:
        """Whether it is one still picture, without time."""
        return not (self.info.duration or self.info.has_audio)

    @property
    def timeline(self) -> Timeline:
        """Label Studio's frames of the video."""
        return Timeline(self.frame_rate, self.info.duration)

    def label_of(self, region: BoxRegion | Span | StillBox) -> str:
        """The class of a region: its own label, or the clip's choice where that says only that something sounds."""
        named = [label for label in region.labels if label not in self.unnamed[region.kind]]
        return (named or [self.regions.choice or ""])[0] or next(iter(region.labels), "unlabelled")

    def is_named(self, region: BoxRegion | Span | StillBox) -> bool:
        """Whether a region's own label says what sounds."""
        return any(label not in self.unnamed[region.kind] for label in region.labels)

    def box_at(self, region: BoxRegion, time: float) -> Box | None:
        """Where a region is at a time in seconds, as Label Studio shows it."""
        return region.box_at(self.timeline.frame(time))

    def spans_of(self, region: BoxRegion) -> list[tuple[float, float]]:
        """Half-open seconds in which a region has its box."""
        spans = [
            ((first - 1) / self.frame_rate, min(last / self.frame_rate, self.info.duration))
            for first, last in region.spans(self.timeline.frames)
        ]
        return [(start, end) for start, end in spans if start < end]


@dataclass(frozen=True)
class LeftOut:
    """A task that cannot be used, or something of it, and why in one sentence."""

    task: int
    reason: str


def gather(
    tasks: Sequence[Row],
    config: LabelConfig,
    fetch: Callable[[str], Path],
    *,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[list[Accepted], list[LeftOut]]:
    """The newest annotation of each task that was not skipped, with its media; of equal files the newest counts.

    A picture asked about several sounds is a task each.

    Args:
        tasks: with their annotations.
        config: the project's labelling config.
        fetch: from a media address to a local file; raises FetchError.
        on_done: called with how many annotated tasks are done and how many there are.

    Returns:
        What can be used, by task, and what cannot.
    """
    from model.video import MediaError

    annotated = [(task, annotation) for task in tasks if (annotation := newest(task)) is not None]
    left_out: list[LeftOut] = []
    by_content: dict[tuple[str, str | None], tuple[int, Accepted]] = {}
    for done, (task, annotation) in enumerate(annotated, 1):
        try:
            one = _accepted(task, annotation, config, fetch)
        except (ConfigError, FetchError, MediaError) as error:
            left_out.append(LeftOut(task["id"], str(error)))
            on_done(done, len(annotated))
            continue
        content = one.key, one.sound
        twin = by_content.get(content)
        if twin is not None:
            older, newer = sorted([(annotation["id"], one), twin], key=lambda pair: pair[0])
            left_out.append(
                LeftOut(older[1].task, f"it is the same file as task {newer[1].task}, which was annotated later.")
            )
            by_content[content] = newer
        else:
            by_content[content] = annotation["id"], one
        on_done(done, len(annotated))
    return sorted((one for _, one in by_content.values()), key=lambda one: one.task), left_out


def newest(task: Mapping[str, Any]) -> Row | None:
    """A task's newest annotation that was not skipped; None without one."""
    rows = [row for row in task.get("annotations") or [] if not row.get("was_cancelled")]
    return max(rows, key=lambda row: row["id"], default=None)


def _accepted(task: Row, annotation: Row, config: LabelConfig, fetch: Callable[[str], Path]) -> Accepted:
    from model.clips import media_key

    url = config.media_url(task["data"])
    path = fetch(url)
    config = config.for_task(task["data"])
    rate = config.frame_rate()
    info = _info(path, is_image=config.medium.kind == "image" or path.suffix.lower() in _PICTURES)
    aspect = info.width / info.height if info.width and info.height else None
    regions = read_regions(annotation.get("result") or [], rate, aspect)
    classes = None if config.choices is None else config.choices.name  # other Choices say how it is, not what
    regions = replace(regions, choices={name: one for name, one in (regions.choices or {}).items() if name == classes})
    unnamed = {kind: config.neutral(kind) for kind in KINDS}
    if regions.choice is not None:  # it says what; without one a label that leaves no choice is what there is to say
        unnamed = {kind: neutral | config.alone(kind) for kind, neutral in unnamed.items()}
    if not info.duration and info.frame_rate:  # the file does not say; the page measured it
        info = replace(info, duration=max((region.frames for region in regions.boxes), default=1) / rate)
    sound = config.sound_url(task["data"])
    heard = None if sound is None else fetch(sound)
    boxed = config.boxes is not None
    return Accepted(task["id"], url, path, media_key(path), info, rate, regions, unnamed, sound, heard, boxed)


def _info(path: Path, *, is_image: bool) -> "MediaInfo":
    """What a file holds. Raises MediaError."""
    from model.video import MediaError, MediaInfo, probe, stream_frames

    if is_image:
        from PIL import Image, ImageOps

        try:
            with Image.open(path) as picture:
                width, height = ImageOps.exif_transpose(picture).size
        except (OSError, ValueError, SyntaxError) as error:
            raise MediaError(f"{path.name}: not a picture that can be read ({error}).") from error
        return MediaInfo(0.0, width, height, 0.0, has_picture=True, has_audio=False)
    info = probe(path)
    first = next(stream_frames(path, rate=1.0), None) if info.has_picture else None
    if first is None:
        return info
    return replace(info, width=first.shape[1], height=first.shape[0])
