"""What a labelling config cannot show, and what it has that predictions do not use: one sentence each."""

from collections.abc import Iterator

from label_config.config import BOX_LABEL, DEFAULT_FRAME_RATE, SEGMENT_LABEL, LabelConfig, is_frame_rate
from label_config.tags import Tag

_KNOWN = (
    *("videorectangle", "rectangle", "rectanglelabels", "brushlabels", "labels", "timelinelabels"),
    *("choices", "textarea", "ranker"),
)
_FOR_THE_CLIP = ("choices", "textarea", "ranker")


def notes(config: LabelConfig, tags: list[Tag], used: list[Tag]) -> tuple[str, ...]:
    """The sentences.

    Args:
        config: what was read.
        tags: every object and control tag of the XML.
        used: the controls that predictions fill.
    """
    shown = (*_boxes(config), *_masks(config), *_times(config), *_rate(config))
    return (*_swaps(config, used), *shown, *_unused(config, tags, used))


def _swaps(config: LabelConfig, used: list[Tag]) -> Iterator[str]:
    """Label Studio gives a box to the first control of the video that knows its label, be it a TimelineLabels."""
    here = [tag for tag in used if tag["toname"] == config.medium.name]
    for index, above in enumerate(here):
        if above.kind != "timelinelabels":
            continue
        mine = {option.written for option in above.control().options}
        for below in here[index + 1 :]:
            shared = [o.written for o in below.control().options if o.written in mine] if below.kind == "labels" else []
            if shared:
                yield (
                    f"{above} stands above {below} and both know {_list(shared)}, so Label Studio would show such "
                    f"boxes as time segments and they are drawn without that label: swap line {above.line}, "
                    f"{above.opening}, and line {below.line}, {below.opening}, each with what it encloses."
                )


def _boxes(config: LabelConfig) -> Iterator[str]:
    kind = config.medium.kind
    if kind == "audio":
        return
    if config.boxes is None:
        tag = "VideoRectangle" if kind == "video" else "RectangleLabels"
        yield f'No {tag} draws on {config.medium.tag} "{config.medium.name}", so no boxes are shown.'
        return
    shape = config.shape() if kind == "image" else None
    label = config.box_label() if kind == "video" else shape and shape[1]
    if label is None:
        known = any(control.options or control.source for control in config.labels("labels", "rectanglelabels"))
        rest = "a box carries a label only where labelled regions suggest one" if known else "boxes carry no label"
        yield f'No Labels of the {kind} has the value "{BOX_LABEL}", so {rest}.'


def _masks(config: LabelConfig) -> Iterator[str]:
    if config.labels("brushlabels") and config.mask() is None:
        waits = "a mask is shown only where labelled ones suggest its label"
        yield f'No BrushLabels of the image has the value "{BOX_LABEL}", so {waits}.'


def _times(config: LabelConfig) -> Iterator[str]:
    kind = config.medium.kind
    if kind == "image" or config.segment() or config.stretch():
        return
    if config.query is not None and not config.labels("timelinelabels"):
        return  # what would make a sound does so at no time of its own
    heard = [] if config.soundtrack is None else config.labels("labels", of=config.soundtrack)
    waiting = any(control.options or control.source for control in [*config.labels("timelinelabels"), *heard])
    rest = "a time segment is shown only where labelled ones suggest its label" if waiting else "no segments are shown"
    if waiting and kind == "audio":
        rest += ", and none in a file without a picture"  # no region there is known by what is seen and heard of it
    tag = "TimelineLabels" if kind == "video" else "Labels"
    yield f'No {tag} of the {kind} has the value "{SEGMENT_LABEL}", so {rest}.'


def _rate(config: LabelConfig) -> Iterator[str]:
    written = config.medium.frame_rate
    if written and "$" not in written and not is_frame_rate(written):
        yield (
            f'frameRate="{written}" of Video "{config.medium.name}" is no number of frames a second, so Label Studio '
            f"counts {DEFAULT_FRAME_RATE:g}."
        )


def _unused(config: LabelConfig, tags: list[Tag], used: list[Tag]) -> Iterator[str]:
    media = [medium.name for medium in (config.medium, config.soundtrack, config.query) if medium is not None]
    for tag in tags:
        if not tag["toname"]:
            if tag["name"] not in media:
                yield f'Predictions are about {config.medium.tag} "{config.medium.name}", not about {tag}.'
        elif tag not in used:
            yield f"Nothing is written to {tag}: {_why(config, tag, used)}."


def _why(config: LabelConfig, tag: Tag, used: list[Tag]) -> str:
    """Why predictions leave a control alone, as half a sentence."""
    if tag.kind not in _KNOWN:
        return "Earmark has nothing to predict for such a control"
    if tag.kind in _FOR_THE_CLIP and not tag.is_for_the_clip:
        return "it is not about the whole clip"
    if tag.has_buckets:
        return "its buckets are for people to fill"
    if config.query is not None and tag["toname"] == config.query.name:
        return f'{config.query.tag} "{config.query.name}" holds the sound that is looked for'
    same = next((other for other in used if other.kind == tag.kind), None)
    if same is not None and tag.kind in (*_FOR_THE_CLIP, "videorectangle", "rectangle"):
        return f"{same} takes it"
    if tag["toname"] == config.medium.name and tag.kind == "labels":
        return "no control draws the boxes that it would label"
    return f'it does not go with {config.medium.tag} "{config.medium.name}"'


def _list(values: list[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)
