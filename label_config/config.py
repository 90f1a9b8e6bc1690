"""A project's labelling config: which controls it has, what they are called and which values they know."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from label_config.references import resolve

BOX_LABEL = "sounding object"  # the label of a box until people's own labels are suggested
SEGMENT_LABEL = "sounding"  # the label of the time in which an object sounds
DEFAULT_FRAME_RATE = 24.0  # Label Studio's, where a config states none or one that is no number
MAX_CONFIG_LENGTH = 1_000_000  # characters; a config of ten thousand labels is below this

_TEMPLATE = "label_config/templates/objects_that_sound.xml is a config to start from"


class ConfigError(ValueError):
    """A labelling config, or a task under it, that cannot be used, in one sentence."""


@dataclass(frozen=True)
class Option:
    """One value of a control. Label Studio shows `value` and, where there is one, writes `alias`."""

    value: str
    alias: str | None = None

    @property
    def written(self) -> str:
        """The form in which results carry it."""
        return self.alias or self.value


@dataclass(frozen=True)
class Control:
    """One control tag.

    Attributes:
        tag: its tag in lower case, which is also the `type` of its results.
        name: its name, the `from_name` of its results.
        target: the name of the object tag it labels, their `to_name`.
        options: the values it knows, in the config's order; empty for controls without values.
        source: a `$field` of the task's data that adds values, "" if none does.
        multiple: whether several values may be chosen at once.
    """

    tag: str
    name: str
    target: str
    options: tuple[Option, ...] = ()
    source: str = ""
    multiple: bool = False

    def find(self, value: str) -> str | None:
        """The written form of the option with this value or alias; None if the control does not know it."""
        return next((option.written for option in self.options if value in (option.value, option.alias)), None)

    def for_task(self, task_data: Mapping[str, Any]) -> "Control":
        """The control with the values that one task's data add."""
        added = resolve(self.source, task_data) if self.source else None
        if not isinstance(added, list):
            return self
        options = tuple(
            Option(entry["value"], alias if isinstance(alias := entry.get("alias"), str) else None)
            for entry in added
            if isinstance(entry, Mapping) and isinstance(entry.get("value"), str)
        )
        return replace(self, options=self.options + options)


@dataclass(frozen=True)
class LabelConfig:
    """What a labelling config lets a prediction show.

    Attributes:
        video: name of the Video tag that boxes are drawn on.
        media: its `value`: where in a task's data the video is, such as "$video".
        frame_rate_source: its `frameRate` as written, such as "25" or "$fps".
        boxes: the VideoRectangle control.
        labels: its Labels and TimelineLabels controls, in the config's order. Label Studio gives
            a box to the first that knows its label.
        choices: the Choices control for the whole clip; None if there is none.
        other_videos: names of further Video tags, which are left alone.
    """

    video: str
    media: str
    frame_rate_source: str
    boxes: Control
    labels: tuple[Control, ...] = ()
    choices: Control | None = None
    other_videos: tuple[str, ...] = ()

    def box_label(self, value: str = BOX_LABEL) -> str | None:
        """The written form of a box's label; None if boxes cannot carry it."""
        owner = self._owner(value)
        return owner.find(value) if owner is not None and owner.tag == "labels" else None

    def segments(self, value: str = SEGMENT_LABEL) -> Control | None:
        """The TimelineLabels control that knows a segment's label; None if there is none."""
        timelines = (control for control in self.labels if control.tag == "timelinelabels")
        return next((control for control in timelines if control.find(value) is not None), None)

    def frame_rate(self, task_data: Mapping[str, Any] | None = None) -> float:
        """Frames a second that Label Studio counts in one task: not the file's own rate.

        As in its page, no number gives 24 and a number below 1 is the seconds between frames.
        """
        rate = _number(resolve(self.frame_rate_source, task_data or {}))
        if not math.isfinite(rate) or rate <= 0:
            return DEFAULT_FRAME_RATE
        return 1 / rate if rate < 1 else rate

    def media_url(self, task_data: Mapping[str, Any]) -> str:
        """The address of a task's video.

        Raises:
            ConfigError: the task's data hold none.
        """
        url = resolve(self.media, task_data)
        if not isinstance(url, str) or not url.strip():
            raise ConfigError(f"the task has no address in {self.media}, which the config's Video tag shows: add it.")
        return url.strip()

    def for_task(self, task_data: Mapping[str, Any]) -> "LabelConfig":
        """The config as one task sees it: frame rate and values that its data give are filled in."""
        return replace(
            self,
            frame_rate_source=repr(self.frame_rate(task_data)),
            labels=tuple(control.for_task(task_data) for control in self.labels),
            choices=self.choices and self.choices.for_task(task_data),
        )

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with the config's meaning and not with its colours or layout."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def notes(self) -> tuple[str, ...]:
        """What this config cannot show, one sentence each; empty if it shows everything."""
        notes = []
        owner = self._owner(BOX_LABEL)
        if owner is None:
            notes.append(f'No Labels of the video has the value "{BOX_LABEL}", so boxes carry no label.')
        elif owner.tag != "labels":
            notes.append(
                f'TimelineLabels "{owner.name}" has the value "{BOX_LABEL}" and no Labels above it has, so '
                f"boxes carry no label: Label Studio would label them as segments; put Labels first."
            )
        if self.segments() is None:
            notes.append(f'No TimelineLabels of the video has the value "{SEGMENT_LABEL}", so no segments are shown.')
        notes += [f'Boxes go to Video "{self.video}" only, not to "{other}".' for other in self.other_videos]
        return tuple(notes)

    def _owner(self, value: str) -> Control | None:
        return next((control for control in self.labels if control.find(value) is not None), None)


def read_config(xml: str) -> LabelConfig:
    """Read a project's labelling config.

    Raises:
        ConfigError: it is no XML, too large, or has no Video with a VideoRectangle.
    """
    elements = [_Tag(element) for element in _parse(xml).iter() if isinstance(element.tag, str)]
    videos = [tag for tag in elements if tag.kind == "video" and tag["name"] and tag["value"]]
    if not videos:
        raise ConfigError(f"the labelling config has no Video tag with a name and a value; {_TEMPLATE}.")
    names = [video["name"] for video in videos]
    boxes = next((tag for tag in elements if tag.kind == "videorectangle" and tag["toname"] in names), None)
    if boxes is None or not boxes["name"]:
        raise ConfigError(
            f'the labelling config has no VideoRectangle with a name and toName="{names[0]}"; {_TEMPLATE}.'
        )
    video = next(video for video in videos if video["name"] == boxes["toname"])
    controls = [tag for tag in elements if tag["toname"] == video["name"] and tag["name"]]
    return LabelConfig(
        video=video["name"],
        media=video["value"],
        frame_rate_source=video["framerate"],
        boxes=boxes.control(),
        labels=tuple(tag.control() for tag in controls if tag.kind in ("labels", "timelinelabels")),
        choices=next((tag.control() for tag in controls if tag.is_clip_choices), None),
        other_videos=tuple(name for name in names if name != video["name"]),
    )


class _Tag:
    """An element read as Label Studio's page reads it: tag and attribute names in any case."""

    def __init__(self, element: Element) -> None:
        self.kind = element.tag.lower()
        self._element = element
        self._attributes = {name.lower(): value for name, value in element.attrib.items()}

    def __getitem__(self, attribute: str) -> str:
        return self._attributes.get(attribute, "")

    @property
    def is_clip_choices(self) -> bool:
        """Whether these are choices for the whole clip, each of them one plain value."""
        special = ("perregion", "peritem", "allownested")
        return self.kind == "choices" and not any(self[attribute] == "true" for attribute in special)

    def control(self) -> Control:
        return Control(
            tag=self.kind,
            name=self["name"],
            target=self["toname"],
            options=tuple(Option(tag["value"], tag["alias"] or None) for tag in self._options() if tag["value"]),
            source=self["value"] if self["value"].startswith("$") else "",
            multiple=self["choice"] == "multiple",
        )

    def _options(self) -> "Iterator[_Tag]":
        """The Label or Choice tags inside, in Views too; a Choice within a Choice is no value of its own."""
        waiting = list(reversed(self._element))
        while waiting:
            element = waiting.pop()
            if not isinstance(element.tag, str):
                continue
            tag = _Tag(element)
            if tag.kind in ("label", "choice"):
                yield tag
            else:
                waiting.extend(reversed(element))


def _parse(xml: str) -> Element:
    if len(xml) > MAX_CONFIG_LENGTH:
        raise ConfigError(f"the labelling config has over {MAX_CONFIG_LENGTH:,} characters; shorten its lists.")
    try:
        return defusedxml.ElementTree.fromstring(xml, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise ConfigError(f"the labelling config is not XML that can be read ({error}).") from error


def _number(value: Any) -> float:
    """A number as the page's `Number()` reads it, NaN for anything else."""
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan
