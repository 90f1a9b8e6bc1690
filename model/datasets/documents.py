"""Label files from elsewhere: JSON and XML of bounded size, and the numbers in them."""

import json
import math
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from model.boxes import Box
from model.datasets.dataset import DatasetError

# The published files have .6 and .8 MB, and 1 kB an image.
MOST_JSON_BYTES = 64 << 20
MOST_XML_BYTES = 1 << 20


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        DatasetError: it is too large, cannot be read or is no JSON.
    """
    try:
        return json.loads(_read(path, MOST_JSON_BYTES))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} cannot be read as JSON: {error}") from None


def read_xml(path: Path) -> Element:
    """The root of an XML file without a document type, entities or references.

    Raises:
        DatasetError: it is too large, cannot be read or is no such XML.
    """
    try:
        return defusedxml.ElementTree.fromstring(_read(path, MOST_XML_BYTES), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise DatasetError(f"{path} cannot be read as XML: {error}") from None


def number(value: Any, place: str) -> float:
    """A finite number.

    Raises:
        DatasetError: it is none; `place` says where it stands.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DatasetError(f"{place} must hold finite numbers, not {short(value)}")
    return float(value)


def four_numbers(value: Any, meaning: str, place: str) -> tuple[float, float, float, float]:
    """A list of four finite numbers; `meaning` names them in the error, as "[x1, y1, x2, y2]"."""
    if not isinstance(value, list) or len(value) != 4:
        raise DatasetError(f"{place} must be {meaning}, not {short(value)}")
    a, b, c, d = (number(part, place) for part in value)
    return a, b, c, d


def cut_to_frame(x1: float, y1: float, x2: float, y2: float) -> Box | None:
    """Corners cut to the frame, as the published evaluations do; None where no area is left."""
    box = tuple(min(max(part, 0.0), 1.0) for part in (x1, y1, x2, y2))
    return box if box[0] < box[2] and box[1] < box[3] else None  # type: ignore[return-value]


def short(value: Any) -> str:
    """A value as an error shows it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > most:
        raise DatasetError(f"{path} is larger than the {most >> 20} MB such a file may have.")
    return content
