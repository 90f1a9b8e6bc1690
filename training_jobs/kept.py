"""Kept annotations: what a prediction is composed from, so that it can be composed again without the media."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from model.moment import Moment

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation

    Found = Annotation | ImageAnnotation


def keep(annotation: "Found") -> str:
    """An annotation as text: what a prediction is composed from, so neither embeddings nor a video's maps."""
    from model.annotator import ImageAnnotation

    if isinstance(annotation, ImageAnnotation):
        regions = [{"box": region.box, "score": region.score, "peak": region.peak} for region in annotation.regions]
        fields = {name: getattr(annotation, name) for name in ("width", "height", "score", "reason")}
        heatmap = np.round(annotation.heatmap.astype(float), 4).tolist()
        return json.dumps({"picture": fields | {"regions": regions, "heatmap": heatmap}})
    tracks = [
        {"keyframes": [asdict(frame) for frame in track.keyframes], "score": track.score, "reason": track.reason}
        for track in annotation.tracks
    ]
    fields = {name: getattr(annotation, name) for name in ("score", "reason", "sounding")}
    segments = [asdict(segment) for segment in annotation.segments]
    return json.dumps(
        {"video": fields | {"info": asdict(annotation.info), "tracks": tracks, "segments": segments}}, default=float
    )


def restore(text: str) -> "Found":
    """The annotation that `keep` wrote; embeddings, evidence and, of a video, maps are empty."""
    from model.annotator import Annotation, ImageAnnotation
    from model.localization import Region
    from model.tracks import Keyframe, Segment, Track
    from model.video import MediaInfo

    nothing = np.zeros(0, np.float32)
    document: dict[str, Any] = json.loads(text)
    if (picture := document.get("picture")) is not None:
        regions = [Region(tuple(one["box"]), one["score"], tuple(one["peak"])) for one in picture.pop("regions")]
        heatmap = np.array(picture.pop("heatmap"), np.float32)
        return ImageAnnotation(
            **picture, regions=regions, heatmap=heatmap, image_embedding=nothing, sound_embedding=nothing
        )
    video = document["video"]
    return Annotation(
        info=MediaInfo(**video["info"]),
        tracks=[
            Track(
                tuple(Keyframe(frame["time"], tuple(frame["box"]), frame["visible"]) for frame in track["keyframes"]),
                track["score"],
                track["reason"],
            )
            for track in video["tracks"]
        ],
        segments=[Segment(**segment) for segment in video["segments"]],
        track_embeddings=np.zeros((len(video["tracks"]), 2, 0), np.float32),
        moments=[],
        image_embedding=nothing,
        sound_embedding=nothing,
        score=video["score"],
        evidence=(),
        reason=video["reason"],
        sounding=[(start, end) for start, end in video["sounding"]],
        times=nothing,
        maps=np.zeros((0, 0, 0), np.float32),
    )


def moments_of(annotation: "Found") -> list[Moment]:
    """The moments that can be searched for; a picture is a single one."""
    from model.annotator import ImageAnnotation

    if isinstance(annotation, ImageAnnotation):
        return [Moment(0.0, annotation.image_embedding, annotation.sound_embedding)]
    return annotation.moments


def region_embeddings(annotation: "Found") -> np.ndarray:
    """(regions, 2, 128) float32: what is seen under each region's box, and what is heard while it sounds."""
    from model.annotator import ImageAnnotation

    if not isinstance(annotation, ImageAnnotation):
        return annotation.track_embeddings
    found = [(region.vector, annotation.sound_embedding) for region in annotation.regions if region.vector is not None]
    return np.array(found, np.float32).reshape(-1, 2, annotation.sound_embedding.shape[-1])
