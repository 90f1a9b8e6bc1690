"""Pruning: the weights of versions nobody can need again; their cards stay, so that the history does."""

from dataclasses import dataclass

from backend.versions import VersionStore

KEEP = 3  # of each project, and of those made for none: the newest that nothing else keeps


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
    trained from; of those made for each project, promoted ever or not, and of those made for none, the `keep` newest
    besides. What a version has predicted needs no weights: predictions in Label Studio,
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
    have = [name for name in store.names() if store.has_weights(name)]
    for project, versions in _made(store).items():
        others = [name for name in versions if name not in stay and name in have]
        place = project or "those made for no project"
        stay |= dict.fromkeys(others[::-1][:keep], f"it is among the {keep} newest of {place}")
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


def _made(store: VersionStore) -> dict[str, list[str]]:
    """Every version, oldest first, by the key of the project it was made for; "" for none, as of those imported."""
    cards = {name: store.card(name) for name in store.names()}

    def age(name: str) -> tuple[float, str]:
        created = cards[name].get("created")
        return float(created) if isinstance(created, int | float) else 0.0, name

    by_project: dict[str, list[str]] = {}
    for name in sorted(cards, key=age):
        by_project.setdefault(str(cards[name].get("project") or ""), []).append(name)
    return by_project
