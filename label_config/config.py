"""A project's labelling config: what a task shows, which controls a prediction can fill, which values they know."""

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from label_config.control import Control
from label_config.references import absent, resolve

BOX_LABEL = "sounding object"  # the label of a box or a mask until people's own labels are suggested
SEGMENT_LABEL = "sounding"  # the label of the time in which an object sounds
DEFAULT_FRAME_RATE = 24.0  # Label Studio's, where a config states none or one that is no number

Kind = Literal["box", "mask", "segment", "stretch"]
"""A kind of region: on a video or picture, on a picture, on a video's frames, on a waveform. Each has labels of its
own."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_SHAPES = ("videorectangle", "rectanglelabels", "rectangle")


class ConfigError(ValueError):
    """A labelling config, or a task under it, that cannot be used, in one sentence."""


@dataclass(frozen=True)
class Medium:
    """An object tag: what a task shows.

    Attributes:
        kind: "video", "image" or "audio".
        name: its name, the `to_name` of the results on it.
        value: where in a task's data its file is, such as "$video".
        frame_rate: a Video's `frameRate` as written, such as "25" or "$fps"; else "".
    """

    kind: str
    name: str
    value: str
    frame_rate: str = ""

    @property
    def tag(self) -> str:
        """Its tag as configs write it."""
        return self.kind.capitalize()

    def url(self, task_data: Mapping[str, Any]) -> str:
        """The address of its file in one task.

        Raises:
            ConfigError: the task's data hold none.
        """
        found, lacking = resolve(self.value, task_data), absent(self.value, task_data)
        if isinstance(found, str) and found.strip() and not lacking:
            return found.strip()
        field = self.value.removeprefix("$")
        if lacking and field in task_data and lacking != [self.value]:
            raise ConfigError(
                f'Label Studio reads {self.value} in the config\'s {self.tag} tag as the field "{lacking[0][1:]}" and '
                f'text after it: rename "{field}", in the config and in the tasks, to letters, digits and underscores.'
            )
        raise ConfigError(f"the task has no address in {self.value}, which the config's {self.tag} tag shows: add it.")


@dataclass(frozen=True)
class LabelConfig:
    """What a labelling config lets a prediction show.

    Attributes:
        medium: the video, picture or sound that predictions are about.
        soundtrack: the Audio tag with what is heard with it: a video's own sound, a picture's sound, a sound
            itself; None where the config has none.
        query: an Audio tag with another sound, whose source is to be found in the video; None without one.
        controls: those a prediction may fill, in the config's order.
        notes: what this config cannot show, and what it has that predictions do not use, one sentence each.
    """

    medium: Medium
    soundtrack: Medium | None = None
    query: Medium | None = None
    controls: tuple[Control, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def boxes(self) -> Control | None:
        """The first control that draws boxes; None if there is none."""
        return self._first(*_SHAPES)

    @property
    def choices(self) -> Control | None:
        """The Choices for the whole clip; None if there is none."""
        return self._first("choices")

    @property
    def similar(self) -> Control | None:
        """The TextArea that similar clips are listed in; None if there is none."""
        return self._first("textarea")

    @property
    def ranker(self) -> Control | None:
        """The Ranker that orders a List of similar clips; None if there is none."""
        return self._first("ranker")

    def box_label(self, suggested: str | None = None) -> str | None:
        """The written label of a box on a video; None if such boxes can carry neither this one nor BOX_LABEL.

        Label Studio gives a box to the first Labels or TimelineLabels that knows its label: what a
        TimelineLabels above takes cannot be written.
        """
        ours: set[str] = set()
        taken: set[str] = set()
        for control in self.labels("labels", "timelinelabels"):
            if control.tag == "labels":
                ours |= _values(control) - taken
            else:
                taken |= _values(control) - ours
        found = _pick(self.labels("labels"), suggested, BOX_LABEL, taken)
        return None if found is None else found[1]

    def shape(self, suggested: str | None = None) -> tuple[Control, str | None] | None:
        """The control that draws a box with this label on a picture, and the label as written, None for none.

        None if the config has no such control.
        """
        if (plain := self._first("rectangle")) is not None:
            found = _pick(self.labels("labels"), suggested, BOX_LABEL)
            return plain, None if found is None else found[1]
        shapes = self.labels("rectanglelabels")
        return _pick(shapes, suggested, BOX_LABEL) or ((shapes[0], None) if shapes else None)

    def segment(self, suggested: str | None = None) -> tuple[Control, str] | None:
        """The TimelineLabels that knows this label or SEGMENT_LABEL, and the label as written; None without one."""
        return _pick(self.labels("timelinelabels"), suggested, SEGMENT_LABEL)

    def stretch(self, suggested: str | None = None) -> tuple[Control, str] | None:
        """The Labels of the soundtrack that knows this label or SEGMENT_LABEL, and the label as written."""
        if self.soundtrack is None:
            return None
        return _pick(self.labels("labels", of=self.soundtrack), suggested, SEGMENT_LABEL)

    def mask(self, suggested: str | None = None) -> tuple[Control, str] | None:
        """The BrushLabels that knows this label or BOX_LABEL, and the label as written; None without one."""
        return _pick(self.labels("brushlabels"), suggested, BOX_LABEL)

    @property
    def marks_regions(self) -> bool:
        """Whether anything can be marked under it, in the picture or in time."""
        return self.boxes is not None or any(control.options for kind in self._filled for control in self.naming(kind))

    def leaves_open(self, suggested: Mapping[Kind, str]) -> bool:
        """Whether people have a label to choose yet for what sounds: of those suggested by kind of region, none is
        known to its kind, so that all carry a neutral label or none or are left out, and there are others to be had.
        """
        naming = [[option for control in self.naming(kind) for option in control.options] for kind in self._filled]
        known = any(kind in self._filled and self.find(kind, label) is not None for kind, label in suggested.items())
        return not known and any(len(options) > 1 for options in naming)

    def naming(self, kind: Kind) -> list[Control]:
        """The controls whose labels regions of a kind carry."""
        if kind == "box":
            return [] if self.boxes is None else self.labels("labels", "rectanglelabels")
        if kind == "stretch":
            return [] if self.soundtrack is None else self.labels("labels", of=self.soundtrack)
        return self.labels("brushlabels" if kind == "mask" else "timelinelabels")

    def find(self, kind: Kind, label: str) -> str | None:
        """The written form of a label that regions of a kind can carry; None if they cannot."""
        return next((written for control in self.naming(kind) if (written := control.find(label)) is not None), None)

    def neutral(self, kind: Kind) -> set[str]:
        """The labels by which regions of a kind say that something sounds and not what, as results carry them."""
        written = {control.find(label) for control in self.naming(kind) for label in (BOX_LABEL, SEGMENT_LABEL)}
        return {BOX_LABEL, SEGMENT_LABEL} | {label for label in written if label is not None}

    def alone(self, kind: Kind) -> set[str]:
        """The label of regions of a kind that leaves no choice, as results carry it; empty where there is a choice."""
        written = [option.written for control in self.naming(kind) for option in control.options]
        return set(written) if len(written) == 1 else set()

    @property
    def _filled(self) -> tuple[Kind, ...]:
        """The kinds that predictions fill: what would make a sound does so at no time of its own."""
        return KINDS if self.query is None else ("box", "mask")

    def labels(self, *tags: str, of: Medium | None = None) -> list[Control]:
        """The controls with these tags on a medium, by default on the one that predictions are about."""
        target = (of or self.medium).name
        return [control for control in self.controls if control.tag in tags and control.target == target]

    def frame_rate(self, task_data: Mapping[str, Any] | None = None) -> float:
        """Frames a second that Label Studio counts in one task: not the file's own rate.

        As in its page, no number gives 24 and a number below 1 is the seconds between frames.
        """
        found = resolve(self.medium.frame_rate, task_data or {})
        if not is_frame_rate(found):
            return DEFAULT_FRAME_RATE
        rate = _number(found)
        return 1 / rate if rate < 1 else rate

    def media_url(self, task_data: Mapping[str, Any]) -> str:
        """The address of the file that a task's predictions are about.

        Raises:
            ConfigError: the task's data hold none.
        """
        return self.medium.url(task_data)

    def sound_url(self, task_data: Mapping[str, Any]) -> str | None:
        """The address of a task's second file, a query sound or the sound of a picture; None where none is needed.

        Raises:
            ConfigError: one is needed, and the task's data hold none.
        """
        return None if self._second is None else self._second.url(task_data)

    @property
    def needs_sound(self) -> bool:
        """Whether a task has a second file: a query sound or the sound of a picture."""
        return self._second is not None

    @property
    def _second(self) -> Medium | None:
        return self.soundtrack if self.medium.kind == "image" else self.query

    def for_task(self, task_data: Mapping[str, Any]) -> "LabelConfig":
        """The config as one task sees it: frame rate and values that its data give are filled in."""
        return replace(
            self.at_frame_rate(self.frame_rate(task_data)),
            controls=tuple(control.for_task(task_data) for control in self.controls),
        )

    def at_frame_rate(self, rate: float) -> "LabelConfig":
        """The config counting this many frames a second, whatever it says itself."""
        return replace(self, medium=replace(self.medium, frame_rate=repr(rate)))

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with the config's meaning and not with its colours or layout."""
        meaning = asdict(replace(self, notes=()))
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]

    def _first(self, *tags: str) -> Control | None:
        return next((control for control in self.controls if control.tag in tags), None)


def is_frame_rate(value: Any) -> bool:
    """Whether Label Studio's page takes a `frameRate`; otherwise it counts DEFAULT_FRAME_RATE."""
    rate = _number(value)
    return math.isfinite(rate) and rate > 0


def _pick(
    controls: Iterable[Control], suggested: str | None, neutral: str, taken: Collection[str] = ()
) -> tuple[Control, str] | None:
    """The suggested label if a control knows it, else the neutral one, else the only one there is.

    A config with one label asks where that is: an annotator would choose it each time.
    """
    controls = list(controls)
    known = [option.value for control in controls for option in control.options]
    for value in (suggested, neutral, *(known if len(known) == 1 else ())):
        for control in controls:
            written = None if value is None else control.find(value)
            if written is not None and not {value, written} & set(taken):
                return control, written
    return None


def _values(control: Control) -> set[str]:
    """Every value and alias of a control."""
    return {value for option in control.options for value in (option.value, option.written)}


def _number(value: Any) -> float:
    """A number as the page's `Number()` reads it, NaN for anything else."""
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan
