"""Connecting: registers Earmark at a Label Studio project, so that a second time there is nothing left to do."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.label_studio import LabelStudio, LabelStudioError

TITLE = "Earmark"
USER = "earmark"
HEADER = "X-Earmark-Secret"
UNUSABLE_STATES = ("ER", "DI")  # Label Studio's words for a backend whose /setup failed, or that did not answer


class ConnectingError(RuntimeError):
    """The connection could not be made; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Connected:
    """How Earmark stands at a project."""

    backend: int
    """Id of the ML backend in Label Studio."""
    webhook: int
    """Id of the one webhook that carries the secret."""
    url: str
    """The backend's URL for this project."""
    changes: tuple[str, ...] = ()
    """What was changed, one sentence each; empty when everything stood as it should."""
    warnings: tuple[str, ...] = ()
    """What works less well than it could, and what to do."""


def project_url(backend_url: str, project: int) -> str:
    """The URL under which the backend at `backend_url` serves a project: every call names its project."""
    return f"{backend_url.rstrip('/')}/projects/{project}"


def token_trap(token: str) -> str:
    """What is commonly wrong with a token of this shape that Label Studio refuses; one sentence."""
    kind = _token_type(token)
    if kind == "access":
        return (
            "it is an access token, which lasts five minutes: "
            "give the personal access token itself (Account & Settings, Personal Access Token)"
        )
    if kind is not None:
        return (
            "it is a personal access token that was revoked, has run out, or belongs to another Label Studio: "
            "make a new one (Account & Settings, Personal Access Token)"
        )
    return (
        "it looks like a legacy token, which Label Studio accepts only where the organization allows it: "
        "give a personal access token (Account & Settings, Personal Access Token), "
        "or allow legacy tokens (Organization, Access Token Settings)"
    )


def _token_type(token: str) -> str | None:
    """`token_type` of a JSON web token, or None for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    return str(claims.get("token_type", "refresh")) if isinstance(claims, dict) else None


def connect(label_studio: LabelStudio, project: int, backend_url: str, secret: str) -> Connected:
    """Make Earmark at `backend_url` an ML backend of `project`, with one webhook that shows `secret`.

    A backend and a webhook that are there already are used again, brought up to date where they differ; surplus
    ones of ours are removed, those of others left alone. Raises ConnectingError; a backend that Label Studio kept
    although it refused the connection is removed again.
    """
    return _Connecting(label_studio, project, backend_url, secret).run()


class _Connecting:
    """One connecting: what it looks for and what it has changed so far."""

    def __init__(self, label_studio: LabelStudio, project: int, backend_url: str, secret: str) -> None:
        self.label_studio, self.project, self.secret = label_studio, project, secret
        self.url = project_url(backend_url, project)
        self.changes: list[str] = []
        self.warnings: list[str] = []

    def run(self) -> Connected:
        """Backend first: Label Studio subscribes its webhook by itself."""
        before = self.label_studio.backends(self.project)
        ours = [row for row in before if self.is_ours(row)]
        urls = {self.hook_url(row["url"]) for row in ours} | {self.hook_url(self.url)}
        backend = self.reuse(ours, self.knows_secret()) if ours else self.create()
        webhook = self.one_webhook(urls)
        self.warn_of_others(backend)
        return Connected(backend, webhook, self.url, tuple(self.changes), tuple(self.warnings))

    def is_ours(self, row: Mapping[str, Any]) -> bool:
        """A backend at our URL, or one of ours from when the backend had another address."""
        url = str(row["url"]).rstrip("/")
        return url == self.url or (row.get("title") == TITLE and url.endswith(f"/projects/{self.project}"))

    @staticmethod
    def hook_url(url: str) -> str:
        """The webhook Label Studio subscribes for a backend."""
        return f"{url.rstrip('/')}/webhook"

    def fields(self) -> dict[str, Any]:
        """Label Studio changes a backend only when all of these come together."""
        return {
            "url": self.url,
            "title": TITLE,
            "auth_method": "BASIC_AUTH",
            "basic_auth_user": USER,
            "basic_auth_pass": self.secret,
        }

    def create(self) -> int:
        """Register the backend; undo what Label Studio keeps of a refused one."""
        try:
            row = self.label_studio.create_backend(self.project, **self.fields())
        except LabelStudioError as error:
            self.undo()
            raise self.explained(error) from error
        self.changes.append(f"registered the backend {self.url}")
        return int(row["id"])

    def knows_secret(self) -> bool:
        """Whether a webhook shows today's secret: the backend's password itself cannot be read back."""
        return any(
            (row.get("headers") or {}).get(HEADER) == self.secret for row in self.label_studio.webhooks(self.project)
        )

    def reuse(self, ours: list[dict[str, Any]], knows_secret: bool) -> int:
        """Keep the oldest of ours, up to date; Label Studio asks the oldest only."""
        ours = sorted(ours, key=lambda row: row["id"])
        kept = next((row for row in ours if str(row["url"]).rstrip("/") == self.url), ours[0])
        for row in ours:
            if row is not kept:
                self.label_studio.delete_backend(row["id"])
                self.changes.append(f"removed a second backend of ours, {row['url']}")
        stands = (
            knows_secret
            and str(kept["url"]).rstrip("/") == self.url
            and kept.get("auth_method") == "BASIC_AUTH"
            and kept.get("basic_auth_user") == USER
            and kept.get("state") not in UNUSABLE_STATES
        )
        if not stands:
            try:
                self.label_studio.update_backend(kept["id"], project=self.project, **self.fields())
            except LabelStudioError as error:
                raise self.explained(error) from error
            self.changes.append(f"brought the backend up to date: {self.url}")
        return int(kept["id"])

    def one_webhook(self, urls: set[str]) -> int:
        """Exactly one webhook of ours, active, for everything, showing the secret."""
        target = self.hook_url(self.url)
        wanted = {
            "headers": {HEADER: self.secret},
            "send_payload": True,
            "send_for_all_actions": True,
            "is_active": True,
        }
        ours = [
            row
            for row in self.label_studio.webhooks(self.project)
            if str(row["url"]).rstrip("/") in urls or HEADER in (row.get("headers") or {})
        ]
        ours.sort(key=lambda row: (str(row["url"]).rstrip("/") != target, row["id"]))
        for row in ours[1:]:
            self.label_studio.delete_webhook(row["id"])
            self.changes.append(f"removed a second webhook of ours, {row['url']}")
        try:
            if not ours:
                created = self.label_studio.create_webhook(self.project, target, **wanted)
                self.changes.append("subscribed the webhook")
                return int(created["id"])
            kept = ours[0]
            if any(kept.get(name) != value for name, value in wanted.items()) or kept["url"].rstrip("/") != target:
                self.label_studio.update_webhook(kept["id"], url=target, **wanted)
                self.changes.append("gave the webhook its address and secret")
            return int(kept["id"])
        except LabelStudioError as error:
            # Without the webhook imports would go unnoticed: half a connection is none.
            self.undo()
            raise self.explained(error) from error

    def undo(self) -> None:
        """Remove our backend and webhooks: Label Studio keeps the backend even when it answers 403."""
        for row in self.label_studio.backends(self.project):
            if str(row["url"]).rstrip("/") == self.url:
                self.label_studio.delete_backend(row["id"])
        for row in self.label_studio.webhooks(self.project):
            if str(row["url"]).rstrip("/") == self.hook_url(self.url):
                self.label_studio.delete_webhook(row["id"])

    def warn_of_others(self, backend: int) -> None:
        """Label Studio asks only the project's first backend for predictions."""
        first = min(self.label_studio.backends(self.project), key=lambda row: row["id"], default=None)
        if first is not None and first["id"] != backend:
            self.warnings.append(
                f'the backend "{first.get("title") or "(no title)"}" at {first["url"]} stands first in project '
                f"{self.project} and Label Studio asks only the first: Earmark still pushes its predictions after each "
                "import; to have it asked as well, delete that backend under Settings, Model"
            )

    def explained(self, error: LabelStudioError) -> ConnectingError:
        """Label Studio's refusal, with what to do about it."""
        if error.status == 403:
            return ConnectingError(
                f"Label Studio refuses a backend on the private address {self.url}: start Label Studio with both "
                "ML_BLOCK_LOCAL_IP=false and SSRF_PROTECTION_ENABLED=false in its environment, then connect again "
                "(nothing of the attempt was left there)"
            )
        if error.status == 400 and "health check failed" in str(error):
            return ConnectingError(
                f"Label Studio cannot reach the backend at {self.url}: start `earmark serve` there, and see that Label "
                "Studio's machine reaches that address (--backend-url names another)"
            )
        if error.status == 400 and "valid ML backend" in str(error):
            return ConnectingError(
                f"what answers at {self.url} is not Earmark with these settings: another program listens there, or "
                "`earmark serve` runs with another EARMARK_HOME"
            )
        return ConnectingError(str(error))
