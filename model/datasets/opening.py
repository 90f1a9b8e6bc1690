"""Choosing the reader of a folder by what lies in it."""

from pathlib import Path

from model import truth
from model.clips import MEDIA_SUFFIXES
from model.datasets import audioset_instruments, flickr_soundnet, vggss
from model.datasets.audioset_instruments import AudioSetInstruments
from model.datasets.dataset import Dataset, DatasetError
from model.datasets.flickr_soundnet import FlickrSoundNet
from model.datasets.labelled_videos import LabelledVideos
from model.datasets.plain_videos import PlainVideos
from model.datasets.vggss import VGGSS


def open_dataset(folder: str | Path, *, labelled: bool = True) -> Dataset:
    """The dataset in a folder, its labels read and nothing decoded.

    Args:
        folder: with `truth.json`, `vggss.json`, `audioset_box.json` or `Annotations/*.xml`, asked for in this order,
            and the media they name.
        labelled: whether labels are needed; if not, a folder of plain videos is one too.

    Raises:
        DatasetError: nothing is recognised, or what is there is malformed.
        model.truth.TruthError: `truth.json` is malformed.
    """
    folder = Path(folder)
    if (folder / truth.FILE).is_file():
        return LabelledVideos(folder)
    if (folder / vggss.FILE).is_file():
        return VGGSS(folder)
    if (folder / audioset_instruments.FILE).is_file():
        return AudioSetInstruments(folder)
    if any((folder / flickr_soundnet.FOLDER).glob("*.xml")):
        return FlickrSoundNet(folder)
    if not labelled and folder.is_dir() and any(path.suffix.lower() in MEDIA_SUFFIXES for path in folder.iterdir()):
        return PlainVideos(folder)
    known = f"{truth.FILE}, {vggss.FILE}, {audioset_instruments.FILE} or {flickr_soundnet.FOLDER}/*.xml"
    lacking = f"no {known} to say where what sounds" if labelled else f"no video and no {known}"
    raise DatasetError(f"{folder} holds no dataset known here: there is {lacking}.")
