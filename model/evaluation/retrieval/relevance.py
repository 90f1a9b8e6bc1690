"""Relevance: how well one labelled item answers another, from the classes they share or that lie close by."""

from collections.abc import Collection, Sequence

import numpy as np

from model.ontology import Ontology

HIGHEST = 20  # relevance of a class to itself, in a tree ("Objects that Sound", appendix)

Labels = frozenset[str]


class Relevance:
    """With a tree of classes, 20 - tree distance of two classes; without one, 1 if they are one class, else 0.

    Of two items it is the best over the pairs of their classes; an item without classes is relevant to nothing.
    Classes 20 edges apart or more have nothing in common either.
    """

    def __init__(self, classes: Collection[str], ontology: Ontology | None = None) -> None:
        """Take every class that may occur.

        Raises:
            model.ontology.OntologyError: the ontology does not know a class.
        """
        names = sorted(classes)
        self._place = {name: index for index, name in enumerate(names)}
        # The last row and column stand for "no class": nothing is relevant to it.
        self._table = np.zeros((len(names) + 1, len(names) + 1))
        if ontology is None:
            self._table[:-1, :-1] = np.eye(len(names))
        elif names:
            self._table[:-1, :-1] = np.maximum(0, HIGHEST - ontology.distances(names, limit=HIGHEST))

    def between(self, queries: Sequence[Labels], items: Sequence[Labels]) -> np.ndarray:
        """Relevance of every item to every query: (queries, items) float64, 0..20 or 0..1."""
        most = max((len(labels) for labels in items), default=0) or 1
        classes = np.full((len(items), most), len(self._place))
        for row, labels in zip(classes, items, strict=True):
            row[: len(labels)] = [self._place[label] for label in labels]
        found = np.zeros((len(queries), len(items)))
        for row, labels in zip(found, queries, strict=True):
            if labels:
                row[:] = self._table[[self._place[label] for label in labels]].max(0)[classes].max(1)
        return found
