"""Settings: read once from the environment and from what `earmark connect` saved."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

FILE = "settings.json"


class SettingsError(ValueError):
    """A setting is wrong; the message is one sentence that names the variable."""


class Settings(BaseSettings):
    """Everything that can be set, from `EARMARK_<FIELD>` (REDIS_URL without the prefix) or `<home>/settings.json`.

    The environment wins over the file. Lists are written as JSON (`["a", "b"]`).
    """

    model_config = SettingsConfigDict(env_prefix="EARMARK_", populate_by_name=True, extra="ignore")

    home: Path = Field(Path(".earmark"), description="folder of everything Earmark keeps")
    host: str = Field("127.0.0.1", description="address the backend listens on")
    port: int = Field(9090, ge=0, le=65535, description="port the backend listens on; 0: any free one")
    redis_url: str | None = Field(
        None, validation_alias="REDIS_URL", description="a Redis server; unset: the embedded one"
    )
    label_studio_url: str | None = Field(None, description="Label Studio's address, as the workers reach it")
    label_studio_token: SecretStr | None = Field(None, description="personal access token or legacy token")
    label_studio_aliases: tuple[str, ...] = Field((), description="other addresses of the same Label Studio")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="hosts (name or name:port) whose media may be fetched, without any token"
    )
    secret: SecretStr | None = Field(None, description="what Label Studio shows on every call (Basic or header)")
    projects: tuple[str, ...] = Field((), description="keys of the connected projects")
    max_media_bytes: int = Field(2 << 30, gt=0, description="largest media file fetched, bytes")
    media_cache_bytes: int = Field(20 << 30, gt=0, description="fetched media kept at most, bytes")
    media_timeout: float = Field(300.0, gt=0, description="longest fetch of one media file, seconds")
    retrain_after: int = Field(20, ge=1, description="new imports that start a training")
    retrain_minutes: float = Field(3.0, gt=0, description="time a training may take, minutes")
    poll_seconds: float = Field(30.0, gt=0, description="pause between two looks at a project, seconds")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment; the saved file is merged below both by `load`."""
        return init_settings, env_settings

    @property
    def saved(self) -> Path:
        """The 0600 file that keeps address, token and secret."""
        return self.home / FILE


def load(home: Path | str | None = None) -> Settings:
    """Read the settings.

    Parameters: `home` overrides EARMARK_HOME.
    Raises SettingsError naming the variable or the file that is wrong.
    """
    raise NotImplementedError


def save_connection(
    settings: Settings, *, url: str, token: str, project: str, aliases: tuple[str, ...] = ()
) -> Settings:
    """Keep Label Studio's address and token and a project's key, and make the secret if there is none.

    Writes `<home>/settings.json` (mode 0600) atomically; a second call with the same values changes nothing.
    Projects accumulate while the address stays the same; another address starts the list anew.
    Returns the settings as `load` would now read them.
    """
    raise NotImplementedError
