"""Settings: read once from the environment and from what `earmark connect` saved."""

import fcntl
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    JsonConfigSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from backend.home import make_home
from backend.projects import normalise_address
from backend.storage import Storage, StorageError

FILE = "settings.json"
CONNECTION = ("label_studio_url", "label_studio_token", "label_studio_aliases", "secret", "projects", "similar")
"""The fields `earmark connect` writes; a running backend takes them up without a restart."""


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _address(value: object) -> object:
    return normalise_address(value) if isinstance(value, str) and value.strip() else value or None


def _addresses(value: object) -> object:
    value = _split(value)
    return [_address(item) for item in value] if isinstance(value, list | tuple) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Address = Annotated[str | None, BeforeValidator(_address)]
Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)]


class SettingsError(ValueError):
    """A setting is wrong; the message is one sentence that names the variable."""


class Settings(BaseSettings):
    """Everything that can be set, from `EARMARK_<FIELD>` (REDIS_URL without the prefix) or `<home>/settings.json`.

    The environment wins over the file. Lists are separated by commas. Where EARMARK_STORAGE is elsewhere than the home,
    the connection is kept there too, and read from there: another machine needs no `earmark connect` of its own.
    """

    model_config = SettingsConfigDict(env_prefix="EARMARK_", populate_by_name=True, extra="ignore")

    home: Path = Field(Path(".earmark"), description="folder of everything Earmark keeps")
    storage: str | None = Field(
        None, description="folder or s3:// address of what all workers share beside Redis; unset: the home"
    )
    host: str = Field("127.0.0.1", description="address the backend listens on")
    port: int = Field(9090, ge=0, le=65535, description="port the backend listens on; 0: any free one")
    redis_url: str | None = Field(
        None, validation_alias="REDIS_URL", description="a Redis server; unset: the embedded one"
    )
    label_studio_url: Address = Field(None, description="Label Studio's address, as the workers reach it")
    label_studio_token: SecretStr | None = Field(None, description="personal access token or legacy token")
    label_studio_aliases: Addresses = Field((), description="other addresses of the same Label Studio")
    allowed_hosts: Names = Field(
        (), description="hosts (name or name:port) whose media may be fetched, without any token"
    )
    secret: SecretStr | None = Field(None, description="what Label Studio shows on every call (Basic or header)")
    projects: Names = Field((), description="keys of the connected projects")
    similar: dict[str, str] = Field(
        {}, description="by a project's key, the field of its tasks' data that similar clips are written into"
    )
    max_media_bytes: int = Field(2 << 30, gt=0, description="largest media file fetched, bytes")
    media_cache_bytes: int = Field(20 << 30, gt=0, description="fetched media kept at most, bytes")
    media_timeout: float = Field(300.0, gt=0, description="longest fetch of one media file, seconds")
    retrain_after: int = Field(20, ge=1, description="new imports that start a training")
    retrain_quiet: float | None = Field(
        None, gt=0, description="seconds without a new import after which they start a training; 2.5 polls by default"
    )
    retrain_longest: float = Field(
        1800.0, gt=0, description="seconds after the first new import when a training starts though more come"
    )
    retrain_every: float | None = Field(
        None, gt=0, description="hours between two looks whether anything new is to be trained on; unset: no schedule"
    )
    retrain_minutes: float = Field(3.0, gt=0, allow_inf_nan=False, description="time a training may take, minutes")
    poll_seconds: float = Field(30.0, gt=0, description="pause between two looks at a project, seconds")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the connection that is shared, then the file in the home."""
        home = Path(init_settings().get("home") or os.environ.get("EARMARK_HOME") or cls.model_fields["home"].default)
        address = init_settings().get("storage") or os.environ.get("EARMARK_STORAGE")
        shared = InitSettingsSource(settings_cls, init_kwargs=_shared(address, home))
        return init_settings, env_settings, shared, JsonConfigSettingsSource(settings_cls, json_file=home / FILE)

    @property
    def quiet(self) -> float:
        """Seconds without a new import after which they start a training: longer than two polls where not set, so
        that what a webhook lost of an import is found in time to be in it."""
        return self.retrain_quiet if self.retrain_quiet is not None else 2.5 * self.poll_seconds

    def open_storage(self) -> Storage:
        """What EARMARK_STORAGE names, by default the home; nothing is opened before the first use.

        Raises StorageError when it names no folder and no store of a known kind.
        """
        return Storage(self.storage or self.home, self.home / "fetched")

    @property
    def saved(self) -> Path:
        """The 0600 file that keeps address, token and secret."""
        return self.home / FILE


def load(home: Path | str | None = None) -> Settings:
    """Read the settings; `home` overrides EARMARK_HOME.

    Raises SettingsError naming the variable or the file that is wrong.
    """
    given: dict[str, Any] = {} if home is None else {"home": Path(home)}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "settings"
        variable = "REDIS_URL" if field in ("redis_url", "REDIS_URL") else f"EARMARK_{field.upper()}"
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise SettingsError(f"{variable} (or {field} in {FILE}) is wrong: {reason}.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, StorageError):
            raise SettingsError(str(error)) from None
        path = Path(given.get("home") or os.environ.get("EARMARK_HOME") or ".earmark") / FILE
        raise SettingsError(f"{path} cannot be read ({error}): repair it or run `earmark connect` again.") from None


def save_connection(
    settings: Settings,
    *,
    url: str,
    token: str,
    project: str,
    aliases: tuple[str, ...] = (),
    similar: str | None = None,
) -> Settings:
    """Keep Label Studio's address and token and a project's key, and make the secret if there is none.

    Writes `<home>/settings.json` (mode 0600) atomically; a second call with the same values changes nothing.
    `similar` opts the project in: the field of its tasks' data that similar clips are written into.
    Projects and aliases accumulate while the address stays the same; another address starts them anew.
    Returns `settings` with the connection as a fresh `load` would read it. Raises SettingsError.
    """
    make_home(settings.home)
    with (settings.home / "settings.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            before: dict[str, Any] = json.loads(settings.saved.read_text()) if settings.saved.exists() else {}
            before |= _shared(settings.storage, settings.home)
        except StorageError as error:
            raise SettingsError(str(error)) from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"{settings.saved} cannot be read ({error}): move it away and try again.") from None
        after = dict(before)
        after["label_studio_url"] = normalise_address(url)
        after["label_studio_token"] = token
        same_server = before.get("label_studio_url") == after["label_studio_url"]
        named = before.get("label_studio_aliases", []) if same_server else []
        after["label_studio_aliases"] = sorted({*named, *(normalise_address(alias) for alias in aliases)})
        known = before.get("projects", []) if same_server else []
        after["projects"] = [*known, project] if project not in known else known
        fields = before.get("similar", {}) if same_server else {}
        if similar is not None:
            fields = {**fields, project: similar}
        after.pop("similar", None)
        if fields:
            after["similar"] = fields
        if not settings.secret and not after.get("secret"):
            after["secret"] = secrets.token_urlsafe(32)
        if after != before:
            _write(settings.saved, json.dumps(after, indent=2) + "\n")
        _share(settings, {name: after[name] for name in CONNECTION if name in after})
    return refresh(settings)


def refresh(settings: Settings) -> Settings:
    """`settings` with the connection as the environment and the saved file give it now; the rest unchanged."""
    fresh = load(settings.home)
    return settings.model_copy(update={field: getattr(fresh, field) for field in CONNECTION})


def _shared(address: str | None, home: Path) -> dict[str, Any]:
    """The connection as the storage holds it; empty where the storage is the home, or nothing was connected.

    Raises StorageError.
    """
    if not address or Storage(address, home).folder == home:
        return {}
    where = Storage(address, home / "fetched")
    try:
        found = json.loads(where.read(FILE))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StorageError(f"{where}/{FILE} is damaged ({error}): remove it and run `earmark connect` again.") from None
    return {name: found[name] for name in CONNECTION if name in found}


def _share(settings: Settings, connection: dict[str, Any]) -> None:
    """Keep the connection where workers on other machines find it."""
    if not settings.storage or connection == _shared(settings.storage, settings.home):
        return
    where = settings.open_storage()
    if where.folder == settings.home:
        return
    try:
        where.write(FILE, (json.dumps(connection, indent=2) + "\n").encode(), private=True)
    except StorageError as error:
        raise SettingsError(f"The connection cannot be kept where other machines find it: {error}") from None


def _write(path: Path, text: str) -> None:
    # mkstemp makes the file 0600: at no moment can another user read the token.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
