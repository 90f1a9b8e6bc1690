"""A tree of classes, such as AudioSet's ontology.json, and how far apart two of them lie in it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

MOST_BYTES = 32 * 2**20  # AudioSet's file has 343 kB
MOST_CLASSES = 20_000  # AudioSet has 632


class OntologyError(ValueError):
    """A file that is no tree of classes, or a class that is not in it, in one sentence."""


@dataclass(frozen=True)
class Ontology:
    """Classes and their children, without cycles. A class may have several parents, as some of AudioSet's have.

    Attributes:
        names: of each class, by id.
        children: ids of the children of each class, by id.
        source: the file it was read from, for messages.
    """

    names: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    source: str = "the ontology"

    def __post_init__(self) -> None:
        for parent, below in self.children.items():
            for child in below:
                if child not in self.names:
                    raise OntologyError(
                        f"{self.source}: {_shown(parent)} has the child {_shown(child)}, which is no class of the file."
                    )
        try:
            TopologicalSorter(self.children).prepare()
        except CycleError as error:
            ring = error.args[1]
            shown = [*ring[:4], "..", ring[-1]] if len(ring) > 6 else ring
            raise OntologyError(
                f"{self.source}: its classes go round in a circle ({' - '.join(map(_shown, shown))}), so it is no tree."
            ) from None

    def find(self, label: str) -> str:
        """The id of the class with this id, or else with this name.

        Raises:
            OntologyError: there is none, or several have the name.
        """
        if label in self.names:
            return label
        found = [identifier for identifier, name in self.names.items() if name == label]
        if len(found) != 1:
            what = "no class" if not found else f"{len(found)} classes"
            raise OntologyError(f"{self.source}: {what} with the id or name {_shown(label)}.")
        return found[0]

    def subtree(self, label: str) -> frozenset[str]:
        """Ids of a class and of all below it."""
        below, waiting = set(), [self.find(label)]
        while waiting:
            identifier = waiting.pop()
            if identifier not in below:
                below.add(identifier)
                waiting += self.children.get(identifier, ())
        return frozenset(below)

    def distances(self, labels: Sequence[str], *, limit: int) -> np.ndarray:
        """Tree distances: how many edges the shortest path between two classes has.

        Classes without a parent hang on one common root, so that any two are connected.

        Args:
            labels: C ids or names.
            limit: paths longer than this are not followed.

        Returns:
            (C, C) float, infinite beyond the limit.

        Raises:
            OntologyError: a class is unknown.
        """
        place = {identifier: index for index, identifier in enumerate(self.names)}
        root = len(place)
        edges = [(place[parent], place[child]) for parent, below in self.children.items() for child in below]
        with_parent = {child for _, child in edges}
        edges += [(root, index) for index in range(root) if index not in with_parent]
        ends = np.array(sorted(set(edges)), np.int64).reshape(-1, 2)
        graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(root + 1, root + 1)).tocsr()
        wanted = np.array([place[self.find(label)] for label in labels], np.int64)
        # Only as far as the limit, and class by class, so that memory is that of one row.
        rows = [dijkstra(graph, directed=False, indices=int(one), unweighted=True, limit=limit) for one in wanted]
        return np.array([row[wanted] for row in rows]).reshape(len(wanted), len(wanted))


def read(path: str | Path) -> Ontology:
    """Read a list of {"id", "name", "child_ids"}, the form of AudioSet's ontology.json; other keys are not looked at.

    Raises:
        OntologyError: the file is missing, too large, no such list, has an id twice, a child it does not list, or a
            circle.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise OntologyError(f"{path}: larger than {MOST_BYTES >> 20} MB, so it is no ontology.")
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OntologyError(f"{path}: no such ontology file.") from None
    except OntologyError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise OntologyError(f"{path}: cannot be read as JSON ({error}).") from None
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_CLASSES:
        raise OntologyError(
            f"{path}: an ontology is a list of 1 to {MOST_CLASSES} classes with id, name and child_ids."
        )
    names: dict[str, str] = {}
    children: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(entries):
        identifier, name, below = _class(entry, f"{path}, entry {number}")
        if identifier in names:
            raise OntologyError(f"{path}, entry {number}: the id {_shown(identifier)} is there twice.")
        names[identifier], children[identifier] = name, tuple(below)
    return Ontology(names, children, str(path))


def _class(entry: Any, where: str) -> tuple[str, str, Iterable[str]]:
    if not isinstance(entry, dict):
        raise OntologyError(f"{where}: a class is an object with id, name and child_ids.")
    identifier, name, below = entry.get("id"), entry.get("name"), entry.get("child_ids", [])
    if not isinstance(identifier, str) or not identifier or not isinstance(name, str):
        raise OntologyError(f"{where}: id and name must be text.")
    if not isinstance(below, list) or not all(isinstance(child, str) for child in below):
        raise OntologyError(f"{where}: child_ids must be a list of ids.")
    return identifier, name, below


def _shown(label: str) -> str:
    return repr(label if len(label) <= 60 else label[:57] + "...")
