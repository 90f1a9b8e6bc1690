"""`earmark page`: where the page is, and what it asks for."""

from typing import Annotated

import typer


def page(
    backend_url: Annotated[
        str | None, typer.Option(help="The backend's address, as your browser reaches it; by default this machine's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Print the page's address, user and password.

    The password is the secret that Label Studio shows too: whoever has it may start and cancel trainings. It is
    printed on a terminal or with --json alone, so that no log holds it, and never put into an address, which browsers
    and proxies remember.
    """
    import json
    import sys

    from rich.console import Console

    from backend import settings as settings_module
    from backend.access import NOT_CONNECTED, USER
    from backend.settings import SettingsError

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        settings = settings_module.load()
        if settings.secret is None:
            raise SettingsError(NOT_CONNECTED)
    except SettingsError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 (told apart, not listened on)
    address = backend_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    password = settings.secret.get_secret_value()
    if as_json:
        print(json.dumps({"address": f"{address}/", "user": USER, "password": password}))
        return
    print(f"Open      {address}/\nUser      {USER}")
    if sys.stdout.isatty():
        print(f"Password  {password}")
    else:
        print(f"Password  in {settings.saved}, as secret (or in EARMARK_SECRET)")
