"""From a labelling config's XML to what it lets a prediction show."""

import itertools
from dataclasses import replace

from label_config.config import ConfigError, LabelConfig, Medium
from label_config.control import Control
from label_config.notes import notes
from label_config.tags import Tag, read_tags

_TEMPLATE = "label_config/templates/objects_that_sound.xml is a config to start from"

_MEDIA = ("video", "image", "audio")  # the first of these that can be used is what predictions are about
_FOR_THE_CLIP = ("choices", "textarea", "ranker")


def read_config(xml: str) -> LabelConfig:
    """Read a project's labelling config.

    Raises:
        ConfigError: it is no XML, too large, or no prediction at all can be shown under it.
    """
    tags = read_tags(xml)
    media = [tag for tag in tags if tag.kind in _MEDIA and tag["name"] and tag["value"]]
    if not media:
        raise ConfigError(
            f"the labelling config has no Video, Image or Audio tag with a name and a value; {_TEMPLATE}."
        )
    controls, lists = _by_target(tags), {tag["name"]: tag["value"] for tag in tags if tag.kind == "list"}
    found = [_Reading(medium, media, controls, lists) for kind in _MEDIA for medium in media if medium.kind == kind]
    usable = [reading for reading in found if reading.used and not reading.lacks_sound]
    if not usable:
        raise ConfigError(_refusal(found[0]))
    # What regions can be drawn on comes before what is only chosen or written about.
    chosen = next((reading for reading in usable if reading.has_regions), usable[0])
    config = chosen.config()
    return replace(config, notes=notes(config, [*media, *itertools.chain(*controls.values())], chosen.used))


def _by_target(tags: list[Tag]) -> dict[str, list[Tag]]:
    """Controls by the name of what they label."""
    controls: dict[str, list[Tag]] = {}
    for tag in tags:
        if tag["name"] and tag["toname"]:
            controls.setdefault(tag["toname"], []).append(tag)
    return controls


def _refusal(reading: "_Reading") -> str:
    tag, name = reading.tag, reading.tag["name"]
    if reading.used:
        return (
            f'the labelling config has no Audio tag with the sound of {tag}: add <Audio name="sound" value="$sound"/>.'
        )
    control = {"video": "VideoRectangle", "image": "RectangleLabels", "audio": "Labels"}[tag.kind]
    return f'the labelling config has no {control} with a name and toName="{name}", nor another control; {_TEMPLATE}.'


class _Reading:
    """The config read as one about a medium of its own.

    Attributes:
        tag: the medium.
        used: the controls that a prediction about it can fill, in the config's order.
    """

    def __init__(self, tag: Tag, media: list[Tag], controls: dict[str, list[Tag]], lists: dict[str, str]) -> None:
        """lists: the `value` of each List tag by its name."""
        self.tag = tag
        self._controls, self._lists = controls, lists
        self._sounds = [other for other in media if other.kind == "audio" and other is not tag]
        self.soundtrack = self._soundtrack()
        self.used = sorted([*self._regions(), *self._for_the_clip()], key=lambda tag: tag.place)

    @property
    def has_regions(self) -> bool:
        """Whether regions can be marked, in the picture or in time."""
        return any(tag.kind not in _FOR_THE_CLIP for tag in self.used)

    @property
    def lacks_sound(self) -> bool:
        """Whether nothing can be heard with it: a picture without an Audio tag."""
        return self.tag.kind == "image" and self.soundtrack is None

    def config(self) -> LabelConfig:
        query = next((tag for tag in self._sounds if tag is not self.soundtrack and not self._carries(tag)), None)
        return LabelConfig(
            medium=_medium(self.tag),
            soundtrack=None if self.soundtrack is None else _medium(self.soundtrack),
            query=_medium(query) if query is not None and self.tag.kind == "video" else None,
            controls=tuple(self._control(tag) for tag in self.used),
        )

    def _control(self, tag: Tag) -> Control:
        control = tag.control()
        return replace(control, source=self._lists[control.target]) if control.tag == "ranker" else control

    def _soundtrack(self) -> Tag | None:
        if self.tag.kind == "audio":
            return self.tag
        own = (tag for tag in self._sounds if self.tag.kind == "image" or self._carries(tag))
        return next(own, None)

    def _carries(self, sound: Tag) -> bool:
        """Whether an Audio tag plays the video's own sound: the same file, or one played in step with it."""
        pairs = (
            (self.tag["sync"], sound["sync"]),
            (self.tag["sync"], sound["name"]),
            (self.tag["name"], sound["sync"]),
        )
        return sound["value"] == self.tag["value"] or any(one and one == other for one, other in pairs)

    def _regions(self) -> list[Tag]:
        """Controls that mark places or times, with the labels that go with them."""
        if self.tag.kind == "video":
            boxes = self._on(self.tag, "videorectangle")[:1]
            labels = self._on(self.tag, "labels") if boxes else []
            return [*boxes, *labels, *self._on(self.tag, "timelinelabels"), *self._on(self.soundtrack, "labels")]
        if self.tag.kind == "image":
            boxes = self._on(self.tag, "rectangle")[:1]
            shapes = self._on(self.tag, "rectanglelabels") or (boxes and [*boxes, *self._on(self.tag, "labels")])
            return [*shapes, *self._on(self.tag, "brushlabels")]
        return self._on(self.tag, "labels")

    def _for_the_clip(self) -> list[Tag]:
        """One Choices, one TextArea and one Ranker."""
        clip = [tag for tag in self._heard_and_seen() if tag.is_for_the_clip]
        choices = sorted((tag for tag in clip if tag.kind == "choices"), key=lambda tag: tag.place)
        rankers = [tag for name in self._lists for tag in self._controls.get(name, []) if tag.kind == "ranker"]
        return [*choices[:1], *_similar(clip), *[tag for tag in rankers if not tag.has_buckets][:1]]

    def _heard_and_seen(self) -> list[Tag]:
        return self._on(self.tag) if self.soundtrack is self.tag else self._on(self.tag) + self._on(self.soundtrack)

    def _on(self, medium: Tag | None, kind: str = "") -> list[Tag]:
        """The controls of a medium, of one kind or of all."""
        controls = [] if medium is None else self._controls.get(medium["name"], [])
        return [tag for tag in controls if kind in ("", tag.kind)]


def _similar(clip: list[Tag]) -> list[Tag]:
    """The TextArea for similar clips: one that says so in its name, else the first."""
    areas = [tag for tag in clip if tag.kind == "textarea"]
    return sorted(areas, key=lambda tag: ("similar" not in tag["name"].lower(), tag.place))[:1]


def _medium(tag: Tag) -> Medium:
    return Medium(tag.kind, tag["name"], tag["value"], tag["framerate"])
