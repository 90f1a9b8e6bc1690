"""Earmark's own folder: tokens, logs, media and the demo's Label Studio lie in it, so it is its owner's alone."""

import os
from pathlib import Path


def make_home(home: Path) -> None:
    """Make the folder, unless it is there, and close it to other users of the machine (mode 0700) where it is ours."""
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid == os.geteuid():
        home.chmod(0o700)
