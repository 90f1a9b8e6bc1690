"""The files that weights are released as: what kind each is, by its first bytes, and its hash."""

import hashlib
import zipfile
from enum import Enum
from pathlib import Path

# The released files have up to 38 MB; a network of ours at twice the paper's width has 152.
MOST_BYTES = 200 << 20


class ReleaseError(ValueError):
    """A file whose weights cannot be imported, in one sentence."""


class Format(Enum):
    """What a weights file may be."""

    TORCH = "a PyTorch state dict"
    HDF5 = "Keras weights in HDF5"
    SAFETENSORS = "weights of Earmark"


def format_of(path: Path) -> Format:
    """What kind of weights a file holds, judged by its first bytes and never by its name.

    Raises:
        ReleaseError: it cannot be read, is larger than 200 MB, or is none of them.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read ({error.strerror}).") from None
    if size > MOST_BYTES:
        raise ReleaseError(f"{path}: {size >> 20} MB are more than any weights known here ({MOST_BYTES >> 20} MB).")
    if head.startswith((b"\x1f\x8b", b"\x89HDF\r\n\x1a\n")):
        return Format.HDF5
    if head.startswith(b"\x80"):  # every binary pickle, as PyTorch wrote state dicts before 1.6
        return Format.TORCH
    if head.startswith(b"PK\x03\x04") and _holds_pickle(path):  # as it has written them since
        return Format.TORCH
    if head[8:9] == b"{":
        return Format.SAFETENSORS
    if head.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(path):
        raise ReleaseError(f"{path}: a ZIP that is damaged or was cut off; copy it again.")
    raise ReleaseError(
        f"{path}: not weights in a format known here; give a released .pt or .h5.gz file, or a version or weights file "
        "of Earmark's own."
    )


def _holds_pickle(path: Path) -> bool:
    """Whether a zip file is laid out as PyTorch's are, and is no larger unpacked than weights known here."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        return False
    return sum(entry.file_size for entry in entries) <= MOST_BYTES and any(
        entry.filename.endswith("/data.pkl") for entry in entries
    )


def sha256(path: Path) -> str:
    """The file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
