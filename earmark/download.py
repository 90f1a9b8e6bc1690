"""Downloads: a file that a person named by its URL, over https only, up to a size and for a time."""

import ipaddress
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

CHUNK = 1 << 16  # bytes
REDIRECTS = 5
TIMEOUTS = (10.0, 30.0)  # seconds to connect, and between two signs of life
MOST_SECONDS = 900.0  # in all


class DownloadError(ValueError):
    """A URL that gave no file, in one sentence."""


def is_url(name: str) -> bool:
    """Whether a command line argument is a URL rather than a path."""
    return "://" in name


def download(
    url: str,
    folder: Path,
    *,
    most_bytes: int,
    session: requests.Session | None = None,
    on_progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> Path:
    """Fetch a file into a folder, under the name the URL gives it.

    No credentials are sent, not even those of a ~/.netrc. Redirects must stay https, and not lead to private addresses.

    Args:
        url: https, as the person typed it.
        folder: to write to.
        most_bytes: the largest file to accept.
        session: to ask with; by default a new one that is `guarded`.
        on_progress: called with the bytes received and their number in all, if the host says.

    Raises:
        DownloadError: the URL cannot be fetched, or what it holds is too large, too slow, empty or a page.
    """
    try:
        name = Path(unquote(urlsplit(url).path)).name
    except ValueError:
        raise DownloadError(f"{url} is no URL.") from None
    if not name:
        raise DownloadError(f"{shown(url)} names no file.")
    deadline = time.monotonic() + MOST_SECONDS
    with session or guarded(url) as asking:
        asking.auth = lambda request: request
        try:
            response = _open(asking, url)
            with response, (folder / name).open("wb") as file:
                total = response.headers.get("Content-Length", "")
                size = int(total) if total.isdigit() else None
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                if kind.startswith("text/") or kind.endswith(("json", "xml", "javascript")):
                    raise DownloadError(f"{shown(url)} is no file of weights: its host says it is {kind[:60]}.")
                if size is not None and size > most_bytes:
                    raise _too_large(url, most_bytes)
                done = 0
                # read1: what one reading gives, so that a host that trickles cannot outlast the deadline.
                while chunk := response.raw.read1(CHUNK, decode_content=False):
                    done += len(chunk)
                    if done > most_bytes:
                        raise _too_large(url, most_bytes)
                    if time.monotonic() > deadline:
                        raise DownloadError(f"{shown(url)} takes longer than {MOST_SECONDS:.0f} s to fetch.")
                    file.write(chunk)
                    on_progress(done, size)
        except (requests.RequestException, HTTPError) as error:
            raise DownloadError(f"{shown(url)} cannot be fetched ({type(error).__name__}).") from None
        except OSError as error:
            raise DownloadError(f"{folder / name}: cannot be written ({error.strerror or error}).") from None
    if done == 0 or (size is not None and done < size):
        raise DownloadError(f"{shown(url)} broke off after {done} bytes.")
    return folder / name


def shown(url: str) -> str:
    """The URL as messages and cards show it: without what may be a secret, its user, password, query and fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def guarded(url: str) -> requests.Session:
    """A session that connects to the host of `url`, wherever that is, and otherwise to public addresses alone.

    Through a proxy, which looks up names by itself, it is up to the proxy where a connection leads.
    """
    session = requests.Session()
    session.mount("https://", PublicAdapter(urlsplit(url).hostname or ""))
    return session


class PublicAdapter(HTTPAdapter):
    """Connects to hosts whose every address is public, and to the very addresses that were looked at.

    Args:
        named: the host that a person named, which may be any.
    """

    def __init__(self, named: str) -> None:
        self._named = named
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        """Make connections that look where they lead."""
        super().init_poolmanager(*sizes, **options)
        named = self._named

        class Connection(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                if self.host.strip("[]") == named:
                    return super()._new_conn()
                return _connect(self)

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"https": Pool}


def _connect(connection: HTTPSConnection) -> socket.socket:
    """Connect to the first address that answers of a host that has none but public ones."""
    host = connection.host.strip("[]")
    found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not address.is_global or address.is_multicast:
            raise DownloadError(
                f"It redirects to {host}, which is no public address ({address}); fetch it yourself, and give the file."
            )
    failed: OSError = OSError(f"{host} has no address")
    for address in addresses:
        try:
            return create_connection(
                (str(address), connection.port or 443),
                connection.timeout,
                source_address=connection.source_address,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            failed = error
    raise failed


def _open(session: requests.Session, url: str) -> requests.Response:
    for _ in range(REDIRECTS + 1):
        if urlsplit(url).scheme != "https":
            raise DownloadError(f"{shown(url)} is not https; fetch it yourself, and give the file.")
        response = session.get(
            url, stream=True, allow_redirects=False, timeout=TIMEOUTS, headers={"Accept-Encoding": "identity"}
        )
        if not response.is_redirect:
            if response.status_code != 200:
                response.close()
                raise DownloadError(f"{shown(url)} answers {response.status_code}.")
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise DownloadError(f"{shown(url)} redirects more than {REDIRECTS} times.")


def _too_large(url: str, most_bytes: int) -> DownloadError:
    return DownloadError(f"{shown(url)} is larger than {most_bytes >> 20} MB.")
