"""Pruning: the weights of versions nobody can need again; their cards stay, so that the history does."""

from dataclasses import dataclass

from backend.versions import VersionStore

KEEP = 3  # of each project, the newest that nothing else keeps


@dataclass(frozen=True)
class Pruning:
    """What pruning removes and what it leaves.

    Attributes:
        go: versions whose weights go, oldest first.
        stay: by version, why its weights stay.
    """

    go: list[str]
    stay: dict[str, str]


def plan(store: VersionStore, *, keep: int = KEEP) -> Pruning:
    """What would go. Removes nothing.

    The base stays, and of each project the current version, the one a rollback goes to, the one the current was
    trained from, and the `keep` newest. What a version has predicted needs no weights: predictions in Label Studio,
    annotations made from them and their comparison stay as they are.

    Raises VersionError.
    """
    stay = {store.base(): "it is the base of every project"}
    for project in store.projects():
        current = store.current(project)
        parent = store.card(current).get("parent")
        for version, why in (
            (current, "it predicts in"),
            (store.previous(project), "a rollback goes to it in"),
            (parent, "the current version was trained from it in"),
        ):
            if version:
                stay.setdefault(version, f"{why} {project}")
        others = [one.name for one in store.list(project) if one.name not in stay and store.has_weights(one.name)]
        stay |= dict.fromkeys(others[len(others) - keep :], f"it is among the {keep} newest of {project}")
    have = [name for name in store.names() if store.has_weights(name)]
    return Pruning([name for name in have if name not in stay], {name: stay[name] for name in have if name in stay})


def prune(store: VersionStore, pruning: Pruning) -> list[str]:
    """Remove the weights that a plan names, unless something needs them by now; those that went.

    Raises VersionError.
    """
    gone = []
    for version in pruning.go:
        if version != store.base() and all(store.current(project) != version for project in store.projects()):
            store.drop_weights(version)
            gone.append(version)
    return gone
