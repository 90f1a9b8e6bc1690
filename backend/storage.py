"""Storage: everything that all workers share and that is not in Redis, in a folder or an object store.

Names are relative paths with slashes: `versions/<version>/card.json`. On a folder a name is a file there; the folder
may be the home of one machine or a disk that several mount. On an object store (`s3://bucket/prefix`) it is a key.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.object_store import ObjectStore

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
PARTIAL = ".partial-"  # how files begin that are not whole yet; no name begins so


class StorageError(OSError):
    """The storage cannot be read or written; the message is one sentence that names the address."""


class Storage:
    """Named contents, each whole or not there. Safe for several threads, processes and machines.

    Every method raises StorageError, and FileNotFoundError where what it needs is missing; on an object store within
    the bounds that `backend.object_store` states.
    """

    def __init__(self, url: str | Path, cache: Path) -> None:
        """Name the place; neither it nor the cache is touched before the first use.

        Args:
            url: a folder, or the address of an object store that fsspec knows, with a prefix if wanted.
            cache: local folder for copies of what is elsewhere; unused where the storage is a folder.

        Raises StorageError for an address without a bucket.
        """
        text = str(url)
        scheme, colon, rest = text.partition("://")
        if colon and scheme == "file":
            text, colon = rest, ""
        if colon and not rest.strip("/"):
            raise StorageError(f"{text} names no place to keep anything in: give it as {scheme}://bucket/prefix.")
        self.folder = None if colon else Path(text)
        """The folder where the storage is one; None of an object store."""
        self.cache = cache
        self._url = text.rstrip("/")

    def __str__(self) -> str:
        """The address, without credentials."""
        return _shown(self._url) if self.folder is None else str(self.folder)

    @cached_property
    def _store(self) -> "ObjectStore":
        from backend.object_store import ObjectStore  # fsspec takes a while to import

        return ObjectStore(self._url, str(self))

    def url(self, name: str) -> str:
        """The address of a name, for libraries that open it themselves: a path, or `s3://...`."""
        _check(name)
        return f"{self._url}/{name}" if self.folder is None else str(self.folder / name)

    def read(self, name: str) -> bytes:
        """What a name holds. Raises FileNotFoundError where there is none."""
        _check(name)
        if self.folder is None:
            return self._store.read(name)
        with _told(self.folder / name):
            return (self.folder / name).read_bytes()

    def write(self, name: str, data: bytes, *, private: bool = False) -> None:
        """Give a name its content, whole or not at all; what it held before is gone.

        `private`: in a folder its owner alone may read it; who may read an object store is the store's own affair.
        """
        _check(name)
        if self.folder is None:
            self._store.write(name, data)
        else:
            _place(self.folder / name, lambda part: part.write_bytes(data), mode=0o600 if private else 0o644)

    def put(self, name: str, file: Path) -> None:
        """Give a name the content of a local file of any size, whole or not at all."""
        _check(name)
        _found(file)
        if self.folder is None:
            self._store.put(name, file)
        else:
            _place(self.folder / name, lambda part: shutil.copyfile(file, part))

    def get(self, name: str, file: Path) -> None:
        """Copy a name of any size to a local file, whole or not at all. Raises FileNotFoundError."""
        _check(name)
        if self.folder is None:
            store = self._store
            _place(file, lambda part: store.get(name, part))
        else:
            source = _found(self.folder / name)
            _place(file, lambda part: shutil.copyfile(source, part))

    def exists(self, name: str) -> bool:
        """Whether a name holds something; a folder of names does not."""
        _check(name)
        return self._store.exists(name) if self.folder is None else (self.folder / name).is_file()

    def names(self, prefix: str = "") -> list[str]:
        """Every name within the folder `prefix`, at any depth, sorted; all there are by default."""
        if prefix:
            _check(prefix)
        if self.folder is None:
            return [name for name in self._store.names(prefix) if NAME.fullmatch(name)]
        with _told(self.folder / prefix):
            found = [file.relative_to(self.folder).as_posix() for file in (self.folder / prefix).rglob("*")]
            return sorted(name for name in found if NAME.fullmatch(name) and (self.folder / name).is_file())

    def delete(self, prefix: str) -> None:
        """Remove a name, or everything within a folder of names; what is not there is no error."""
        _check(prefix)
        if self.folder is None:
            self._store.delete(prefix)
            return
        place = self.folder / prefix
        try:
            with _told(place):
                shutil.rmtree(place) if place.is_dir() else place.unlink()
        except FileNotFoundError:
            pass

    def file(self, name: str) -> Path:
        """A local file with what a name holds, for names whose content never changes. Raises FileNotFoundError.

        On a folder the file itself; else a copy in the cache, fetched once. It is to be read only.
        """
        _check(name)
        if self.folder is not None:
            return _found(self.folder / name)
        copy = self.cache / name
        if not copy.is_file():
            self.get(name, copy)
        return copy


def _check(name: str) -> None:
    if not NAME.fullmatch(name):
        raise StorageError(f"{name[:80]!r} is no name in a storage: write letters, digits, . _ - between slashes.")


def _shown(url: str) -> str:
    """An address without user, password and query."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.split("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _found(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there.")
    return path


class _told:  # noqa: N801 (reads as what it does: with _told(path))
    """Turns the system's errors into a sentence that names the place; FileNotFoundError stays what it is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, OSError) or error.errno is None:  # without a number it is told already
            return
        if isinstance(error, FileNotFoundError):
            raise FileNotFoundError(f"{self.path} is not there.") from None
        raise StorageError(f"{self.path} cannot be read or written ({error.strerror}).") from None


def _place(path: Path, fill: Callable[[Path], object], mode: int = 0o644) -> None:
    """Make a file that appears whole: filled beside its place, on disk before it gets its name."""
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
        os.close(handle)
        part = Path(name)
        try:
            fill(part)
            part.chmod(mode)
            _sync(part)
            part.replace(path)
            _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
