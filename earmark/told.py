"""What goes wrong in a command, as one sentence on stderr and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of settings or versions into its sentence."""
    from rich.console import Console

    from backend.settings import SettingsError
    from backend.versions import VersionError

    try:
        yield
    except (SettingsError, VersionError) as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
