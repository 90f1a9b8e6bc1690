"""Earmark's folder is closed to other users."""

from pathlib import Path

from backend.home import make_home


def test_the_home_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / ".earmark"
    make_home(home)
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o755)  # as an older or another program left it
    make_home(home)
    assert home.stat().st_mode & 0o777 == 0o700
