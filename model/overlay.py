"""A video with what was found drawn on it: heatmap, boxes, and a strip of the sound below."""

from pathlib import Path

from model.annotator import Annotation


def write_overlay(source: str | Path, annotation: Annotation, target: str | Path) -> None:
    """Write `source` with heatmap, boxes and a sound strip drawn on it as an H.264/AAC mp4.

    Frames keep the file's own rate; the picture keeps its size (rounded up to even) with the strip below it.
    A file without a picture is refused. Raises MediaError, one sentence.
    """
    raise NotImplementedError
