"""Answering a browser: which requests get a page, with which headers, and how the page is put into the application."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from backend.access import authorise, form_token
from backend.page import wording
from backend.page.routes import STATIC, pages
from backend.page.views import index_view, project_view
from backend.services import services
from backend.storage import StorageError

HEADERS = {
    # No script or style in the page itself: what a task's data or a file's name smuggled in would not run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # not no-referrer: browsers then hide the Origin of forms too
}


def register(app: Flask) -> None:
    """Put the page's routes, filters and headers into the application."""
    app.register_blueprint(pages)
    app.register_error_handler(StorageError, _without_storage)
    app.after_request(_protect)
    app.jinja_env.filters.update(wording.FILTERS)
    app.jinja_env.globals.update(asset=_asset)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def asked_for() -> bool:
    """Whether a browser asks: Label Studio's client and scripts take anything, and get JSON."""
    found = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return found == "text/html" and request.accept_mimetypes["text/html"] > request.accept_mimetypes["application/json"]


def show(number: int | None) -> ResponseReturnValue:
    """The page of a project, or of all of them."""
    settings = authorise()
    now = datetime.now(UTC).timestamp()

    def token(path: str) -> str:
        return form_token(settings, path)

    if number is None:
        view = index_view(settings, services())
        return render_template("index.html", view=view, now=now, token=token)
    return render_template("project.html", view=project_view(settings, services(), number), now=now, token=token)


def refusal(error: HTTPException) -> str:
    """A refusal as a page; its sentence is ours, and nothing of the request is repeated."""
    return render_template("refusal.html", code=error.code or 500, sentence=error.description or error.name)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.endpoint in ("earmark.front", "project.front"):
        response.headers.add("Vary", "Accept")
    return response


def _asset(name: str) -> str:
    """The address of a file of the page's own, which changes with its content."""
    return url_for("page.static_file", name=name, v=_digest(STATIC / name))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _without_storage(error: StorageError) -> ResponseReturnValue:
    refused = ServiceUnavailable(str(error))
    return (refusal(refused) if asked_for() else {"error": str(error)}), 503
