"""The connected project that a command is about."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.projects import ProjectKey
    from backend.settings import Settings


def chosen_project(settings: "Settings", number: int | None) -> "ProjectKey":
    """The connected project of this number; without a number the only one that is connected.

    Raises:
        SettingsError: none is, or several are and none was named.
    """
    from backend.projects import ProjectKey
    from backend.settings import SettingsError

    connected = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    known = ", ".join(str(key.id) for key in connected) or "none"
    chosen = [key for key in connected if number in (None, key.id)]
    if not chosen:
        raise SettingsError(f"No such project is connected (connected: {known}): run `earmark connect` first.")
    if len({key.id for key in chosen}) > 1:
        raise SettingsError(f"Several projects are connected ({known}): name one with --project.")
    return chosen[-1]
