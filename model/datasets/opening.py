"""Choosing the reader of a folder by what lies in it."""

from pathlib import Path

from model import ontology
from model.clips import MEDIA_SUFFIXES
from model.datasets.audioset import ONTOLOGY, AudioSet
from model.datasets.audioset_instruments import AudioSetInstruments
from model.datasets.dataset import Dataset, DatasetError, Labels
from model.datasets.flickr_soundnet import FlickrSoundNet
from model.datasets.labelled_videos import LabelledVideos
from model.datasets.plain_videos import PlainVideos
from model.datasets.vggss import VGGSS

# Where a folder holds several, the first counts.
READERS: tuple[type[Dataset], ...] = (LabelledVideos, VGGSS, AudioSetInstruments, FlickrSoundNet, AudioSet, PlainVideos)


def open_dataset(folder: str | Path, *, needs: Labels | None = None, tree: Path | None = None) -> Dataset:
    """The dataset in a folder, its labels read and nothing decoded.

    Args:
        folder: with the layout of one of `READERS`, and the media that its labels name.
        needs: what the labels must say; by default nothing, so that plain videos serve too.
        tree: an ontology file; AudioSet without one takes the folder's `ontology.json`, other labels none.

    Raises:
        DatasetError: nothing is recognised, or what is there is malformed or does not say what is needed.
        model.truth.TruthError: `truth.json` is malformed.
        model.ontology.OntologyError: the ontology cannot be used.
    """
    folder = Path(folder)
    reader = next((one for one in READERS if _holds(folder, one.layout)), None)
    if reader is None:
        raise DatasetError(f"{folder} holds no dataset known here; {_layouts(needs)}.")
    if needs is not None and needs not in reader.gives:
        raise DatasetError(f"{folder} holds {reader.title} and so no {needs}; {_layouts(needs)}.")
    if reader is AudioSet:
        return AudioSet(folder, ontology.read(tree or folder / ONTOLOGY))
    dataset = reader(folder)
    if tree is not None:
        dataset.ontology = ontology.read(tree)
    return dataset


def _holds(folder: Path, layout: str) -> bool:
    if layout:
        return any(folder.glob(layout))
    return folder.is_dir() and any(path.suffix.lower() in MEDIA_SUFFIXES for path in folder.iterdir())


def _layouts(needs: Labels | None) -> str:
    layouts = [one.layout or "videos alone" for one in READERS if needs is None or needs in one.gives]
    return f"a folder{f' with {needs}' if needs else ''} has {', '.join(layouts[:-1])} or {layouts[-1]}"
