"""The API client: both kinds of token, plain rows, and one sentence for whatever goes wrong.

A server with the shapes of the real one's answers stands in for it, since it must expire tokens and fail on demand; the
end-to-end tests use the real one.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from backend.label_studio import PAGE, LabelStudio, LabelStudioError
from tests.backend.media_host import MediaHost, body, status

LEGACY = "0123456789abcdef0123456789abcdef01234567"


def jwt(kind: str, seconds: float, number: int = 0) -> str:
    """A token of the shape Label Studio issues, good for `seconds`; `number` tells tokens apart."""
    claims = {"token_type": kind, "exp": int(time.time() + seconds), "jti": str(number)}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def answer_json(value: object, code: int = 200):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content = json.dumps(value).encode()
        handler.send_response(code)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def host() -> Iterator[MediaHost]:
    with MediaHost() as host:
        yield host


@pytest.fixture
def personal(host: MediaHost) -> str:
    """A personal access token; the server renews it with accesses that can be told apart."""
    issued = iter(range(1, 100))

    def renew(handler: BaseHTTPRequestHandler) -> None:
        answer_json({"access": jwt("access", 300, next(issued))})(handler)

    host.answers["/api/token/refresh/"] = renew
    return jwt("refresh", 10**9)


def test_legacy_token_is_sent_as_it_is(host):
    host.answers["/api/current-user/whoami"] = answer_json({"id": 1, "email": "a@b.co"})
    assert LabelStudio(host.url, LEGACY).whoami()["email"] == "a@b.co"
    assert host.requests[0][2]["Authorization"] == f"Token {LEGACY}"


def test_personal_token_is_exchanged_and_never_sent_itself(host, personal):
    host.answers["/api/current-user/whoami"] = answer_json({"id": 1, "email": "a@b.co"})
    client = LabelStudio(host.url, personal)
    client.whoami()
    client.whoami()
    assert host.paths().count("/api/token/refresh/") == 1
    sent = [headers["Authorization"] for _, path, headers in host.requests if "whoami" in path]
    assert len(set(sent)) == 1 and sent[0].startswith("Bearer ") and personal not in sent[0]
    assert client.authorization() == sent[0]
    assert client.authorization(fresh=True) != sent[0]


def test_access_that_ran_out_on_the_way_is_renewed_once(host, personal):
    refused = iter([True, False])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (status(401) if next(refused) else answer_json({"id": 1, "email": "a@b.co"}))(handler)

    host.answers["/api/current-user/whoami"] = answer
    assert LabelStudio(host.url, personal).whoami()["email"] == "a@b.co"
    assert host.paths().count("/api/token/refresh/") == 2


def test_path_prefix_is_kept(host):
    host.answers["/team/label/api/token/refresh/"] = answer_json({"access": jwt("access", 300)})
    host.answers["/team/label/api/current-user/whoami"] = answer_json({"id": 1, "email": "a@b.co"})
    client = LabelStudio(f"{host.url}/team/label/", jwt("refresh", 10**9))
    assert client.whoami()["id"] == 1


def test_tasks_are_listed_over_all_pages_as_plain_rows(host):
    rows = [
        {
            "id": number,
            "data": {"video": f"/{number}.mp4", "nested": {"null": None}},
            "created_at": "2026-11-22T09:54:27.236284Z",
        }
        for number in range(1, 2 * PAGE + 6)
    ]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        query = dict(part.split("=") for part in handler.path.partition("?")[2].split("&"))
        start = (int(query["page"]) - 1) * PAGE
        answer_json({"tasks": rows[start : start + PAGE], "total": len(rows)})(handler)

    host.answers["/api/projects/1"] = answer_json({"id": 1})
    host.answers["/api/projects/1/"] = answer_json({"id": 1})
    host.answers["/api/tasks/"] = answer
    listed = list(LabelStudio(host.url, LEGACY).tasks(1))
    assert [row["id"] for row in listed] == [row["id"] for row in rows]
    assert listed[0]["data"] == rows[0]["data"]
    assert listed[0]["created_at"] == rows[0]["created_at"]


def test_missing_project_is_an_error_not_an_empty_list(host):
    with pytest.raises(LabelStudioError) as missing:
        list(LabelStudio(host.url, LEGACY).tasks(9))
    assert missing.value.status == 404


def test_task_data_and_likes_are_sent_as_they_are(host):
    sent = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sent.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
        answer_json({"id": 5})(handler)

    host.answers["/api/tasks/5/"] = host.answers["/api/predictions/5/"] = host.answers["/api/predictions/"] = answer
    client = LabelStudio(host.url, LEGACY)
    client.update_task(5, data={"video": "/a.mp4", "alike": [{"id": "3"}]})
    client.update_prediction(5, result=[], score=0.5, neighbors=[3], cluster=None)
    client.create_prediction(7, [], model_version="v", neighbors=[3], cluster=None)
    assert sent == [
        {"data": {"video": "/a.mp4", "alike": [{"id": "3"}]}},
        {"result": [], "score": 0.5, "neighbors": [3], "cluster": None},
        {"task": 7, "result": [], "model_version": "v", "neighbors": [3]},
    ]


def test_deleting_what_is_gone_is_no_error(host):
    LabelStudio(host.url, LEGACY).delete_prediction(5)
    host.answers["/api/predictions/5/"] = status(403)
    with pytest.raises(LabelStudioError):
        LabelStudio(host.url, LEGACY).delete_prediction(5)


def test_write_is_never_repeated(host):
    host.answers["/api/predictions/"] = answer_json({"detail": "try later"}, 503)
    with pytest.raises(LabelStudioError, match="try later"):
        LabelStudio(host.url, LEGACY).create_prediction(1, [], model_version="earmark-0123456789ab")
    assert host.paths() == ["/api/predictions/"]


def test_upload_sends_the_file(host, tmp_path):
    (tmp_path / "a clip.mp4").write_bytes(b"film")
    seen = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        answer_json({"task_count": 1, "file_upload_ids": [1]}, 201)(handler)

    host.answers["/api/projects/1/import"] = answer
    assert LabelStudio(host.url, LEGACY).import_file(1, tmp_path / "a clip.mp4")["task_count"] == 1
    assert b"film" in seen[0] and b"a clip.mp4" in seen[0]
    host.answers["/api/projects/1/import"] = answer_json({"validation_errors": ["extension is not supported"]}, 400)
    with pytest.raises(LabelStudioError, match=r"a clip\.mp4 .*extension is not supported"):
        LabelStudio(host.url, LEGACY).import_file(1, tmp_path / "a clip.mp4")


@pytest.mark.parametrize("token", [LEGACY, "personal"])
def test_refused_token_says_what_to_do_and_is_not_shown(host, personal, token):
    host.answers["/api/current-user/whoami"] = answer_json({"detail": f"Invalid token {LEGACY}."}, 401)
    with pytest.raises(LabelStudioError, match="earmark connect") as refused:
        LabelStudio(host.url, personal if token == "personal" else token).whoami()
    assert refused.value.status == 401
    assert LEGACY not in str(refused.value)


def test_expired_personal_token_is_refused_before_it_is_sent(host):
    with pytest.raises(LabelStudioError, match="does not accept the token"):
        LabelStudio(host.url, jwt("refresh", -10)).whoami()
    assert host.requests == []


@pytest.mark.parametrize("answer", [body(b"<html>", "text/html"), body(b"{", "application/json"), status(502)])
def test_whatever_else_answers_is_one_sentence(host, personal, answer):
    host.answers["/api/projects/1/"] = host.answers["/api/projects/1"] = answer
    for token in (LEGACY, personal):
        with pytest.raises(LabelStudioError, match=host.url):
            LabelStudio(host.url, token).project(1)
    host.answers["/api/token/refresh/"] = answer
    with pytest.raises(LabelStudioError, match=host.url):
        LabelStudio(host.url, personal).project(1)


def test_server_that_hangs_or_is_gone_is_one_sentence(host):
    over = threading.Event()
    host.answers["/api/current-user/whoami"] = lambda _handler: over.wait(30)
    try:
        with pytest.raises(LabelStudioError, match="does not answer"):
            LabelStudio(host.url, LEGACY, timeout=0.2).whoami()
    finally:
        over.set()
    with pytest.raises(LabelStudioError, match="is it running there"):
        LabelStudio("http://127.0.0.1:1", LEGACY).whoami()


def test_address_must_be_one():
    with pytest.raises(ValueError, match="not a Label Studio address"):
        LabelStudio("localhost:8080", LEGACY)
