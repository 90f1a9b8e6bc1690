"""The command line as a whole."""

import subprocess
import sys

from typer.testing import CliRunner

from earmark.cli import COMMANDS, app


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert all(name in shown for name in COMMANDS)


def test_every_command_has_help() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(app, [name, "--help"])
        assert result.exit_code == 0 and "Usage" in result.output


def test_help_loads_nothing_heavy() -> None:
    script = "import sys, earmark.cli; print(sorted({'torch', 'av', 'lancedb', 'flask', 'redis'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
