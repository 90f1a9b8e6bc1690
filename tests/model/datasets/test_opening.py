import json
from pathlib import Path

import pytest

from model import truth
from model.datasets import DatasetError, open_dataset
from model.datasets.audioset import AudioSet
from model.datasets.audioset_instruments import AudioSetInstruments
from model.datasets.flickr_soundnet import FlickrSoundNet
from model.datasets.labelled_videos import LabelledVideos
from model.datasets.plain_videos import PlainVideos
from model.datasets.vggss import VGGSS
from model.ontology import OntologyError
from model.truth import Truth

TREE = [
    {"id": "/m/04szw", "name": "Musical instrument", "child_ids": ["/m/0342h"]},
    {"id": "/m/0342h", "name": "Guitar", "child_ids": []},
    {"id": "/m/015lz1", "name": "Singing", "child_ids": []},
    {"id": "/m/07k1x", "name": "Tools", "child_ids": []},
]
SEGMENT = 'aaaaaaaaaaa, 0.000, 10.000, "/m/0342h"\n'
XML = "<a><b><bbox><n>1</n><x>0</x><y>0</y><x>9</x><y>9</y></bbox></b></a>"


def flickr(folder: Path) -> Path:
    (folder / "Annotations").mkdir(parents=True)
    (folder / "Annotations" / "1.xml").write_text(XML)
    return folder


def audioset(folder: Path) -> Path:
    folder.mkdir()
    (folder / "eval_segments.csv").write_text(f"# a\n{SEGMENT}")
    (folder / "ontology.json").write_text(json.dumps(TREE))
    (folder / "aaaaaaaaaaa.mp4").touch()
    return folder


@pytest.mark.parametrize(
    ("file", "content", "reader"),
    [
        (truth.FILE, "[]", LabelledVideos),
        ("vggss.json", "[]", VGGSS),
        ("audioset_box.json", "{}", AudioSetInstruments),
        ("Annotations/1.xml", XML, FlickrSoundNet),
        ("eval_segments.csv", SEGMENT, AudioSet),
    ],
)
def test_the_labels_choose_the_reader(tmp_path: Path, file: str, content: str, reader: type) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content)
    (tmp_path / "aaaaaaaaaaa.mp4").touch()
    (tmp_path / "ontology.json").write_text(json.dumps(TREE))
    assert type(open_dataset(tmp_path)) is reader


def test_without_labels_videos_are_a_dataset_only_where_none_are_needed(tmp_path: Path) -> None:
    (tmp_path / "a.MP4").touch()
    assert type(open_dataset(tmp_path)) is PlainVideos
    with pytest.raises(
        DatasetError, match=r"holds unlabelled videos and so no boxes; a folder with boxes has truth.js"
    ):
        open_dataset(tmp_path, needs="boxes")


def test_who_needs_classes_or_boxes_is_told_which_layouts_have_them(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as refused:
        open_dataset(flickr(tmp_path / "flickr"), needs="classes")
    assert str(refused.value) == (
        f"{tmp_path}/flickr holds Flickr-SoundNet and so no classes; a folder with classes has truth.json, vggss.json, "
        "audioset_box.json or *segments*.csv."
    )
    with pytest.raises(DatasetError) as refused:
        open_dataset(audioset(tmp_path / "audioset"), needs="boxes")
    assert str(refused.value) == (
        f"{tmp_path}/audioset holds AudioSet and so no boxes; a folder with boxes has truth.json, vggss.json, "
        "audioset_box.json or Annotations/*.xml."
    )


def test_a_tree_of_classes_is_given_or_lies_beside_audioset(tmp_path: Path) -> None:
    folder = audioset(tmp_path / "audioset")
    tree = open_dataset(folder, needs="classes").ontology
    assert tree is not None and tree.find("Guitar") == "/m/0342h"
    (folder / "ontology.json").rename(tmp_path / "tree.json")
    with pytest.raises(OntologyError, match=r"ontology\.json: no such ontology file"):
        open_dataset(folder)
    assert open_dataset(folder, tree=tmp_path / "tree.json").classes == {"/m/0342h"}
    truth.write(tmp_path, [Truth("a.mp4", ["Guitar", "Singing"], [], {}), Truth("b.mp4", ["Tools"], [], {})])
    assert open_dataset(tmp_path).ontology is None
    with_tree = open_dataset(tmp_path, needs="classes", tree=tmp_path / "tree.json")
    assert with_tree.classes == {"Guitar", "Singing", "Tools"} and with_tree.ontology is not None


def test_a_folder_of_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Annotations").mkdir()
    with pytest.raises(DatasetError, match=r"holds no dataset known here; a folder has truth.json, .* or videos alone"):
        open_dataset(tmp_path)


def test_a_broken_truth_is_said_and_not_passed_by(tmp_path: Path) -> None:
    (tmp_path / truth.FILE).write_text("{}")
    (tmp_path / "vggss.json").write_text("[]")
    with pytest.raises(truth.TruthError, match="must hold a list"):
        open_dataset(tmp_path)
