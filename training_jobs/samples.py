"""The samples job: pictures of a project's own videos with the current version's heatmap and boxes on them."""

import io
import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend import history, samples
from backend.leases import LeaseHeld
from backend.samples import Sample
from training_jobs.predictor import TASK_ERRORS, SoundingObjects
from training_jobs.project import Project, Row
from training_jobs.running import DEVICE, running

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from model.annotator import Annotation

log = logging.getLogger(__name__)

COUNT = 6
TRIES = 3  # tasks looked at for each picture wanted: some have no picture, or cannot be fetched
SECONDS = 20.0  # of each video that are looked at
WIDTH = 640  # pixels of a picture at most
QUALITY = 82  # of the JPEG


def draw(*, project: str, job: str) -> int:
    """Draw the samples of the current version. The RQ job of `backend.samples.SAMPLES_JOB`.

    Returns:
        How many pictures there are.

    Raises:
        LabelStudioError: the tasks cannot be listed.
    """
    try:
        with running(project, job) as (opened, lease):
            version = opened.version
            found = []
            for sample, picture in _drawn(opened, version):
                lease.check()
                found.append((sample, jpeg(picture)))
            samples.keep(opened.settings.open_storage(), project, version, found)
            history.note(opened.redis, project, "samples", f"{len(found)} pictures drawn with {version}.")
            return len(found)
    except LeaseHeld as error:
        log.info("%s", error)
        return 0


def _drawn(project: Project, version: str) -> "Iterator[tuple[Sample, Image]]":
    """Up to COUNT pictures, from tasks all over the project."""
    model = SoundingObjects(
        project.xml,
        weights=project.versions.path(version),
        fetch=project.fetcher.fetch,
        device=os.environ.get(DEVICE, "cpu"),
    )
    left = COUNT
    for row in _spread(list(project.label_studio.tasks(project.key.id)), project):
        if not left:
            return
        try:
            drawn = _draw(model, row)
        except (*TASK_ERRORS, ValueError) as error:
            log.info("task %s is no sample: %s", row.get("id"), error)
            continue
        if drawn is not None:
            left -= 1
            yield drawn


def _spread(rows: Sequence[Row], project: Project) -> list[Row]:
    """At most COUNT * TRIES tasks at equal distances, those known to have boxes first, without failed ones."""
    failed, empty = project.states.failures(), project.states.empty()
    usable = [row for row in rows if row["id"] not in failed]
    step = max(1.0, len(usable) / (COUNT * TRIES))
    chosen = [usable[int(place * step)] for place in range(min(len(usable), COUNT * TRIES))]
    # Every TRIES-th first, so that those drawn are as far from one another as those looked at.
    order = [row for first in range(TRIES) for row in chosen[first::TRIES]]
    return sorted(order, key=lambda row: row["id"] in empty)


def _draw(model: SoundingObjects, row: Row) -> "tuple[Sample, Image] | None":
    """One task's picture; None where it has none to draw on."""
    from model.annotator import annotate, annotate_image
    from model.overlay import draw_frame, draw_picture
    from model.picture import read_picture

    config, data = model.config, row["data"]
    if config is None or config.medium.kind == "audio":
        return None
    path, second = model.fetched(config.media_url(data)), config.sound_url(data)
    sound = None if second is None else model.fetched(second)
    if config.medium.kind == "image":
        if sound is None:
            return None
        still = annotate_image(path, sound, model.models)
        image = draw_picture(small(read_picture(path)), still)
        return _sample(row, 0.0, image, len(still.regions), still.score, still.reason), image
    annotation = annotate(path, model.models, query=sound, max_seconds=SECONDS)
    if not annotation.info.has_picture or not len(annotation.times):
        return None
    seconds = moment(annotation)
    image = draw_frame(small(frame_at(path, seconds)), annotation, seconds)
    boxes = _boxes(annotation, seconds)
    reason = "" if boxes else annotation.reason
    return _sample(row, seconds, image, boxes, annotation.score, reason), image


def moment(annotation: "Annotation") -> float:
    """Seconds at which there is most to see: where most boxes are, and of those moments where the map stands out."""
    import numpy as np

    heat = annotation.maps.reshape(len(annotation.times), -1)
    excess = heat.max(1) - np.median(heat, 1)
    boxes = [_boxes(annotation, float(seconds)) for seconds in annotation.times]
    return float(annotation.times[max(range(len(boxes)), key=lambda place: (boxes[place], excess[place]))])


def _boxes(annotation: "Annotation", seconds: float) -> int:
    from model.tracks import box_at

    return sum(box_at(track, seconds) is not None for track in annotation.tracks)


def frame_at(path: object, seconds: float) -> "np.ndarray":
    """(height, width, 3) uint8, the frame on screen at a time."""
    from model.video import MediaError, decode

    frames = decode(str(path), rate=10, size=None, begin=seconds, max_seconds=0.05).frames
    if not len(frames):
        raise MediaError(f"no frame at {seconds:.1f} s can be decoded")
    return frames[0]


def small(frame: "np.ndarray") -> "np.ndarray":
    """The frame at most WIDTH wide: boxes are drawn on it as it will be seen."""
    import numpy as np
    from PIL import Image

    image = Image.fromarray(frame)
    image.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    return np.array(image)


def jpeg(image: "Image") -> bytes:
    """The picture as it is kept."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _sample(row: Row, seconds: float, image: "Image", boxes: int, score: float | None, reason: str | None) -> Sample:
    return Sample(row["id"], round(seconds, 2), image.width, image.height, boxes, score, reason or "")
