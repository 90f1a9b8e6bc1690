"""`earmark connect`: make Earmark the ML backend of a project in a Label Studio that runs already."""

from typing import Annotated

import typer
from rich.console import Console


def connect(
    url: Annotated[
        str, typer.Option(envvar="EARMARK_LABEL_STUDIO_URL", help="Label Studio's address, as this machine reaches it.")
    ],
    token: Annotated[
        str,
        typer.Option(
            envvar="EARMARK_LABEL_STUDIO_TOKEN",
            prompt="Access token",
            hide_input=True,
            help="Personal access token or legacy token; asked for if neither given nor in the environment.",
        ),
    ],
    project: Annotated[int, typer.Option(min=1, help="The project's number: the one in its address.")],
    backend_url: Annotated[
        str | None,
        typer.Option(help="The backend's address, as Label Studio reaches it; by default where it listens."),
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(help="Another address of the same Label Studio; may be repeated.")
    ] = None,
    similar: Annotated[
        str | None,
        typer.Option(
            metavar="FIELD",
            help="Write the clips like each into this field of its task's data, which a List with a Ranker shows.",
        ),
    ] = None,
) -> None:
    """Connect a Label Studio project to the Earmark backend.

    Registers the backend and its webhook there and keeps address and token in a file only you can read. The backend
    (`earmark serve`) must be running. A second run finds everything in place and changes nothing. With --similar, and
    only then, Earmark changes tasks' data: this one field of those nobody has worked on.
    """
    from backend import connecting, settings
    from backend.address import address
    from backend.label_studio import LabelStudio, LabelStudioError
    from backend.projects import ProjectKey
    from label_config import ConfigError, read_config

    console = Console(stderr=True, highlight=False, soft_wrap=True)

    def stop(reason: object) -> typer.Exit:
        console.print(f"Not connected: {reason}", markup=False)
        return typer.Exit(1)

    try:
        current = settings.load()
        label_studio = LabelStudio(url, token)
        label_studio.whoami()
    except (settings.SettingsError, ValueError) as error:
        raise stop(error) from None
    except LabelStudioError as error:
        if error.status == 401:
            raise stop(f"Label Studio at {url} refuses the token; {connecting.token_trap(token)}.") from None
        raise stop(error) from None
    try:
        row = label_studio.project(project)
        key = ProjectKey.of_row(label_studio.url, row)
        config = read_config(row["label_config"])
    except ConfigError as error:
        raise stop(f"in project {project} {error}") from None
    except (LabelStudioError, ValueError) as error:
        raise stop(error) from None
    if similar is not None and (config.ranker is None or config.ranker.source != f"${similar}"):
        raise stop(
            f"no List with a Ranker in project {project}'s labelling config shows ${similar}: "
            f'add <List name="alike" value="${similar}"/><Ranker name="order" toName="alike"/>, '
            "or leave --similar out."
        )

    # Saved first: the backend answers Label Studio's first call only for an address and a secret it knows.
    saved = settings.save_connection(
        current, url=label_studio.url, token=token, project=str(key), aliases=tuple(alias or ()), similar=similar
    )
    assert saved.secret is not None  # noqa: S101 - for the type checker: saving makes one
    try:
        connected = connecting.connect(
            label_studio,
            project,
            backend_url or address(saved),
            saved.secret.get_secret_value(),
        )
    except (connecting.ConnectingError, LabelStudioError) as error:
        raise stop(error) from None
    for note in (*config.notes, *connected.warnings):
        console.print(f"Note: {note}", markup=False)
    for change in connected.changes:
        console.print(f"Project {project}: {change}.", markup=False)
    typer.echo(
        f'Project {project} "{row["title"]}" is connected to {connected.url}'
        + ("." if connected.changes else "; nothing had to be changed.")
    )
