"""The web application: what Label Studio calls (/health, /setup, /predict, /webhook, /versions), /metrics, the page."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException, ServiceUnavailable, abort

from backend import exposition, page, redis_server
from backend.access import authorise
from backend.connection import Connection
from backend.polling import Poll
from backend.predicting import Predictor
from backend.projects import ProjectKey, normalise_address
from backend.services import EXTENSION, Services, services
from backend.settings import Settings
from backend.versions import VersionError, VersionStore
from backend.webhooks import Webhooks

log = logging.getLogger(__name__)

MAX_BODY = 64 << 20  # bytes; a webhook of 5000 tasks is about 3 MB
REDIS_TIMEOUT = 2.0  # seconds: below the 3 s that Label Studio gives /setup


def create_app(settings: Settings, *, threads: int = 32) -> Flask:
    """The application, under `/` and `/projects/<id>/`. Loads no torch, imports no job.

    `threads`: how many the server has; at most a quarter of them waits for a prediction.
    """
    app = Flask("earmark", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    redis = redis_server.connect(settings, timeout=REDIS_TIMEOUT, retries=1)
    connection = Connection(settings)
    app.extensions[EXTENSION] = Services(
        redis=redis,
        connection=connection,
        versions=VersionStore(settings),
        poll=Poll(redis, connection),
        predictor=Predictor(redis, max(1, threads // 4)),
        webhooks=Webhooks(redis),
    )
    app.register_blueprint(routes)
    app.register_blueprint(routes, name="project", url_prefix="/projects/<int:number>")
    page.register(app)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(RedisError, _without_redis)
    app.register_error_handler(VersionError, _without_version)
    return app


def poll(app: Flask) -> Poll:
    """The application's poll, for the server to start in the process that serves."""
    return app.extensions[EXTENSION].poll


routes = Blueprint("earmark", __name__)


@routes.get("/")
def front(number: int | None = None) -> ResponseReturnValue:
    """A browser gets the page; whoever else asks here gets the health."""
    if page.asked_for():
        return page.show(number)
    return health(number)


@routes.get("/health")
def health(number: int | None = None) -> ResponseReturnValue:  # noqa: ARG001 (any project, the same health)
    """Label Studio asks this before everything else and waits a second: no Redis, no files, no login."""
    return jsonify(status="UP", model_class="Earmark")


@routes.post("/setup")
def setup(number: int | None = None) -> ResponseReturnValue:
    """The model version that predicts in the project. Takes no address and no token from whoever calls."""
    settings = authorise()
    body = _body()
    hostname = body.get("hostname")
    if hostname and not _is_ours(settings, hostname):
        log.warning("Refused /setup from %r: run `earmark connect --url` with that address to use it.", hostname)
        abort(403, f"This Earmark is connected to {settings.label_studio_url} and to no other Label Studio.")
    project = _project(settings, number, body)
    with contextlib.suppress(RedisError):  # the config is compared when an update comes; a version needs no Redis
        services().webhooks.remember_config(project, body.get("schema"))
    return jsonify(model_version=services().versions.current(project))


@routes.post("/predict")
def predict(number: int | None = None) -> ResponseReturnValue:
    """What is ready of the tasks' predictions, one object a task."""
    settings = authorise()
    body = _body()
    project = _project(settings, number, body)
    version = services().versions.current(project)
    return jsonify(results=services().predictor.answer(project, version, body), model_version=version)


@routes.post("/webhook")
def webhook(number: int | None = None) -> ResponseReturnValue:
    """News of a project: answered at once with what they lead to, and why."""
    settings = authorise(header=True)
    body = _body()
    row = body.get("project")
    if not isinstance(row, Mapping):
        abort(400, "The webhook names no project.")
    project = _key(settings, number, lambda address: ProjectKey.of_row(address, row))
    version = services().versions.current(project)
    outcome = services().webhooks.act(project, version, body, settings=settings)
    return jsonify(status=outcome.status, reason=outcome.reason)


@routes.get("/versions")
def versions(number: int | None = None) -> ResponseReturnValue:
    """The versions that Label Studio offers to choose from."""
    settings = authorise()
    store = services().versions
    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    chosen = [str(key) for key in keys if number in (None, key.id)]
    names = [version.name for key in chosen for version in store.list(key)] or [store.base()]
    return jsonify(versions=list(dict.fromkeys(names)))


@routes.get("/metrics")
def measured(number: int | None = None) -> ResponseReturnValue:  # noqa: ARG001 (all projects, wherever it is asked)
    """Queue lengths, durations, frames, versions and failures, for Prometheus."""
    settings = authorise()
    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    text = exposition.text(services().redis, [(str(key), str(key.id)) for key in keys], services().versions)
    return Response(text, content_type=exposition.CONTENT_TYPE)


def _body() -> dict[str, Any]:
    try:
        body = request.get_json()
    except RecursionError:
        abort(400, "The body is nested too deep.")
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    return body


def _project(settings: Settings, number: int | None, body: Mapping[str, Any]) -> str:
    return _key(settings, number, lambda address: ProjectKey.of_call(address, body.get("project")))


def _key(settings: Settings, number: int | None, read: Callable[[str], ProjectKey]) -> str:
    """The key of the project a call is about, which its path must not contradict."""
    try:
        key = read(settings.label_studio_url or "")
    except ValueError as error:
        abort(400, str(error))
    if number is not None and number != key.id:
        abort(400, f"The path names project {number}, the body project {key.id}.")
    return str(key)


def _is_ours(settings: Settings, hostname: object) -> bool:
    known = [settings.label_studio_url, *settings.label_studio_aliases]
    try:
        return _origin(str(hostname)) in {_origin(address) for address in known if address}
    except ValueError:
        return False


def _origin(address: str) -> str:
    """The address with one name for this machine: Label Studio calls itself localhost however it was started."""
    address = normalise_address(address)
    host = urlsplit(address).hostname or ""
    return address.replace(host, "localhost", 1) if host in ("127.0.0.1", "::1") else address


def _refuse(error: HTTPException) -> ResponseReturnValue:
    """Every refusal is JSON, one sentence, or a page where a browser asks; `/predict` keeps its shape."""
    answer: dict[str, Any] = {"error": error.description}
    if request.path.endswith("/predict"):
        answer["results"] = []
    log.info("%s %s: %s %s", request.method, request.path, error.code, error.description)
    headers = {"WWW-Authenticate": 'Basic realm="earmark"'} if error.code == 401 else {}
    if page.asked_for():
        return page.refusal(error), error.code or 500, headers
    return jsonify(answer), error.code or 500, headers


def _without_redis(error: RedisError) -> ResponseReturnValue:
    log.warning("Redis does not answer: %s", error)
    return _refuse(ServiceUnavailable("Redis does not answer, so nothing can be queued: is it running?"))


def _without_version(error: VersionError) -> ResponseReturnValue:
    return _refuse(ServiceUnavailable(str(error)))
