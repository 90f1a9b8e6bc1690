"""When something sounds: segments on a video's frames, stretches of a waveform in seconds."""

from label_config.config import LabelConfig
from label_config.items import Item, region
from label_config.timeline import Timeline


def segment_item(
    config: LabelConfig,
    timeline: Timeline,
    start: float,
    end: float,
    *,
    score: float,
    reason: str,
    label: str | None = None,
) -> Item | None:
    """Half-open seconds [start, end) as a range of inclusive frames; None if the config shows no such segment.

    label: the suggested one; where no TimelineLabels knows it, the segment gets SEGMENT_LABEL.
    """
    found = config.segment(label)
    if found is None:
        return None
    control, written = found
    first = timeline.frame(start)
    value = {
        "ranges": [{"start": first, "end": max(first, timeline.last_frame_before(end))}],
        "timelinelabels": [written],
    }
    return region(control.name, control.target, "timelinelabels", value, score, reason)


def stretch_item(
    config: LabelConfig,
    timeline: Timeline,
    start: float,
    end: float,
    *,
    score: float | None,
    reason: str,
    label: str | None = None,
) -> Item | None:
    """Half-open seconds [start, end) marked on the waveform; None if the config shows no such stretch.

    label: the suggested one; where no Labels of the waveform knows it, the stretch gets SEGMENT_LABEL.
    """
    found = config.stretch(label)
    if found is None:
        return None
    control, written = found
    first, last = (round(min(max(edge, 0.0), timeline.duration), 3) for edge in (start, end))
    if last <= first:
        return None
    value = {"start": first, "end": last, "channel": 0, "labels": [written]}
    return region(control.name, control.target, "labels", value, score, reason)
