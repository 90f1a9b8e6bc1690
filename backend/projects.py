"""The project key: what names a Label Studio project wherever Earmark keeps something of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit


def normalise_address(url: str) -> str:
    """`scheme://host[:port][/path]` in lower-case host, without default port, credentials or trailing slash.

    Raises ValueError unless it is an http(s) URL with a host.
    """
    parts = urlsplit(url.strip())
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not a Label Studio address: write it like http://localhost:8080.")
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"{url!r} has a port that is not a number from 0 to 65535.") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    return f"{scheme}://{host}{parts.path.rstrip('/')}"


@dataclass(frozen=True)
class ProjectKey:
    """A project of one Label Studio: its address, id and creation time, since ids are used again."""

    address: str
    """Label Studio's normalised address."""
    id: int
    created: int
    """Unix seconds, as Label Studio writes them in `/setup` and `/predict`."""

    def __str__(self) -> str:
        """`<8 hex of the address>-<id>-<created>`: safe in Redis keys and file names."""
        digest = hashlib.sha256(self.address.encode()).hexdigest()[:8]
        return f"{digest}-{self.id}-{self.created}"

    @classmethod
    def of_row(cls, address: str, row: Mapping[str, Any]) -> "ProjectKey":
        """The key of a project row as the API and the webhooks give it (`id`, `created_at` in ISO 8601).

        Raises ValueError, one sentence, when the row has neither.
        """
        try:
            created = row["created_at"]
            if not isinstance(created, datetime):
                created = datetime.fromisoformat(str(created))
            return cls(normalise_address(address), int(row["id"]), int(created.timestamp()))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError("The project has no usable id and created_at.") from error

    @classmethod
    def of_call(cls, address: str, project: object) -> "ProjectKey":
        """The key of `"<id>.<created unix>"`, as `/setup` and `/predict` carry it.

        Raises ValueError, one sentence, for anything else.
        """
        identifier, _, created = str(project).partition(".")
        if not (identifier.isascii() and identifier.isdigit() and created.isascii() and created.isdigit()):
            raise ValueError(f"project must look like '<id>.<created>', not {str(project)[:80]!r}.")
        if len(identifier) > 18 or len(created) > 18:
            raise ValueError("project holds a number that is too long.")
        return cls(normalise_address(address), int(identifier), int(created))

    @classmethod
    def parse(cls, text: str, address: str) -> "ProjectKey":
        """The key written as `text`, which must be one of Label Studio at `address`.

        Raises ValueError, one sentence, when it is not.
        """
        digest, _, rest = text.partition("-")
        key = cls.of_call(address, rest.replace("-", ".", 1))
        if str(key) != text:
            raise ValueError(f"Project {text!r} ({digest = }) does not belong to {normalise_address(address)}.")
        return key
