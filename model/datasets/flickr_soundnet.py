"""Flickr-SoundNet's labelled images (Senocak et al., arXiv 1803.03849): `Annotations/<id>.xml`, one an image.

Three people drew a box each, in pixels of a picture squashed to 256 x 256::

    <root> <annotator> <bbox> <name/> <xmin/> <ymin/> <xmax/> <ymax/> </bbox> </annotator> ... </root>

What a box's first element is called and holds does not matter, the last four are its corners. Where the boxes overlap
says how sure the label is: the consensus map is the number of boxes over a point, halved and at most 1. So two must
agree on a point (`Sample.votes`); a picture whose annotators agree nowhere counts as missed. No class is named.

The labels belong to a frame and the sound around it; of a whole clip or sound the middle is taken.
"""

from pathlib import Path
from xml.etree.ElementTree import Element

from model.boxes import Box
from model.datasets.dataset import DatasetError, Skipped
from model.datasets.documents import cut_to_frame, number, read_xml
from model.datasets.labelled_moments import LabelledMoment, LabelledMoments

FOLDER = "Annotations"
PIXELS = 256
VOTES = 2


class FlickrSoundNet(LabelledMoments):
    """The images of `Annotations/`; one whose XML cannot be used is passed over."""

    title = "Flickr-SoundNet"
    layout = f"{FOLDER}/*.xml"
    gives = frozenset({"boxes"})

    def __init__(self, folder: Path) -> None:
        moments, skipped = [], []
        for path in sorted(folder.glob(self.layout)):
            try:
                boxes = _boxes(path)
            except DatasetError as error:
                skipped.append(Skipped(path.name, str(error)))
                continue
            moments.append(LabelledMoment(path.stem, path.stem, path.stem, None, boxes, ("",) * len(boxes), VOTES))
        super().__init__(folder, moments, skipped)


def _boxes(path: Path) -> tuple[Box, ...]:
    drawn = [_corners(element, path) for element in read_xml(path).iter("bbox")]
    boxes = [cut_to_frame(*corners) for corners in drawn]
    found = tuple(box for box in boxes if box is not None)
    if not found:
        raise DatasetError(f"{path} holds no bbox that has an area")
    return found


def _corners(element: Element, path: Path) -> tuple[float, float, float, float]:
    texts = [child.text or "" for child in element][-4:]
    try:
        x1, y1, x2, y2 = (number(float(text), f"{path}: a bbox") / PIXELS for text in texts)
    except ValueError as error:  # DatasetError is one
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path}: a bbox must end in xmin, ymin, xmax, ymax, not {texts}") from None
    return x1, y1, x2, y2
