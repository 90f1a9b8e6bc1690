"""`earmark page`: where the page is, and what it asks for."""

from typing import Annotated

import typer

from earmark.told import told


def page(
    backend_url: Annotated[
        str | None, typer.Option(help="The backend's address, as your browser reaches it; by default where it listens.")
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

    from backend import settings as settings_module
    from backend.access import NOT_CONNECTED, USER
    from backend.address import address as served
    from backend.settings import SettingsError

    with told():
        settings = settings_module.load()
        if settings.secret is None:
            raise SettingsError(NOT_CONNECTED)
    address = (backend_url or served(settings)).rstrip("/")
    password = settings.secret.get_secret_value()
    if as_json:
        print(json.dumps({"address": f"{address}/", "user": USER, "password": password}))
        return
    print(f"Open      {address}/\nUser      {USER}")
    if sys.stdout.isatty():
        print(f"Password  {password}")
    else:
        print(f"Password  in {settings.saved}, as secret (or in EARMARK_SECRET)")
