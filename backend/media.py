"""Media: the one guarded way from a task's URL to a local file."""

from pathlib import Path

from backend.settings import Settings


class FetchError(RuntimeError):
    """The media cannot be had; the message is one sentence fit for an annotator and never holds a token."""


class Fetcher:
    """Fetches media from Label Studio's own host (with the token) and from allowed hosts (without), and nowhere else.

    Files are kept under `<home>/media`, the least recently used dropped beyond `media_cache_bytes`.
    """

    def __init__(self, settings: Settings) -> None:
        """A fetcher by these settings; safe in several threads and processes."""
        self.settings = settings

    def fetch(self, url: str) -> Path:
        """The local copy of `url` (relative: on Label Studio), fetched unless it is there and unchanged.

        Never holds more than a chunk in memory; the file appears whole or not at all. It is only read, never changed,
        and stays at least while it is among the most recently used. Raises FetchError.
        """
        raise NotImplementedError
