"""Trees of classes: distances, and files that are none."""

import json
from pathlib import Path

import numpy as np
import pytest

from model import ontology
from model.ontology import Ontology, OntologyError

#       music            tools
#      /     \             |
#  strings   drums       drill
#   /    \
# guitar violin
TREE = {
    "/m/music": ("Music", ["/m/strings", "/m/drums"]),
    "/m/strings": ("Strings", ["/m/guitar", "/m/violin"]),
    "/m/guitar": ("Guitar", []),
    "/m/violin": ("Violin", []),
    "/m/drums": ("Drums", []),
    "/m/tools": ("Tools", ["/m/drill"]),
    "/m/drill": ("Drill", []),
}


def written(folder: Path, tree: dict[str, tuple[str, list[str]]]) -> Path:
    path = folder / "ontology.json"
    entries = [{"id": key, "name": name, "child_ids": below, "restrictions": []} for key, (name, below) in tree.items()]
    path.write_text(json.dumps(entries))
    return path


def test_distances_are_edges_of_the_shortest_path_across_roots_too(tmp_path: Path) -> None:
    tree = ontology.read(written(tmp_path, TREE))
    found = tree.distances(["Guitar", "/m/violin", "Music", "Drums", "Drill"], limit=20)
    assert found.tolist() == [
        [0, 2, 2, 3, 5],  # guitar - strings - music - root - tools - drill
        [2, 0, 2, 3, 5],
        [2, 2, 0, 1, 3],
        [3, 3, 1, 0, 4],
        [5, 5, 3, 4, 0],
    ]


def test_beyond_the_limit_classes_are_not_connected(tmp_path: Path) -> None:
    found = ontology.read(written(tmp_path, TREE)).distances(["Guitar", "Drums", "Drill"], limit=4)
    assert found[0].tolist() == [0, 3, np.inf]


def test_a_class_with_two_parents_is_near_to_both_families(tmp_path: Path) -> None:
    tree = TREE | {"/m/tools": ("Tools", ["/m/drill", "/m/guitar"])}
    found = ontology.read(written(tmp_path, tree)).distances(["Guitar", "Violin", "Drill"], limit=20)
    assert found[0].tolist() == [0, 2, 2]


def test_subtrees_hold_their_root(tmp_path: Path) -> None:
    tree = ontology.read(written(tmp_path, TREE))
    assert tree.subtree("Strings") == {"/m/strings", "/m/guitar", "/m/violin"}
    assert tree.subtree("Drill") == {"/m/drill"}


def test_a_very_deep_tree_is_no_problem() -> None:
    names = {str(number): f"class {number}" for number in range(15_000)}
    chain = Ontology(names, {str(number): (str(number + 1),) for number in range(14_999)})
    assert len(chain.subtree("0")) == 15_000
    assert chain.distances(["7000", "7015", "14999"], limit=20)[0].tolist() == [0, 15, np.inf]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"/m/drill": ("Drill", ["/m/tools"])}, "go round in a circle"),
        ({"/m/drill": ("Drill", ["/m/drill"])}, "go round in a circle"),
        ({"/m/drill": ("Drill", ["/m/hammer"])}, "'/m/drill' has the child '/m/hammer', which is no class"),
        ({"/m/drill": ("Drill", [3])}, "entry 6: child_ids must be a list of ids"),
        ({"/m/drill": (None, [])}, "entry 6: id and name must be text"),
    ],
)
def test_what_is_no_tree_is_refused_in_one_sentence(tmp_path: Path, change: dict, sentence: str) -> None:
    with pytest.raises(OntologyError, match=sentence) as refused:
        ontology.read(written(tmp_path, TREE | change))
    assert str(refused.value).startswith(str(tmp_path)) and "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "{}", "[]", "[1]", "[" * 200_000, '[{"id": "a", "name": "x"}] tail'])
def test_what_is_no_list_of_classes_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tree.json"
    path.write_text(content)
    with pytest.raises(OntologyError, match=r"tree\.json"):
        ontology.read(path)


def test_a_missing_file_and_an_id_said_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="no such ontology file"):
        ontology.read(tmp_path / "none.json")
    path = tmp_path / "twice.json"
    path.write_text(json.dumps([{"id": "a", "name": "x", "child_ids": []}] * 2))
    with pytest.raises(OntologyError, match="entry 1: the id 'a' is there twice"):
        ontology.read(path)


def test_a_name_must_be_there_and_mean_one_class(tmp_path: Path) -> None:
    tree = ontology.read(written(tmp_path, TREE | {"/m/drill": ("Guitar", [])}))
    with pytest.raises(OntologyError, match="2 classes with the id or name 'Guitar'"):
        tree.find("Guitar")
    with pytest.raises(OntologyError, match="no class with the id or name 'Piano'"):
        tree.distances(["Piano"], limit=20)
