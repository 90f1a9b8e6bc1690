"""The tags of a labelling config's XML, read as Label Studio's page reads them."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.sax.saxutils import quoteattr

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from label_config.config import ConfigError
from label_config.control import Control, Option

_ALIASES = {"audioplus": "audio"}  # Label Studio's page still shows its old tags

MAX_CONFIG_LENGTH = 1_000_000  # characters; a config of ten thousand labels is below this


class Tag:
    """An element: tag and attribute names in any case.

    Attributes:
        kind: its tag in lower case; of one that has a newer name, that name.
        place: line and column at which it begins in the XML, the line from 1.
    """

    def __init__(self, element: Element, place: tuple[int, int]) -> None:
        self.kind = _ALIASES.get(element.tag.lower(), element.tag.lower())
        self.place = place
        self._element = element
        self._attributes = {name.lower(): value for name, value in element.attrib.items()}

    def __getitem__(self, attribute: str) -> str:
        return self._attributes.get(attribute, "")

    def __str__(self) -> str:
        return f'{self._element.tag} "{self["name"]}"'

    @property
    def opening(self) -> str:
        """Its opening tag as it stands in the XML, but for white space."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self._element.attrib.items())
        return f"<{self._element.tag}{attributes}>"

    @property
    def line(self) -> int:
        """The line of the XML on which it begins, from 1."""
        return self.place[0]

    @property
    def is_for_the_clip(self) -> bool:
        """Whether it asks about the whole clip, not about single regions or items or for nested values."""
        return not any(self[attribute] == "true" for attribute in ("perregion", "peritem", "allownested"))

    @property
    def has_buckets(self) -> bool:
        """Whether a Ranker sorts into groups, rather than by one order."""
        return any(str(child.tag).lower() == "bucket" for child in self._element)

    def control(self) -> Control:
        """The control it is."""
        return Control(
            tag=self.kind,
            name=self["name"],
            target=self["toname"],
            options=tuple(Option(tag["value"], tag["alias"] or None) for tag in self._options() if tag["value"]),
            source=self["value"] if self["value"].startswith("$") else "",
            multiple=self["choice"] == "multiple",
        )

    def _options(self) -> "Iterator[Tag]":
        """The Label or Choice tags inside, in Views too; a Choice within a Choice is no value of its own."""
        waiting = list(reversed(self._element))
        while waiting:
            element = waiting.pop()
            if not isinstance(element.tag, str):
                continue
            tag = Tag(element, self.place)
            if tag.kind in ("label", "choice"):
                yield tag
            else:
                waiting.extend(reversed(element))


def read_tags(xml: str) -> list[Tag]:
    """Every tag in the order of the XML.

    Raises:
        ConfigError: it is no XML, or too large.
    """
    if len(xml) > MAX_CONFIG_LENGTH:
        raise ConfigError(f"the labelling config has over {MAX_CONFIG_LENGTH:,} characters; shorten its lists.")
    tree = _Tree()
    parser = defusedxml.ElementTree.DefusedXMLParser(target=tree, forbid_dtd=True)
    tree.expat = parser.parser
    try:
        parser.feed(xml)
        parser.close()
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise ConfigError(f"the labelling config is not XML that can be read ({error}).") from error
    return tree.tags()


class _Tree(TreeBuilder):
    """Elements with the places at which they begin."""

    expat: Any  # the parser underneath, which alone knows where it is

    def __init__(self) -> None:
        super().__init__()
        self._begun: list[tuple[Element, tuple[int, int]]] = []

    def start(self, tag: Any, attributes: Any, /) -> Element:
        element = super().start(tag, attributes)
        self._begun.append((element, (self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber)))
        return element

    def tags(self) -> list[Tag]:
        return [Tag(element, place) for element, place in self._begun]
