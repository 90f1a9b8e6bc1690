"""The web application: who may ask what, what every answer looks like, and what the process never loads."""

import base64
import json
import subprocess
import sys

import pytest
from redis import Redis

from backend import queues
from backend.app import poll
from backend.settings import Settings, save_connection
from backend.versions import VersionStore
from tests.backend.calls import BASIC, HEADER, KEY, PROJECT, predict, setup, task, webhook

ENDPOINTS = [("/setup", setup()), ("/predict", predict(task())), ("/webhook", webhook("TASKS_CREATED", tasks=[task()]))]


def test_web_process_loads_no_torch_and_no_job():
    code = "import sys, backend.app, earmark.serve; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "flask" in loaded
    assert not {"torch", "model", "training_jobs", "label_studio_ml", "label_studio_sdk", "av", "lancedb"} & set(loaded)


@pytest.mark.parametrize("path", ["/health", "/", "/projects/1/health"])
def test_health_is_open_and_needs_nothing(settings, path, application):
    gone = settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock", "secret": None})
    answer = application(gone).test_client().get(path)
    assert answer.status_code == 200
    assert answer.json["status"] == "UP"


@pytest.mark.parametrize(("path", "body"), ENDPOINTS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + base64.b64encode(b"earmark:wrong").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"admin:correct horse").decode()},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer correct horse"},
        {"X-Earmark-Secret": "wrong"},
        {"X-Earmark-Secret": ""},
    ],
)
def test_without_the_secret_nothing_is_answered_or_queued(client, redis, path, body, headers):
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 401
    assert "earmark connect" in answer.json["error"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert redis.keys("rq:*") == []


def test_header_opens_the_webhook_only(client):
    assert client.post("/webhook", json=webhook("TASKS_DELETED", tasks=[]), headers=HEADER).status_code == 200
    assert client.post("/setup", json=setup(), headers=HEADER).status_code == 401


@pytest.mark.parametrize(("path", "body"), ENDPOINTS)
def test_before_connecting_every_call_says_what_to_run(settings, path, body, redis, application):
    unconnected = settings.model_copy(update={"secret": None})
    answer = application(unconnected).test_client().post(path, json=body, headers=BASIC)
    assert answer.status_code == 503
    assert "earmark connect" in answer.json["error"]


def test_connecting_needs_no_restart(tmp_path, redis, redis_server, version, settings, application):
    client = application(settings.model_copy(update={"secret": None, "label_studio_url": None})).test_client()
    assert client.post("/setup", json=setup(), headers=BASIC).status_code == 503
    saved = save_connection(
        settings.model_copy(update={"secret": None}), url="http://localhost:8080", token="t", project=KEY
    )
    secret = base64.b64encode(f"earmark:{saved.secret.get_secret_value()}".encode()).decode()
    answer = client.post("/setup", json=setup(), headers={"Authorization": f"Basic {secret}"})
    assert answer.json == {"model_version": version}


def test_setup_answers_the_projects_version(client, version, settings, tmp_path):
    for path in ("/setup", "/projects/1/setup", "/setup"):
        assert client.post(path, json=setup(), headers=BASIC).json == {"model_version": version}
    trained = tmp_path / "trained"
    trained.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (trained / name).write_text("other weights")
    (trained / "card.json").write_text(json.dumps({"project": KEY}))
    store = VersionStore(settings)
    store.promote(KEY, store.add(trained))
    assert client.post("/setup", json=setup(), headers=BASIC).json == {"model_version": store.current(KEY)}
    assert client.post("/setup", json=setup(project="2.5"), headers=BASIC).json == {"model_version": version}


def test_setup_takes_nothing_from_its_caller(client, settings, redis):
    before = sorted(settings.home.rglob("*"))
    client.post("/setup", json=setup(access_token="stolen-token"), headers=BASIC)
    assert sorted(settings.home.rglob("*")) == before
    assert not any(b"stolen" in (redis.get(key) or b"") for key in redis.keys("*") if redis.type(key) == b"string")


@pytest.mark.parametrize("hostname", ["http://evil", "http://localhost:8081", "nonsense", 5, "https://localhost:8080"])
def test_foreign_label_studio_is_refused_and_named_in_the_log(client, caplog, hostname):
    answer = client.post("/setup", json=setup(hostname=hostname), headers=BASIC)
    assert answer.status_code == 403
    assert "http://localhost:8080" in answer.json["error"]
    assert repr(hostname) in caplog.text


@pytest.mark.parametrize(
    "hostname", ["", None, "http://localhost:8080/", "http://127.0.0.1:8080", "http://ls.example.com"]
)
def test_own_label_studio_may_name_itself(settings, version, redis, hostname, application):
    known = settings.model_copy(update={"label_studio_aliases": ("http://ls.example.com",)})
    assert (
        application(known).test_client().post("/setup", json=setup(hostname=hostname), headers=BASIC).status_code == 200
    )


@pytest.mark.parametrize("path", ["/projects/2/setup", "/projects/2/predict"])
def test_path_and_body_must_name_the_same_project(client, path):
    answer = client.post(path, json=setup(), headers=BASIC)
    assert answer.status_code == 400
    assert answer.json["error"] == "The path names project 2, the body project 1."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"{}", "text/plain"),
        (b"{}", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"a":' * 100_000, "application/json"),
        (b'{"project": ["1.5"]}', "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["/setup", "/predict", "/webhook"])
def test_malformed_bodies_are_refused_in_one_sentence(client, path, content, kind):
    answer = client.post(path, data=content, headers=BASIC, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]
    assert ("results" in answer.json) == (path == "/predict")


def test_too_large_a_body_is_refused_unread(client):
    huge = {"CONTENT_LENGTH": str(1 << 30), "CONTENT_TYPE": "application/json"}
    assert client.post("/webhook", headers=HEADER, environ_overrides=huge).status_code == 413


def test_unknown_paths_and_methods_are_json(client):
    assert client.get("/nothing").json["error"]
    assert client.get("/predict").status_code == 405


def test_without_redis_calls_fail_in_one_sentence_and_setup_works(settings, version, application):
    gone = settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"})
    client = application(gone).test_client()
    for path, body in (("/predict", predict(task())), ("/webhook", webhook("TASKS_CREATED", tasks=[task()]))):
        answer = client.post(path, json=body, headers=BASIC)
        assert answer.status_code == 503
        assert "Redis" in answer.json["error"]
    assert client.post("/setup", json=setup(), headers=BASIC).json == {"model_version": version}


def test_versions_are_listed(client, version):
    assert client.get("/versions", headers=BASIC).json == {"versions": [version]}
    assert client.get("/projects/1/versions", headers=BASIC).json == {"versions": [version]}
    assert client.get("/versions").status_code == 401


def test_empty_store_is_one_sentence(settings, redis, application):
    answer = application(settings).test_client().post("/setup", json=setup(), headers=BASIC)
    assert answer.status_code == 503
    assert "earmark serve" in answer.json["error"]


def test_secrets_stay_out_of_the_log(client, caplog, settings):
    caplog.set_level("DEBUG")
    client.post("/setup", json=setup(access_token="stolen-token"), headers=BASIC)
    client.post("/setup", json=setup(hostname="http://evil", access_token="stolen-token"), headers=BASIC)
    client.post("/webhook", json=webhook("X", project_fields={"token": "invitation-token"}), headers=HEADER)
    for secret in ("stolen-token", "invitation-token", settings.secret.get_secret_value()):
        assert secret not in caplog.text


def test_imports_reach_the_queue(client, redis: Redis, settings: Settings):
    answer = client.post("/projects/1/webhook", json=webhook("TASKS_CREATED", tasks=[task(1), task(2)]), headers=HEADER)
    assert answer.json["status"] == "queued"
    assert "2 tasks queued" in answer.json["reason"]
    assert queues.waiting(redis, "annotate") == 1
    assert PROJECT.split(".")[0] in KEY


def test_poll_belongs_to_the_application(settings, redis, application):
    assert poll(application(settings)).look() == []
