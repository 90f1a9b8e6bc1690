"""The connected projects that a command is about, without Redis."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from backend.projects import ProjectKey
    from backend.settings import Settings


def connected(settings: "Settings", project: int | None) -> "list[ProjectKey]":
    """Keys of the connected projects, or of the one with this number in Label Studio.

    Raises:
        SettingsError: there is none.
    """
    from backend.projects import ProjectKey
    from backend.settings import SettingsError

    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    found = [key for key in keys if project in (None, key.id)]
    if not found:
        known = ", ".join(str(key.id) for key in keys) or "none"
        raise SettingsError(f"No such project is connected (connected: {known}): run `earmark connect` first.")
    return found


def label_studio(settings: "Settings") -> "LabelStudio":
    """The API of the connected Label Studio.

    Raises:
        SettingsError: none is connected.
    """
    from backend.label_studio import LabelStudio
    from backend.settings import SettingsError

    if not settings.label_studio_url or settings.label_studio_token is None:
        raise SettingsError("No Label Studio is connected: run `earmark connect --url --token --project`.")
    return LabelStudio(settings.label_studio_url, settings.label_studio_token.get_secret_value())
