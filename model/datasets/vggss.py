"""VGG-SS (Chen et al., "Localizing Visual Sounds the Hard Way", arXiv 2104.02691): `vggss.json`.

A list, one entry a clip::

    {"file": "<ytid>_<ssssss>", "class": name, "bbox": [[x1, y1, x2, y2] in 0..1, ...]}

The boxes together are one label. The labelled frame is the middle one of the ten seconds, so of a whole clip the middle
is taken, with the second around it.
"""

import re
from pathlib import Path
from typing import Any

from model.datasets.dataset import DatasetError, Skipped
from model.datasets.documents import cut_to_frame, four_numbers, read_json, short
from model.datasets.labelled_moments import LabelledMoment, LabelledMoments

FILE = "vggss.json"


class VGGSS(LabelledMoments):
    """The boxes of `vggss.json` with the media beside it."""

    title = "VGG-SS"
    layout = FILE
    gives = frozenset({"boxes", "classes"})

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        entries = read_json(path)
        if not isinstance(entries, list):
            raise DatasetError(f"{path} must hold a list with one entry a clip, not {short(entries)}")
        moments: dict[str, LabelledMoment] = {}
        skipped: list[Skipped] = []
        for number, entry in enumerate(entries):
            try:
                moment = _moment(entry, f"{FILE}, entry {number}")
            except DatasetError as error:
                skipped.append(Skipped(f"{FILE}, entry {number}", f"{error}."))
                continue
            if not moment.boxes:  # the published file has some
                skipped.append(Skipped(moment.name, f"{moment.name}: none of its boxes in {FILE} has an area."))
            elif moment.name in moments:
                skipped.append(Skipped(moment.name, f"{moment.name}: {FILE} lists it again; the first entry counts."))
            else:
                moments[moment.name] = moment
        super().__init__(folder, list(moments.values()), skipped)


def _moment(entry: Any, where: str) -> LabelledMoment:
    if not isinstance(entry, dict):
        raise DatasetError(f"{where} must be an object with file, class and bbox, not {short(entry)}")
    file, name, corners = entry.get("file"), entry.get("class"), entry.get("bbox")
    if not isinstance(file, str) or not re.fullmatch(r"[\w-]{1,100}_\d{1,9}", file):
        raise DatasetError(f"{where}: file must be a clip's name like zpWuikVorYg_000032, not {short(file)}")
    if not isinstance(name, str):
        raise DatasetError(f"{where} ({file}): class must be a name, not {short(name)}")
    if not isinstance(corners, list):
        raise DatasetError(f"{where} ({file}): bbox must be a list of boxes, not {short(corners)}")
    places = [(value, f"{where} ({file}): bbox[{index}]") for index, value in enumerate(corners)]
    cut = [cut_to_frame(*four_numbers(value, "[x1, y1, x2, y2]", place)) for value, place in places]
    boxes = tuple(box for box in cut if box is not None)
    return LabelledMoment(file, file, file.rsplit("_", 1)[0], None, boxes, (name,) * len(boxes))
