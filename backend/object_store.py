"""An object store through fsspec: `s3://bucket/prefix` by s3fs, and whatever else fsspec has a driver for.

Credentials, region and endpoint are read from where the driver reads them; for S3 AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL, or ~/.aws. A store that does not answer is given up after the
bounds below, so that nobody waits for it longer.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.storage import StorageError

READ_SECONDS = 5.0  # to read a name or ask whether it is there: Label Studio waits for some of these
LIST_SECONDS = 60.0  # to write, list or delete
COPY_SECONDS = 600.0  # to send or fetch a large file
CONNECT_SECONDS = 3.0  # for a connection, tried again within the bounds above


# By process, for a fork cannot share a driver, and address: opening one takes long, and serves every thread.
_drivers: dict[tuple[int, str], tuple[Any, str]] = {}
_lock = threading.Lock()


class ObjectStore:
    """Names under one address. Objects appear whole; what was written is read at once, as S3 promises."""

    def __init__(self, url: str, shown: str) -> None:
        """Open nothing yet.

        Args:
            url: with the prefix, without a slash at the end.
            shown: the same as it may be told, without credentials.
        """
        self._url, self._shown = url, shown

    def read(self, name: str) -> bytes:
        """What a name holds. Raises FileNotFoundError, StorageError."""
        return self._call("cat_file", name, READ_SECONDS)

    def exists(self, name: str) -> bool:
        """Whether a name holds something. Raises StorageError."""
        try:
            return self._call("info", name, READ_SECONDS)["type"] == "file"
        except FileNotFoundError:
            return False

    def write(self, name: str, data: bytes) -> None:
        """Give a name its content. Raises StorageError."""
        self._write("pipe_file", name, LIST_SECONDS, data)

    def put(self, name: str, file: Path) -> None:
        """Send a local file. Raises StorageError."""
        self._write("put_file", name, COPY_SECONDS, str(file), local_first=True)

    def get(self, name: str, file: Path) -> None:
        """Fetch into a local file. Raises FileNotFoundError, StorageError."""
        self._call("get_file", name, COPY_SECONDS, str(file))

    def names(self, prefix: str) -> list[str]:
        """Every name within a folder of names, sorted. Raises StorageError."""
        try:
            found = self._call("find", prefix, LIST_SECONDS)
        except FileNotFoundError:
            return []
        root = _driver(self._url)[1]
        names = [path.removeprefix(root).lstrip("/") for path in found]
        # A store lists what begins alike, not what lies in a folder.
        return sorted(name for name in names if not prefix or name.startswith(f"{prefix}/"))

    def delete(self, prefix: str) -> None:
        """Remove a name and everything within it as a folder. Raises StorageError."""
        for name in [*self.names(prefix), prefix]:
            try:
                self._call("rm_file", name, LIST_SECONDS)
            except FileNotFoundError:
                continue

    def _write(self, method: str, name: str, seconds: float, *arguments: object, local_first: bool = False) -> None:
        try:
            self._call(method, name, seconds, *arguments, local_first=local_first)
        except FileNotFoundError as error:
            raise StorageError(f"{self._shown}/{name} cannot be written ({_reason(error)}).") from None

    def _call(self, method: str, name: str, seconds: float, *arguments: object, local_first: bool = False) -> Any:
        """One call of the driver, given up after `seconds`."""
        from fsspec.asyn import sync
        from fsspec.exceptions import FSTimeoutError

        where = f"{self._shown}/{name}".rstrip("/")
        try:
            filesystem, root = _driver(self._url)
            path = f"{root}/{name}".rstrip("/")
            ordered = (*arguments, path) if local_first else (path, *arguments)
            if not filesystem.async_impl:
                return getattr(filesystem, method)(*ordered)
            act: Callable[..., Any] = getattr(filesystem, f"_{method}")
            return sync(filesystem.loop, act, *ordered, timeout=seconds)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{where} is not there ({_reason(error)}).") from None
        except (FSTimeoutError, TimeoutError):
            raise StorageError(f"{where} did not answer within {seconds:.0f} s.") from None
        except StorageError:
            raise
        except Exception as error:  # drivers raise what their libraries raise
            raise StorageError(f"{where} cannot be reached or used ({_reason(error)}).") from None


def _driver(url: str) -> tuple[Any, str]:
    """The driver of an address and the path of its prefix in the driver's words."""
    with _lock:
        key = os.getpid(), url
        if key not in _drivers:
            _drivers[key] = _open(url)
        return _drivers[key]


def _open(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    options: dict[str, Any] = {}
    if url.startswith(("s3://", "s3a://")):
        patience = {"connect_timeout": CONNECT_SECONDS, "read_timeout": LIST_SECONDS, "retries": {"max_attempts": 2}}
        options = {"config_kwargs": patience}
    # Listings are never kept: other machines write too. Instances are not shared: fsspec keeps one a thread.
    filesystem, root = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)
    if options:
        filesystem.connect()  # reads credentials and the service's description, which would count as waiting
    return filesystem, root.rstrip("/")


def _reason(error: BaseException) -> str:
    """The first line of an error, short; its type where it says nothing."""
    said = str(error).strip().splitlines()
    return said[0][:200].rstrip(".") if said else type(error).__name__
