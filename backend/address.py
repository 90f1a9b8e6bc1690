"""The backend's address: `earmark serve` leaves it in the home, for the commands that tell it to others."""

from pathlib import Path

from backend.settings import Settings

FILE = "address"
ANY = ("0.0.0.0", "::")  # noqa: S104 (told apart, not listened on)


def http(host: str, port: int) -> str:
    """The address of a backend that listens there, as this machine reaches it."""
    host = "127.0.0.1" if host in ANY else host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def leave(home: Path, address: str) -> None:
    """Tell where the backend of this home listens."""
    new = home / f"{FILE}.new"
    new.write_text(f"{address}\n")
    new.replace(home / FILE)


def take_back(home: Path, address: str) -> None:
    """It listens there no more; what another has left since stays."""
    if _left(home) == address:
        (home / FILE).unlink(missing_ok=True)


def address(settings: Settings) -> str:
    """Where the backend of this home listens; where it would by the settings while none runs."""
    return _left(settings.home) or http(settings.host, settings.port)


def _left(home: Path) -> str:
    try:
        return (home / FILE).read_text().strip()
    except OSError:
        return ""
