"""Versions left behind: those in the home that EARMARK_STORAGE, set later, knows nothing of."""

from backend.settings import Settings
from backend.versions import VersionStore

NAMED = 3  # versions that the sentence names


def left_behind(settings: Settings) -> str | None:
    """What the home holds and the storage lacks, one sentence; None where that is nothing.

    Raises VersionError.
    """
    store = VersionStore(settings)
    if store.storage.folder is not None and store.storage.folder.resolve() == settings.home.resolve():
        return None
    here = VersionStore(settings.model_copy(update={"storage": None}))
    missing = sorted(set(here.names()) - set(store.names()))
    if not missing:
        return None
    count = "1 model version" if len(missing) == 1 else f"{len(missing)} model versions"
    named = ", ".join(missing[:NAMED]) + ", ..." * (len(missing) > NAMED)
    return f"{settings.home}/versions holds {count} that {store.storage} lacks ({named}), so none of them can serve."


def todo(settings: Settings) -> str:
    """What to do about it, one sentence."""
    return (
        f"Stop Earmark and copy {settings.home}/versions to {VersionStore(settings).storage}/versions "
        "(docs/many-machines.md), or carry single ones by `earmark versions export` and `import`."
    )
