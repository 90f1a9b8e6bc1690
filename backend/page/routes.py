"""The page's routes beside `/` and `/projects/<id>/` themselves: its files, pictures, searches and buttons."""

import re
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backend import cancelling, history, lookups, queues, samples
from backend.access import authorise, check_form, check_origin, form_token
from backend.page.uploads import MAX_BYTES, UploadError, receive
from backend.page.views import key_of, lookup_view
from backend.services import services
from backend.tasks import TaskStates

STATIC = Path(__file__).parent / "static"
TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
BY = "the page"  # who did it, in the history
VERSION = re.compile(r"earmark-[0-9a-f]{12}")

pages = Blueprint("page", __name__, template_folder="templates")


@pages.get("/page/static/<name>")
def static_file(name: str) -> Response:
    """The style sheet and the script, for anybody: a refusal is to look like one. Their addresses change with them."""
    if name not in TYPES:
        abort(404, "There is no such file.")
    response = Response((STATIC / name).read_bytes(), content_type=TYPES[name])
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@pages.get("/projects/<int:number>/samples/<version>/<int:task>.jpg")
def sample(number: int, version: str, task: int) -> Response:
    """One sample's picture."""
    settings = authorise()
    key = key_of(settings, number)
    if not VERSION.fullmatch(version):
        abort(404, "There is no such version.")
    try:
        jpeg = samples.picture(settings.open_storage(), key, version, task)
    except FileNotFoundError:
        abort(404, "There is no such picture any more: load the page anew.")
    return Response(jpeg, mimetype="image/jpeg")


@pages.post("/projects/<int:number>/cancel")
def cancel(number: int) -> ResponseReturnValue:
    """Cancel the project's training."""
    key = _posted(number)
    cancelling.cancel(services().redis, key, BY)
    return _back(number, "training")


@pages.post("/projects/<int:number>/train")
def train(number: int) -> ResponseReturnValue:
    """Start a training."""
    key = _posted(number)
    queued = queues.enqueue_retrain(services().redis, key, "Start was pressed on Earmark's page.")
    history.note(services().redis, key, BY, queued.reason)
    return _back(number, "training")


@pages.post("/projects/<int:number>/retry")
def retry(number: int) -> ResponseReturnValue:
    """Have every failed task tried again."""
    key, redis = _posted(number), services().redis
    queues.retry(redis, key, TaskStates(redis, key).failures())
    return _back(number, "tasks")


@pages.post("/projects/<int:number>/samples")
def draw_samples(number: int) -> ResponseReturnValue:
    """Have the samples drawn anew."""
    key = _posted(number)
    queued = samples.enqueue(services().redis, key)
    history.note(services().redis, key, BY, queued.reason)
    return _back(number, "samples")


@pages.post("/projects/<int:number>/lookups")
def look_up(number: int) -> ResponseReturnValue:
    """Search by a file."""
    settings = authorise()
    key = key_of(settings, number)
    check_origin()
    try:
        upload = receive()
    except UploadError as error:
        abort(error.status, str(error))
    check_form(settings)
    try:
        found = lookups.begin(
            services().redis, settings.open_storage(), key, kind=upload.kind, file=upload.name, data=upload.data
        )
    except lookups.TooManyLookups as error:
        abort(429, str(error))
    return redirect(url_for("page.found", number=number, name=found.name), 303)


@pages.get("/projects/<int:number>/lookups/<name>")
def found(number: int, name: str) -> ResponseReturnValue:
    """What a search found, or how long it has been at it."""
    settings = authorise()
    view = lookup_view(settings, services(), number, name)
    if view is None:
        abort(404, f"This search is forgotten: results are kept for {lookups.KEPT // 60} minutes. Search again.")
    again = url_for("page.look_up", number=number)
    return render_template("lookup.html", view=view, token=form_token(settings, again), most=MAX_BYTES)


def _posted(number: int) -> str:
    """The project of a button that was pressed on our own page."""
    settings = authorise()
    key = key_of(settings, number)
    check_origin()
    request.max_content_length = 4096
    check_form(settings)
    return key


def _back(number: int, section: str) -> ResponseReturnValue:
    return redirect(url_for("project.front", number=number, _anchor=section), 303)
