"""Health: each thing that goes wrong is told as what it is, with what to do, and without any secret."""

import base64
import json
import shutil
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from backend import health
from backend.health import Check, checks
from backend.projects import ProjectKey
from backend.settings import Settings
from tests.backend.calls import SECRET
from tests.backend.page.lived_in import beat
from tests.backend.stand_in import BACKEND, CREATED, StandIn

LEGACY = "0123456789abcdef0123456789abcdef01234567"


def personal(kind: str = "refresh") -> str:
    """A token of the shape of a JSON web token."""
    claims = base64.urlsafe_b64encode(json.dumps({"token_type": kind}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


@pytest.fixture
def studio() -> Iterator[StandIn]:
    one = StandIn(LEGACY, SECRET)
    yield one
    one.close()


@pytest.fixture
def connected(settings: Settings, version: str, studio: StandIn) -> Settings:
    key = ProjectKey.of_row(studio.url, {"id": 1, "created_at": CREATED})
    return settings.model_copy(update={"label_studio_url": studio.url, "projects": (str(key),)})


def found(settings: Settings, redis: Redis) -> dict[str, Check]:
    """The checks by name."""
    return {check.name: check for check in checks(settings, redis)}


def test_where_all_is_well_nothing_fails(connected: Settings, redis: Redis) -> None:
    beat(redis, "interactive,annotate,train")
    seen = found(connected, redis)
    assert {name for name, check in seen.items() if check.ok is False} == set()
    assert seen["Token"].said == "Valid: it is lead@example.org's."
    assert seen["Project 1"].ok
    assert seen["Project 1, webhook"].ok


def test_before_connecting_it_says_what_comes_first(settings: Settings, version: str, redis: Redis) -> None:
    bare = settings.model_copy(update={"label_studio_url": None, "label_studio_token": None, "secret": None})
    seen = found(bare, redis)
    assert seen["Label Studio"].ok is False
    assert "earmark connect" in seen["Label Studio"].todo
    assert seen["Token"].ok is None


def test_nothing_there_at_all_is_told_in_time(settings: Settings, redis: Redis) -> None:
    gone = settings.model_copy(update={"label_studio_url": "http://127.0.0.1:9", "home": settings.home / "empty"})
    with Redis(unix_socket_path="/nowhere/redis.sock") as away:
        begun = time.monotonic()
        seen = found(gone, away)
    assert time.monotonic() - begun < health.SECONDS + 5
    for name in ("Redis", "Label Studio", "Model"):
        assert seen[name].ok is False, name
        assert seen[name].todo, name
    assert seen["Workers"].ok is None


def test_damaged_weights_are_told_with_how_to_put_them_back(settings: Settings, version: str, redis: Redis) -> None:
    weights = settings.home / "versions" / version / "ave.safetensors"
    weights.write_bytes(weights.read_bytes() + b"more")
    seen = found(settings, redis)["Model"]
    assert seen.ok is False and version in seen.said
    assert "earmark versions import" in seen.todo


@pytest.mark.parametrize(
    ("token", "hint"),
    [(LEGACY[::-1], "legacy token"), (personal("access"), "lasts five minutes"), (personal(), "was revoked")],
)
def test_a_refused_token_is_told_by_its_kind_and_not_shown(connected, redis, studio, token, hint) -> None:
    studio.answers["POST /api/token/refresh/"] = (401, {"detail": "Token is invalid"})
    wrong = connected.model_copy(update={"label_studio_token": type(connected.label_studio_token)(token)})
    seen = found(wrong, redis)
    assert seen["Token"].ok is False
    assert hint in seen["Token"].todo
    assert seen["Projects"].ok is None
    assert token not in str(seen)


def test_a_personal_token_is_exchanged_for_access(connected, redis, studio) -> None:
    studio.answers["POST /api/token/refresh/"] = (200, {"access": "access"})
    given = connected.model_copy(update={"label_studio_token": type(connected.label_studio_token)(personal())})
    assert found(given, redis)["Token"].ok
    assert "Bearer access" in studio.authorization


def test_the_half_made_connection_names_both_switches(connected, redis, studio) -> None:
    studio.answers["GET /api/webhooks/"] = (200, [])
    seen = found(connected, redis)
    assert seen["Project 1, webhook"].ok is False
    studio.answers["GET /api/ml"] = (200, [])
    for check in (seen["Project 1, webhook"], found(connected, redis)["Project 1"]):
        assert "ML_BLOCK_LOCAL_IP=false" in check.todo
        assert "SSRF_PROTECTION_ENABLED=false" in check.todo
        assert "earmark connect" in check.todo


@pytest.mark.parametrize("changed", [{"headers": {}}, {"headers": {"X-Earmark-Secret": "old"}}, {"is_active": False}])
def test_a_webhook_that_brings_nothing_fails(connected, redis, studio, changed) -> None:
    [row] = studio.answers["GET /api/webhooks/"][1]
    studio.answers["GET /api/webhooks/"] = (200, [{**row, **changed}])
    check = found(connected, redis)["Project 1, webhook"]
    assert check.ok is False
    assert "earmark connect" in check.todo
    assert SECRET not in str(check)


@pytest.mark.parametrize("state", ["ER", "DI"])
def test_a_backend_that_label_studio_cannot_reach_is_told(connected, redis, studio, state) -> None:
    [row] = studio.answers["GET /api/ml"][1]
    studio.answers["GET /api/ml"] = (200, [{**row, "state": state, "error_message": "500 Server\nError"}])
    check = found(connected, redis)["Project 1"]
    assert check.ok is False
    assert BACKEND in check.said
    assert "--backend-url" in check.todo


def test_another_backend_that_stands_first_is_noted(connected, redis, studio) -> None:
    [row] = studio.answers["GET /api/ml"][1]
    studio.answers["GET /api/ml"] = (200, [row, {"id": 1, "url": "http://other", "title": "Other", "state": "CO"}])
    check = found(connected, redis)["Project 1"]
    assert check.ok is None
    assert "stands first" in check.said


@pytest.mark.parametrize(
    ("status", "row", "said"),
    [
        (404, {}, "is not there any more"),
        (200, {"id": 1, "title": "New", "created_at": "2026-12-01T00:00:00Z"}, "its number is another project's"),
        (500, {}, "answered 500"),
    ],
)
def test_a_project_that_went_is_told(connected, redis, studio, status, row, said) -> None:
    studio.answers["GET /api/projects/1/"] = (status, row)
    check = found(connected, redis)["Project 1"]
    assert check.ok is False
    assert said in check.said


def test_what_is_no_label_studio_is_told(connected, redis, studio) -> None:
    for answer in ((200, b"<html>"), (200, {"status": "DOWN"}), (302, {})):
        studio.answers["GET /health"] = answer
        assert found(connected, redis)["Label Studio"].ok is False


def test_a_queue_nobody_serves_is_named(connected, redis) -> None:
    beat(redis, "interactive,annotate")
    check = found(connected, redis)["Workers"]
    assert check.ok is False
    assert "earmark worker --queues train" in check.todo


def test_a_full_disk_is_told(settings, monkeypatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(100 << 30, 99 << 30, 1 << 30))
    check = health.disk(settings)
    assert check.ok is False
    assert "EARMARK_MEDIA_CACHE_BYTES" in check.todo


def test_cuda_libraries_beside_a_cpu_torch_are_told(monkeypatch, tmp_path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "__init__.py").touch()
    spec = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr(health.importlib.util, "find_spec", lambda _name: spec)
    monkeypatch.setattr(health, "_version", {"torch": "2.13.0+cpu", "torchaudio": "2.11.0"}.get)
    assert health.torchaudio().ok
    (tmp_path / "lib" / "libtorchaudio.so").touch()
    check = health.torchaudio()
    assert check.ok is False
    assert str(tmp_path / "lib") in check.todo


def test_the_gpu_is_told_and_a_torch_that_cannot_use_it(monkeypatch, tmp_path) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H100 80GB HBM3, 2048, 81559'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(health, "_version", {"torch": "2.13.0"}.get)
    assert health.gpu() == Check("GPU", True, "NVIDIA H100 80GB HBM3, 2.0 of 79.6 GiB in use.")
    monkeypatch.setattr(health, "_version", {"torch": "2.13.0+cpu"}.get)
    assert health.gpu().ok is False
    program.write_text("#!/bin/sh\nexit 9\n")
    assert "does not answer" in health.gpu().said


def test_a_password_in_redis_url_is_not_shown(settings) -> None:
    hidden = settings.model_copy(update={"redis_url": "redis://user:hunter2@127.0.0.1:1/0"})
    with Redis(port=1) as away:
        check = health.redis_answers(hidden, away)
    assert check.ok is False
    assert "127.0.0.1:1" in check.said
    assert "hunter2" not in str(check)


def test_a_check_that_breaks_or_hangs_takes_no_other_with_it(connected, redis, monkeypatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 2.0)
    monkeypatch.setattr(health, "gpu", lambda: time.sleep(60))
    monkeypatch.setattr(health, "disk", lambda _settings: 1 / 0)
    seen = found(connected, redis)
    assert seen["GPU"].said == "Takes too long to answer."
    assert "ZeroDivisionError" in seen["Disk"].said
    assert seen["Redis"].ok
