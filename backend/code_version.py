"""Which code this is: for cards, so that a version tells what made it."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """The package's version, and where it runs from a checkout the commit, with "+" if files differ from it."""
    try:
        release = version("earmark")
    except PackageNotFoundError:
        release = "0"
    folder = Path(__file__).parents[1]
    if not (folder / ".git").exists():
        return release
    try:
        asked = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return release
    return f"{release} ({asked.stdout.strip()})"
