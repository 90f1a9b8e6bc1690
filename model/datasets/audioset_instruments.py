"""AudioSet-Instruments with boxes (Hu et al., arXiv 2010.05466): `audioset_box.json`.

An object, one entry a labelled second of a clip::

    {"<ytid>/<second>": {"bbox": [{"category": index or name, "normbox": [x, y, width, height] in 0..1}]}}

Second k of a clip is its sound from k to k + 1 s, and the frame in the middle of it, at k + .5 s. The boxes are of the
instruments heard; a second without boxes cannot be evaluated and is passed over.
"""

import re
from pathlib import Path
from typing import Any

from model.boxes import Box
from model.datasets.dataset import DatasetError, Skipped
from model.datasets.documents import cut_to_frame, four_numbers, read_json, short
from model.datasets.labelled_moments import LabelledMoment, LabelledMoments

FILE = "audioset_box.json"


class AudioSetInstruments(LabelledMoments):
    """The seconds of `audioset_box.json` with whole clips beside it, `<ytid>.mp4`, or `frames/<ytid>/<second>.jpg`."""

    title = "AudioSet-Instruments"
    layout = FILE
    gives = frozenset({"boxes", "classes"})

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        entries = read_json(path)
        if not isinstance(entries, dict):
            raise DatasetError(f"{path} must hold an object with one key a second, not {short(entries)}")
        moments: list[LabelledMoment] = []
        skipped: list[Skipped] = []
        for name, entry in entries.items():
            try:
                moment = _moment(name, entry, f"{FILE}, {short(name)}")
            except DatasetError as error:
                skipped.append(Skipped(f"{FILE}, {short(name)}", f"{error}."))
                continue
            if moment.boxes:
                moments.append(moment)
            else:
                skipped.append(Skipped(name, f"{name}: {FILE} holds no box for it that has an area."))
        super().__init__(folder, moments, skipped)


def _moment(name: str, entry: Any, where: str) -> LabelledMoment:
    if not re.fullmatch(r"[\w-]{1,100}/\d{1,5}", name):
        raise DatasetError(f"{where}: a key must be <ytid>/<second>, like 8LYWfpPUokc/3")
    listed = entry.get("bbox") if isinstance(entry, dict) else None
    if not isinstance(listed, list):
        raise DatasetError(f"{where} must be an object with a list named bbox, not {short(entry)}")
    found = [_object(value, f"{where}: bbox[{index}]") for index, value in enumerate(listed)]
    kept = [(box, category) for box, category in found if box is not None]
    clip, second = name.split("/")
    boxes, classes = tuple(box for box, _ in kept), tuple(category for _, category in kept)
    return LabelledMoment(name, clip, clip, int(second) + 0.5, boxes, classes)


def _object(value: Any, place: str) -> tuple[Box | None, str]:
    category = value.get("category") if isinstance(value, dict) else None
    if isinstance(category, bool) or not isinstance(category, int | str):
        raise DatasetError(f"{place} must be an object with category and normbox, not {short(value)}")
    x, y, width, height = four_numbers(value.get("normbox"), "[x, y, width, height]", f"{place}.normbox")
    return cut_to_frame(x, y, x + width, y + height), str(category)
