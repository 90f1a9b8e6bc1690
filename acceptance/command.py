"""The command as a user runs it, for the scripts."""

import subprocess
import sys
from pathlib import Path


def earmark(*arguments: object) -> str:
    """Run the command; its progress shows on stderr, its result is answered."""
    command = [sys.executable, "-m", "earmark", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]).stdout
