"""The `earmark` command: one module of this package per subcommand."""

import importlib
import sys

import typer

COMMANDS = (
    "demo",
    "connect",
    "serve",
    "worker",
    "status",
    "page",
    "doctor",
    "retrain",
    "retry",
    "report",
    "export",
    "world",
    "annotate",
    "train",
    "evaluate",
    "versions",
    "search",
    "groups",
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Boxes around what sounds, for Label Studio.",
)
for name in COMMANDS:
    command = getattr(importlib.import_module(f"earmark.{name}"), name)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)


def main() -> None:
    """Run the command line; Ctrl-C ends it with the shell's usual code and no traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
