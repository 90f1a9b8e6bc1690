"""Relevance of items to each other, from their classes."""

import pytest

from model.evaluation.retrieval.relevance import Relevance
from model.ontology import Ontology, OntologyError

TREE = Ontology(
    {"m": "music", "s": "strings", "g": "guitar", "v": "violin", "t": "tools", "d": "drill"},
    {"m": ("s",), "s": ("g", "v"), "t": ("d",)},
)


def sets(*labels: str) -> list[frozenset[str]]:
    """One set an argument, of its words."""
    return [frozenset(one.split()) for one in labels]


def test_without_a_tree_a_shared_class_is_all_that_counts() -> None:
    found = Relevance({"dog", "bell", "drum"}).between(sets("dog", "bell drum", ""), sets("dog bell", "drum", ""))
    assert found.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_in_a_tree_it_is_20_less_the_distance_of_the_best_pair() -> None:
    relevance = Relevance({"guitar", "violin", "drill", "strings"}, TREE)
    # guitar - violin 2 edges; guitar - drill guitar, strings, music, root, tools, drill: 5; strings - drill 4
    found = relevance.between(sets("guitar", "strings drill"), sets("guitar", "violin drill", "drill", ""))
    assert found.tolist() == [[20, 18, 15, 0], [19, 20, 20, 0]]


def test_classes_too_far_apart_are_not_relevant_below_nothing() -> None:
    names = {str(number): str(number) for number in range(40)}
    chain = Ontology(names, {str(number): (str(number + 1),) for number in range(39)})
    found = Relevance({"0", "19", "20", "39"}, chain).between(sets("0"), sets("19", "20", "39"))
    assert found.tolist() == [[1, 0, 0]]


def test_a_class_the_tree_does_not_know_is_refused() -> None:
    with pytest.raises(OntologyError, match="'piano'"):
        Relevance({"guitar", "piano"}, TREE)
