"""Folders of labelled videos of either kind."""

import json
from pathlib import Path

import pytest

from model import truth
from model.datasets.audioset import AudioSetError
from model.evaluation.retrieval import labelled
from model.ontology import OntologyError
from model.truth import Truth, TruthError

TREE = [
    {"id": "/m/04szw", "name": "Musical instrument", "child_ids": ["/m/0342h"]},
    {"id": "/m/0342h", "name": "Guitar", "child_ids": []},
    {"id": "/m/015lz1", "name": "Singing", "child_ids": []},
    {"id": "/m/07k1x", "name": "Tools", "child_ids": []},
]


def audioset_folder(folder: Path) -> Path:
    (folder / "eval_segments.csv").write_text('# a\n# b\n# c\naaaaaaaaaaa, 0.000, 10.000, "/m/0342h"\n')
    (folder / "aaaaaaaaaaa.mp4").touch()
    return folder


def test_truth_is_read_with_or_without_a_tree(tmp_path: Path) -> None:
    truth.write(tmp_path, [Truth("a.mp4", ["Guitar", "Singing"], [], {}), Truth("b.mp4", ["Tools"], [], {})])
    flat = labelled.read(tmp_path)
    assert flat.classes == {"Guitar", "Singing", "Tools"} and flat.ontology is None
    assert [video.name for video in flat.videos] == ["a.mp4", "b.mp4"]
    (tmp_path / "tree.json").write_text(json.dumps(TREE))
    with_tree = labelled.read(tmp_path, tree=tmp_path / "tree.json").ontology
    assert with_tree is not None and with_tree.find("Guitar") == "/m/0342h"


def test_audioset_has_its_tree_beside_it_or_elsewhere(tmp_path: Path) -> None:
    folder = audioset_folder(tmp_path)
    with pytest.raises(OntologyError, match=r"ontology\.json: no such ontology file"):
        labelled.read(folder)
    (folder / "ontology.json").write_text(json.dumps(TREE))
    for found in (labelled.read(folder), labelled.read(folder, tree=folder / "ontology.json")):
        assert [video.name for video in found.videos] == ["aaaaaaaaaaa.mp4"]
        assert found.classes == {"/m/0342h"} and found.ontology is not None
    (folder / "aaaaaaaaaaa.mp4").unlink()
    with pytest.raises(AudioSetError):
        labelled.read(folder)


def test_a_folder_of_neither_kind_is_told_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"truth\.json is missing"):
        labelled.read(tmp_path)
