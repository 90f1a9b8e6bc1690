"""Access: who may call, and which form posts come from our own page.

A browser adds the password it was once given to every request to this address, also to those that a foreign page makes
it send. So a form is taken only with a token that no foreign page can read, and only from this origin.
"""

import hashlib
import hmac
import time
from urllib.parse import urlsplit

from flask import abort, request

from backend.services import services
from backend.settings import Settings, SettingsError

USER = "earmark"
SECRET_HEADER = "X-Earmark-Secret"  # noqa: S105 (a header's name)
TOKEN_FIELD = "token"  # noqa: S105 (a form field's name)
TOKEN_SECONDS = 12 * 3600  # a page left open overnight asks to be loaded again

NOT_CONNECTED = (
    "Earmark is not connected to a Label Studio yet: run `earmark connect --url ADDRESS --token TOKEN --project ID`."
)
WRONG = "Wrong or missing credentials: run `earmark connect` to set them in Label Studio, `earmark page` to see them."
FOREIGN = "This form was not sent from Earmark's own page: open the page anew and try again."


def authorise(*, header: bool = False) -> Settings:
    """The settings, once the caller has shown the secret: by HTTP Basic or, where `header`, in a header.

    Aborts with 401, or 503 before a connection.
    """
    try:
        settings = services().connection.current()
    except SettingsError as error:
        abort(503, str(error))
    if settings.secret is None or settings.label_studio_url is None:
        abort(503, NOT_CONNECTED)
    expected = settings.secret.get_secret_value().encode()
    given = request.authorization
    shown = []
    if given is not None and given.type == "basic" and given.username == USER:
        shown.append(given.password or "")
    if header:
        shown.append(request.headers.get(SECRET_HEADER, ""))
    if not any(hmac.compare_digest(secret.encode(), expected) for secret in shown):
        abort(401, WRONG)
    return settings


def form_token(settings: Settings, path: str, now: float | None = None) -> str:
    """What a form that posts to `path` must carry: `<unix seconds>.<hmac>`, good for TOKEN_SECONDS."""
    made = round(time.time() if now is None else now)
    return f"{made}.{_signature(settings, path, made)}"


def check_origin() -> None:
    """Abort with 403 unless the browser says that a page of this very origin sends the request.

    Looks at headers alone: nothing of a foreign request's body is read.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        abort(403, FOREIGN)
    # Browsers leave Sec-Fetch-Site out where the page came by plain http from another machine.
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    if urlsplit(origin).netloc != request.host:
        abort(403, FOREIGN)


def check_form(settings: Settings) -> None:
    """Abort with 403 unless the form carries a fresh token for this path."""
    made, _, signature = request.form.get(TOKEN_FIELD, "").partition(".")
    if not (made.isascii() and made.isdigit() and len(made) < 12):
        abort(403, FOREIGN)
    age = time.time() - int(made)
    # Compared as bytes: what is given may hold anything.
    genuine = hmac.compare_digest(signature.encode(), _signature(settings, request.path, int(made)).encode())
    if not genuine or not -60 < age < TOKEN_SECONDS:
        abort(403, FOREIGN)


def _signature(settings: Settings, path: str, made: int) -> str:
    secret = settings.secret.get_secret_value() if settings.secret else ""
    return hmac.new(secret.encode(), f"form {path} {made}".encode(), hashlib.sha256).hexdigest()
