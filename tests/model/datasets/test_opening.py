from pathlib import Path

import pytest

from model import truth
from model.datasets import DatasetError, open_dataset
from model.datasets.audioset_instruments import AudioSetInstruments
from model.datasets.flickr_soundnet import FlickrSoundNet
from model.datasets.labelled_videos import LabelledVideos
from model.datasets.plain_videos import PlainVideos
from model.datasets.vggss import VGGSS

XML = "<a><b><bbox><n>1</n><x>0</x><y>0</y><x>9</x><y>9</y></bbox></b></a>"


@pytest.mark.parametrize(
    ("file", "content", "reader"),
    [
        (truth.FILE, "[]", LabelledVideos),
        ("vggss.json", "[]", VGGSS),
        ("audioset_box.json", "{}", AudioSetInstruments),
        ("Annotations/1.xml", XML, FlickrSoundNet),
    ],
)
@pytest.mark.parametrize("labelled", [True, False])
def test_the_labels_choose_the_reader(tmp_path: Path, file: str, content: str, reader: type, labelled: bool) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content)
    (tmp_path / "a.mp4").touch()
    assert type(open_dataset(tmp_path, labelled=labelled)) is reader


def test_without_labels_videos_are_a_dataset_only_where_none_are_needed(tmp_path: Path) -> None:
    (tmp_path / "a.MP4").touch()
    assert type(open_dataset(tmp_path, labelled=False)) is PlainVideos
    with pytest.raises(DatasetError, match=r"no dataset known here: there is no truth.json, vggss.json, .*xml to say"):
        open_dataset(tmp_path)


def test_a_folder_of_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Annotations").mkdir()
    with pytest.raises(DatasetError, match=r"there is no video and no truth.json"):
        open_dataset(tmp_path, labelled=False)


def test_a_broken_truth_is_said_and_not_passed_by(tmp_path: Path) -> None:
    (tmp_path / truth.FILE).write_text("{}")
    (tmp_path / "vggss.json").write_text("[]")
    with pytest.raises(truth.TruthError, match="must hold a list"):
        open_dataset(tmp_path)
