"""The connected projects that a command is about, and their Label Studio; without Redis."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from backend.projects import ProjectKey
    from backend.settings import Settings


def connected(settings: "Settings", number: int | None) -> "list[ProjectKey]":
    """Keys of the connected projects, or of those with this number in Label Studio, the newest last.

    Raises:
        SettingsError: there is none.
    """
    from backend.projects import ProjectKey
    from backend.settings import SettingsError

    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    found = [key for key in keys if number in (None, key.id)]
    if found:
        return found
    if not keys:
        raise SettingsError("No project is connected: run `earmark connect` first.")
    raise SettingsError(f"Project {number} is not connected (connected: {_known(keys)}): run `earmark connect` for it.")


def chosen(settings: "Settings", number: int | None) -> "ProjectKey":
    """The connected project of this number; without a number the only one that is connected.

    Raises:
        SettingsError: none is, or several are and none was named.
    """
    from backend.settings import SettingsError

    keys = connected(settings, number)
    if len({key.id for key in keys}) > 1:
        raise SettingsError(f"Several projects are connected ({_known(keys)}): name one with --project.")
    return keys[-1]


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


def _known(keys: "list[ProjectKey]") -> str:
    return ", ".join(str(key.id) for key in keys)
