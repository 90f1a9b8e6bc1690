"""Downloads: a file that a person named by its URL, over https only, up to a size and for a time."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

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

    No credentials are sent, not even those of a ~/.netrc, and redirects must stay https.

    Args:
        url: https, as the person typed it.
        folder: to write to.
        most_bytes: the largest file to accept.
        session: to ask with; a new one by default.
        on_progress: called with the bytes received and their number in all, if the host says.

    Raises:
        DownloadError: the URL cannot be fetched, or what it holds is too large, too slow or empty.
    """
    try:
        name = Path(unquote(urlsplit(url).path)).name
    except ValueError:
        raise DownloadError(f"{url} is no URL.") from None
    if not name:
        raise DownloadError(f"{shown(url)} names no file.")
    deadline = time.monotonic() + MOST_SECONDS
    with session or requests.Session() as asking:
        asking.auth = lambda request: request
        try:
            response = _open(asking, url)
            with response, (folder / name).open("wb") as file:
                total = response.headers.get("Content-Length", "")
                size = int(total) if total.isdigit() else None
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
