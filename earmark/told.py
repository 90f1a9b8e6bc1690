"""What goes wrong in a command, as one sentence on stderr and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def told(*others: type[Exception]) -> Iterator[None]:
    """Turn an error of settings, versions or Redis into its sentence, and `others`, whose message is one."""
    from redis.exceptions import RedisError
    from rich.console import Console

    from backend import redis_server
    from backend.settings import SettingsError
    from backend.versions import VersionError

    sentences: tuple[type[Exception], ...] = (SettingsError, VersionError, redis_server.RedisError, *others)
    try:
        yield
        return
    except sentences as error:
        said = str(error)
    except RedisError as error:
        said = f"Redis does not answer ({error}): start `earmark serve` or `earmark demo` first, or set REDIS_URL."
    Console(stderr=True, soft_wrap=True).print(said, style="red", markup=False, highlight=False)
    raise typer.Exit(1)
