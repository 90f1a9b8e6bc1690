"""Sources: which addresses media may come from, and what an answer must look like to be one."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import requests

from backend.projects import normalise_address
from backend.settings import Settings

MAX_URL = 4096  # characters

MEDIA_PATHS = ("/data/", "/tasks/", "/projects/", "/storage-data/", "/static/")
"""Where Label Studio keeps media or sends on to it: the token opens nothing else because a task says so."""

PAGES = re.compile(rb"\s*(<!doctype html|<html|<\?xml|\{|\[)", re.IGNORECASE)
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"RTSPtext", b"[playlist]")
"""Beginnings of files that would make a decoder open further addresses or local files."""


class FetchError(RuntimeError):
    """The media cannot be had; the message is one sentence fit for an annotator and never holds a token."""


@dataclass(frozen=True)
class Source:
    """Where something is fetched from."""

    url: str
    """Absolute."""
    with_token: bool
    """Whether it is Label Studio itself, so that the token goes with the request."""

    @property
    def immutable(self) -> bool:
        """Whether what is there never changes: Label Studio gives each upload a name of its own."""
        upload = re.search(r"/data/upload/\d+/[0-9a-f]{8}-[^/]+$", urlsplit(self.url).path)
        return self.with_token and upload is not None

    @property
    def suffix(self) -> str:
        """The file's extension, if it looks like one; decoders go by content, people by name."""
        parts = urlsplit(self.url)
        name = parse_qs(parts.query).get("d", [parts.path])[0]
        suffix = Path(unquote(name)).suffix.lower()
        return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""


def resolve(settings: Settings, url: str, base: str | None = None) -> Source:
    """Where `url` may be fetched from; `base` is the address that redirected to it. Raises FetchError."""
    if not isinstance(url, str) or not url.strip():
        raise FetchError("The task names no media: its video has no address.")
    url = url.strip()
    if len(url) > MAX_URL or not url.isprintable() or "\\" in url:
        raise FetchError("The media's address is too long or holds characters that no address has.")
    home = settings.label_studio_url
    if base is not None:
        url = urljoin(base, url)
    elif url.startswith("/") and not url.startswith("//"):
        if home is None:
            raise FetchError(f"{shown(url)} lies on Label Studio, which is not known yet: run `earmark connect`.")
        url = home + url
    try:
        parts = urlsplit(url)
        origin = normalise_address(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        raise FetchError(
            f"{shown(url)} cannot be fetched: give an http(s) address, or a path on Label Studio."
        ) from None
    if parts.username is not None or parts.password is not None:
        raise FetchError("The media's address holds a user or a password: leave them out.")
    for address in (home, *settings.label_studio_aliases) if home else ():
        prefix = urlsplit(address).path
        if origin + prefix == address and parts.path.startswith(prefix):
            path = parts.path.removeprefix(prefix)
            _check_media_path(path)
            query = f"?{parts.query}" if parts.query else ""
            return Source(f"{home}{path}{query}", with_token=True)
    if _host(origin) in {host.strip().lower() for host in settings.allowed_hosts}:
        return Source(parts._replace(fragment="").geturl(), with_token=False)
    raise FetchError(
        f"Media are not fetched from {_host(origin)}: it is neither Label Studio's host nor named in "
        "EARMARK_ALLOWED_HOSTS."
    )


def check_answer(response: requests.Response, source: Source, limit: int) -> None:
    """Raise FetchError unless the answer's status, type and length (`limit` bytes) are those of a media file."""
    status = response.status_code
    if status == 304:
        return
    if status == 403 and urlsplit(source.url).path.endswith("/data/local-files/"):
        raise FetchError(
            f"{shown(source.url)} is not served by Label Studio (403): start it with LOCAL_FILES_SERVING_ENABLED=true "
            "and LOCAL_FILES_DOCUMENT_ROOT, and add that folder as local storage of the project."
        )
    if status in (401, 403):
        raise FetchError(
            f"{shown(source.url)} may not be read ({status}): "
            + ("check the token with `earmark connect`." if source.with_token else "it must be public.")
        )
    if status != 200:
        raise FetchError(f"{shown(source.url)} cannot be fetched: its host answered {status}; is it still there?")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind.endswith(("json", "xml", "javascript", "mpegurl")):
        raise FetchError(f"{shown(source.url)} is no media file: its host says it is {kind[:60]}.")
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > limit:
        raise too_large(source, limit)


def check_beginning(chunk: bytes, source: Source) -> None:
    """Raise FetchError when a file's first bytes are those of a page, a document or a playlist."""
    if PAGES.match(chunk):
        raise FetchError(f"{shown(source.url)} is no media file: it begins like a page or a document.")
    if chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(PLAYLISTS):
        raise FetchError(f"{shown(source.url)} is a playlist, which leads elsewhere: give the media file itself.")


def too_large(source: Source, limit: int) -> FetchError:
    """What is said of a file of more than `limit` bytes."""
    return FetchError(
        f"{shown(source.url)} is larger than the {limit / 1e6:,.0f} MB that EARMARK_MAX_MEDIA_BYTES allows."
    )


def _check_media_path(path: str) -> None:
    plain = unquote(path)
    # A path that decodes twice might be read as another one by a proxy on the way.
    if ".." in unquote(plain).split("/") or "\\" in plain or not plain.startswith(MEDIA_PATHS):
        raise FetchError(
            f"{shown(path)} is no place where Label Studio keeps media; if it sent us there, it asks for a login: "
            "check the token with `earmark connect`."
        )


def _host(origin: str) -> str:
    return urlsplit(origin).netloc


def shown(url: str) -> str:
    """A URL as it may be shown: without its query, which may hold signatures, except Label Studio's `?d=` path."""
    parts = urlsplit(url)
    wanted = parse_qs(parts.query).get("d")
    shown = f"{parts.netloc.rpartition('@')[2]}{parts.path}" + (f"?d={wanted[0]}" if wanted else "")
    return shown[:200]


def file_name(url: str) -> str:
    """The file's name at the end of an address, or of the path asked for in it (local files)."""
    address = urlsplit(url)
    asked_for = parse_qs(address.query).get("d", [unquote(address.path)])
    return asked_for[0].rsplit("/", 1)[-1]
