"""A light look at Label Studio: the few reads that checks need, without its SDK, each bounded in time.

The web process looks too, and the SDK would take it a hundred megabytes.
"""

import json
import re
from typing import Any

import requests

from backend.settings import Settings

CONNECT, READ = 2.0, 8.0  # seconds; to list a backend, Label Studio calls it first, up to 4 s
MOST = 4 << 20  # bytes of an answer


class LookError(RuntimeError):
    """Label Studio did not answer as it should; the message is one sentence without any token.

    `status` is the HTTP status, or None when there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """`message`: one sentence."""
        super().__init__(message)
        self.status = status


class Look:
    """Reads from the connected Label Studio, with its token where one is needed."""

    def __init__(self, settings: Settings) -> None:
        """`settings`: with address and token."""
        self.url = settings.label_studio_url or ""
        token = settings.label_studio_token
        self._token = token.get_secret_value().strip() if token else ""
        self._authorization: str | None = None

    def health(self) -> None:
        """Raise LookError unless a Label Studio answers there."""
        answer = self._json("GET", "/health", authorised=False)
        if not isinstance(answer, dict) or answer.get("status") != "UP":
            raise LookError(f"What answers at {self.url} is not a Label Studio that is up.")

    def whoami(self) -> str:
        """The e-mail address of the token's owner. Raises LookError; with status 401 the token is not accepted."""
        found = self._json("GET", "/api/current-user/whoami")
        return str(found.get("email", "")) if isinstance(found, dict) else ""

    def project(self, number: int) -> dict[str, Any]:
        """A project's row. Raises LookError."""
        found = self._json("GET", f"/api/projects/{number:d}/")
        if not isinstance(found, dict):
            raise LookError(f"{self.url} does not answer like a Label Studio.")
        return found

    def backends(self, number: int) -> list[dict[str, Any]]:
        """A project's ML backends, the one that is asked first. Label Studio calls each before it answers."""
        return self._rows(f"/api/ml?project={number:d}")

    def webhooks(self, number: int) -> list[dict[str, Any]]:
        """A project's webhooks, oldest first. Raises LookError."""
        return self._rows(f"/api/webhooks/?project={number:d}")

    def _rows(self, path: str) -> list[dict[str, Any]]:
        found = self._json("GET", path)
        rows = found if isinstance(found, list) else []
        return sorted((row for row in rows if isinstance(row, dict) and "id" in row), key=lambda row: row["id"])

    def _json(self, method: str, path: str, body: dict[str, str] | None = None, *, authorised: bool = True) -> Any:
        headers = {"Accept": "application/json"}
        if authorised:
            headers["Authorization"] = self._access()
        try:
            with requests.request(
                method,
                f"{self.url}{path}",
                json=body,
                # Setting the header through `auth` keeps requests from sending what a ~/.netrc holds for the host.
                auth=lambda request: request,
                headers=headers,
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = answer.raw.read(MOST, decode_content=True)
                status = answer.status_code
                if status >= 300:
                    raise LookError(
                        f"Label Studio at {self.url} answered {status} to {path.partition('?')[0]}.", status
                    )
                return json.loads(content)
        except ValueError:
            raise LookError(f"{self.url} does not answer like a Label Studio.") from None
        except (requests.RequestException, OSError) as error:
            raise LookError(f"Label Studio at {self.url} does not answer ({_shown(error)}).") from None

    def _access(self) -> str:
        """The Authorization header's value: a personal token is exchanged for access, a legacy one is sent itself."""
        if self._authorization is None:
            if self._token.count(".") == 2:
                found = self._json("POST", "/api/token/refresh/", {"refresh": self._token}, authorised=False)
                access = found.get("access") if isinstance(found, dict) else None
                if not isinstance(access, str):
                    raise LookError(f"{self.url} gives no access for the token.", 401)
                self._authorization = f"Bearer {access}"
            else:
                self._authorization = f"Token {self._token}"
        return self._authorization


def _shown(error: Exception) -> str:
    """The kind of a network error in a few words; its text names objects nobody knows."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    reason = re.search(r"\[Errno -?\d+\] ([A-Za-z ]+)", str(error))
    return reason.group(1).lower() if reason else type(error).__name__
