"""Archives: a whole version in one file, to carry it to another Earmark. A plain ZIP; nothing in it is ever run."""

import json
import os
import zipfile
import zlib
from pathlib import Path

from backend.versions import CARD, WEIGHTS, VersionError

MOST_WEIGHTS = 1 << 30  # bytes of one weights file; the paper's networks have 38 MB
MOST_CARD = 8 << 20  # bytes of a card
_LIMITS = {**dict.fromkeys(WEIGHTS, MOST_WEIGHTS), CARD: MOST_CARD}
_CHUNK = 1 << 20


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP that is to be read as a version, be it a wrong one: PyTorch's files are ZIPs too."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    return CARD in names or not any(name.endswith("/data.pkl") for name in names)


def pack(folder: Path, file: Path) -> None:
    """Write the version in `folder` into one file, whole or not at all. Raises VersionError."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(part, "w") as archive:  # weights do not get smaller by compressing
            for name in _LIMITS:
                archive.write(folder / name, name)
        part.replace(file)
    except OSError as error:
        raise VersionError(f"{file} cannot be written ({error.strerror}).") from None
    finally:
        part.unlink(missing_ok=True)


def unpack(file: Path, folder: Path) -> None:
    """Write the version in an archive into `folder`: exactly its two weight files and its card, none too large.

    Raises VersionError.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if sorted(names) != sorted(_LIMITS):
                lacks = [name for name in _LIMITS if name not in names]
                foreign = not set(names) <= set(_LIMITS)
                wrong = f"it lacks {', '.join(lacks)}" if lacks and not foreign else f"it holds {_listed(names)}"
                raise VersionError(f"{file} is no archive of a version: {wrong}.")
            for name, most in _LIMITS.items():
                with archive.open(name) as packed, (folder / name).open("wb") as out:
                    written = 0
                    while chunk := packed.read(_CHUNK):  # the size an archive states need not be true
                        written += len(chunk)
                        if written > most:
                            raise VersionError(f"{file} is refused: {name} in it is larger than {most >> 20} MiB.")
                        out.write(chunk)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise VersionError(f"{file} cannot be read ({error}).") from None


def read_card(folder: Path, given: Path) -> dict[str, object]:
    """The card in a version's folder; errors name what was `given`. Raises VersionError."""
    try:
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError) as error:
        raise VersionError(f"The {CARD} in {given} cannot be read ({error}).") from None
    if not isinstance(card, dict):
        raise VersionError(f"The {CARD} in {given} is no card: it holds no object.")
    return card


def _listed(names: "list[str] | dict[str, int]") -> str:
    shown = sorted(names)[:4]
    return ", ".join(shown) + (", ..." if len(names) > len(shown) else "") or "nothing"
