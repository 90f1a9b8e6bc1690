"""A project's model versions as the page lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.versions import VersionStore


@dataclass(frozen=True)
class VersionRow:
    """How one version stands."""

    name: str
    current: bool
    parent: str | None
    created: float | None
    """Unix seconds."""
    metrics: Mapping[str, float]
    state: str
    """current, candidate, refused or retired."""
    reason: str


def version_rows(store: VersionStore, project: str) -> list[VersionRow]:
    """Every version of a project, oldest first. Raises VersionError."""
    current = store.current(project)
    rows = []
    for version in store.list(project):
        card, metrics = version.card, version.card.get("metrics") or {}
        made = card.get("created")
        state = "current" if version.name == current else "refused" if card.get("state") == "refused" else "retired"
        rows.append(
            VersionRow(
                version.name,
                version.name == current,
                card.get("parent"),
                float(made) if isinstance(made, int | float) else version.path.stat().st_mtime,
                {name: value for name, value in metrics.items() if isinstance(value, int | float)},
                state,
                str(card.get("reason") or ""),
            )
        )
    return rows
