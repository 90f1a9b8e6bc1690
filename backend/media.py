"""Media: the one guarded way from a task's URL to a local file."""

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import requests
from urllib3.exceptions import HTTPError

from backend.label_studio import LabelStudio, LabelStudioError
from backend.settings import Settings
from backend.sources import FetchError, Source, check_answer, check_beginning, resolve, shown, too_large

__all__ = ["FetchError", "Fetcher"]

log = logging.getLogger(__name__)

CHUNK = 1 << 16  # bytes
REDIRECTS = 5
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 20.0  # seconds without a sign of life
PARTIAL_KEPT = 3600.0  # seconds after which what a killed fetch left is removed

T = TypeVar("T")
Authorise = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class _UnreachableError(FetchError):
    """The host does not answer: a copy kept from before will do."""


class Fetcher:
    """Fetches media from Label Studio's own host (with the token) and from allowed hosts (without), and nowhere else.

    Files are kept under `<home>/media`, the least recently used dropped beyond `media_cache_bytes`.
    """

    def __init__(self, settings: Settings) -> None:
        """A fetcher by these settings; safe in several threads and processes."""
        self.settings = settings
        self.folder = settings.home / "media"
        self._label_studio: LabelStudio | None = None
        if settings.label_studio_url and settings.label_studio_token:
            token = settings.label_studio_token.get_secret_value()
            self._label_studio = LabelStudio(settings.label_studio_url, token)

    def close(self) -> None:
        """Close the connections; the next fetch opens new ones."""
        if self._label_studio is not None:
            self._label_studio.close()

    def fetch(self, url: str) -> Path:
        """The local copy of `url` (relative: on Label Studio), fetched unless it is there and unchanged.

        Never holds more than a chunk in memory; the file appears whole or not at all, and under another name when its
        content changed. It is only read, never changed. Raises FetchError.
        """
        deadline = time.monotonic() + self.settings.media_timeout
        source = resolve(self.settings, url)
        record = self.folder / f"{hashlib.sha256(source.url.encode()).hexdigest()[:24]}.json"
        known = self._known(record)
        if known is not None and source.immutable:
            return self._use(record, known)  # Label Studio sends uploads without anything to compare
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._open(source, known, deadline) as response:
                if known is not None and (response.status_code == 304 or _same(response, known)):
                    return self._use(record, known)
                path = self._store(response, source, deadline)
                _replace(record, json.dumps(_validators(response) | {"file": path.name}))
        except _UnreachableError as error:
            if known is None:
                raise
            log.info("%s The copy from before is used.", error)
            return self._use(record, known)
        except OSError as error:
            # requests' own errors are OSErrors too, but have been turned into FetchErrors by now.
            raise FetchError(f"{shown(url)} cannot be kept: {error.strerror or error}.") from None
        self._evict(keep=path)
        return path

    @contextlib.contextmanager
    def _open(self, source: Source, known: dict[str, str] | None, deadline: float) -> Iterator[requests.Response]:
        """The answer with the media, or 304; redirects are followed by hand, each as guarded as the first."""
        # Every hop on a connection of its own: a host that closes after a redirect would break the next request.
        fresh = False
        hops = 0
        while True:
            authorise = self._authorise(source, fresh=fresh)
            response = _within(deadline, source, partial(_get, source, known, authorise))
            if response.status_code == 401 and source.with_token and not fresh:
                response.close()
                fresh = True
            elif response.is_redirect or response.is_permanent_redirect:
                response.close()
                hops += 1
                if hops > REDIRECTS:
                    raise FetchError(f"{shown(source.url)} redirects more than {REDIRECTS} times.")
                source = resolve(self.settings, response.headers["Location"], base=source.url)
            else:
                break
        try:
            check_answer(response, source, self.settings.max_media_bytes)
            yield response
        finally:
            response.close()

    def _authorise(self, source: Source, *, fresh: bool) -> Authorise:
        header = None
        if source.with_token:
            if self._label_studio is None:
                raise FetchError("There is no token for Label Studio yet: run `earmark connect`.")
            try:
                header = self._label_studio.authorization(fresh=fresh)
            except LabelStudioError as error:
                raise FetchError(str(error)) from None

        def authorise(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if header is not None:
                request.headers["Authorization"] = header
            return request

        return authorise

    def _store(self, response: requests.Response, source: Source, deadline: float) -> Path:
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".partial")
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in _chunks(response, source, deadline):
                    if size == 0:
                        check_beginning(chunk, source)
                    size += len(chunk)
                    if size > self.settings.max_media_bytes:
                        raise too_large(source, self.settings.max_media_bytes)
                    digest.update(chunk)
                    file.write(chunk)
            if size == 0:
                raise FetchError(f"{shown(source.url)} is empty.")
            expected = response.headers.get("Content-Length")
            if expected is not None and expected.isdigit() and size < int(expected):
                raise FetchError(f"{shown(source.url)} broke off after {size} of {expected} bytes.")
            path = self.folder / f"{digest.hexdigest()[:32]}{source.suffix}"
            partial.replace(path)
            return path
        finally:
            partial.unlink(missing_ok=True)

    def _known(self, record: Path) -> dict[str, str] | None:
        """What is noted of the copy that is here, or None."""
        try:
            known = json.loads(record.read_text())
            return known if (self.folder / known["file"]).is_file() else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _use(self, record: Path, known: dict[str, str]) -> Path:
        """The copy that is here, now the most recently used."""
        path = self.folder / known["file"]
        os.utime(record)
        os.utime(path)
        return path

    def _evict(self, keep: Path) -> None:
        """Drop the least recently used files beyond the bound, and what killed fetches left."""
        with (self.folder / "evict.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another process is at it
            files, total = [], 0
            for path in self.folder.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    found = path.stat()
                    if path.suffix == ".partial":
                        if time.time() - found.st_mtime > PARTIAL_KEPT:
                            path.unlink(missing_ok=True)
                    elif path.suffix != ".lock":
                        total += found.st_size
                        files.append((found.st_mtime, found.st_size, path))
            for _, size, path in sorted(files):
                if total <= self.settings.media_cache_bytes:
                    break
                if path != keep:
                    path.unlink(missing_ok=True)
                    total -= size


def _get(source: Source, known: dict[str, str] | None, authorise: Authorise) -> requests.Response:
    headers = {"Accept-Encoding": "identity"}
    if known is not None and known.get("etag"):
        headers["If-None-Match"] = known["etag"]
    if known is not None and known.get("last-modified"):
        headers["If-Modified-Since"] = known["last-modified"]
    return requests.get(
        source.url,
        headers=headers,
        # Setting the header through `auth` keeps requests from sending what a ~/.netrc holds for the host.
        auth=authorise,
        stream=True,
        allow_redirects=False,
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
    )


def _within(deadline: float, source: Source, ask: Callable[[], T]) -> T:
    """What `ask` returns, in the time that is left.

    In a thread of its own: a server that sends its headers byte by byte resets every timeout a socket has. Such a
    thread is left to itself; it ends when the server does.
    """
    answers: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if answers:
        return answers[0]
    if not errors or isinstance(errors[0], requests.Timeout):
        raise _UnreachableError(f"{shown(source.url)} does not answer in time.")
    if isinstance(errors[0], requests.RequestException):
        raise _UnreachableError(f"{shown(source.url)} cannot be reached.")
    raise errors[0]


def _chunks(response: requests.Response, source: Source, deadline: float) -> Iterator[bytes]:
    """The body piece by piece as it arrives, until the deadline."""
    while True:
        if time.monotonic() > deadline:
            raise FetchError(f"{shown(source.url)} takes too long to fetch.")
        try:
            # read1: what one reading gives. read() would wait for a whole chunk, however slowly it trickles in.
            chunk = response.raw.read1(CHUNK, decode_content=True)
        except (HTTPError, OSError) as error:
            log.info("Fetching %s: %s", shown(source.url), error)
            raise FetchError(f"{shown(source.url)} broke off while it was fetched.") from None
        if not chunk:
            return
        yield chunk


def _validators(response: requests.Response) -> dict[str, str]:
    names = ("ETag", "Last-Modified", "Content-Length")
    return {name.lower(): response.headers[name] for name in names if name in response.headers}


def _same(response: requests.Response, known: dict[str, str]) -> bool:
    """Whether a full answer is of the content we have: some hosts ignore the conditions of a request."""
    seen = _validators(response)
    strong = "etag" in seen or "last-modified" in seen
    return strong and seen == {name: value for name, value in known.items() if name != "file"}


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)
