"""The page: who sees it, what it shows of hostile data, and which forms it takes."""

import io
import json
import re
import time

import pytest

from backend import cancelling, history, jobs, lookups, summary, trainings
from backend.access import form_token
from backend.page import uploads
from backend.summary import Summary
from backend.tasks import TaskStates
from backend.versions import VersionStore
from tests.backend.calls import BASIC, KEY
from tests.backend.page.conftest import HTML, OWN, Visitor
from tests.backend.page.lived_in import FAILURES, put_samples

PAGES = ["/", "/projects/1/"]
BUTTONS = [f"/projects/1/{name}" for name in ("cancel", "train", "retry", "samples", "lookups")]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(300 << 10)


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_gets_the_page_and_label_studio_the_health(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert "Street sounds" in page.text
    for accept in (None, "*/*", "application/json", "application/json, text/plain, */*"):
        health = visitor.client.get(path, headers={} if accept is None else {"Accept": accept})
        assert health.json == {"status": "UP", "model_class": "Earmark"}


@pytest.mark.parametrize("path", [*PAGES, "/projects/1/samples/earmark-000000000000/1.jpg", "/projects/1/lookups/x"])
def test_without_the_password_nothing_is_shown(visitor: Visitor, path: str) -> None:
    for credentials in ({}, {"Authorization": "Basic ZWFybWFyazp3cm9uZw=="}):
        answer = visitor.client.get(path, headers={**HTML, **credentials})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert "Street sounds" not in answer.text
        assert "earmark page" in answer.text


def test_before_connecting_the_page_says_what_to_run(settings, version, redis, application) -> None:
    unconnected = settings.model_copy(update={"secret": None})
    answer = application(unconnected).test_client().get("/", headers={**HTML, **BASIC})
    assert answer.status_code == 503
    assert "earmark connect" in answer.text


def test_without_redis_the_page_says_so(furnished, version, application, settled) -> None:
    client = application(furnished.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"})).test_client()
    assert client.get("/", headers={**HTML, **BASIC}).status_code == 200
    answer = client.get("/projects/1/", headers={**HTML, **BASIC})
    assert answer.status_code == 503
    assert "Redis does not answer" in answer.text


def test_a_project_that_is_not_connected_is_not_there(visitor: Visitor) -> None:
    answer = visitor.get("/projects/2/")
    assert answer.status_code == 404
    assert "earmark connect --project 2" in answer.text


def test_everything_of_a_project_is_there(visitor: Visitor) -> None:
    text = visitor.get("/projects/1/").text
    for version in visitor.versions:
        assert version.removeprefix("earmark-") in text
    for task, reason in FAILURES.items():
        assert f'href="http://localhost:8080/projects/1/data?task={task}"' in text
        assert reason.replace("'", "&#39;") in text
    for said in ("42 new imports since the last training.", "about 2 min 22 s left", "step 830 of 2025", ".889"):
        assert said in text
    assert "Every Sunday at 3:00." in text
    assert "18 of the 20 new imports" in text
    assert 'aria-label="between 52 % and 87 %"' in text


def test_hostile_words_stay_words(visitor: Visitor, redis) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
    states = TaskStates(redis, KEY)
    states.refused(5000, evil)
    states.keep_notes([evil])
    history.note(redis, KEY, evil, evil)
    summary.keep(redis, KEY, Summary(evil, 1, 0, [], 0.0))
    redis.hset(f"earmark:{KEY}:training", "detail", json.dumps(evil))
    for path in PAGES:
        text = visitor.get(path).text
        assert evil not in text
        assert "<script>" not in text
        assert "onerror=alert(2)&gt;" in text
        assert "{{7*7}}" in text
    # No inline script, style or handler at all: the policy forbids what could be smuggled in.
    assert not re.search(
        r"\sstyle=|<style|\son[a-z]+=|<script(?! src=)|javascript:",
        visitor.get("/projects/1/").text.replace(" onerror=alert(2)", ""),
    )


@pytest.mark.parametrize("path", [*PAGES, "/page/static/page.css", "/nothing", "/health"])
def test_every_answer_forbids_what_the_page_does_not_do(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"] or path.startswith("/page/static")


def test_links_lead_to_the_connected_label_studio_alone(visitor: Visitor, redis) -> None:
    TaskStates(redis, KEY).refused(5000, "See https://evil.example/ or //evil.example")
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', visitor.get("/projects/1/").text)
    assert len(addresses) > 15
    outside = {address for address in addresses if "//" in address}
    assert outside
    assert all(address.startswith("http://localhost:8080/projects/1/data") for address in outside)


def test_links_name_label_studio_as_the_reader_knows_it(furnished, version, redis, application, settled) -> None:
    known = furnished.model_copy(
        update={"label_studio_url": "http://localhost:8080", "label_studio_aliases": ("http://studio.example:8000",)}
    )
    client = application(known).test_client()
    answer = client.get("/projects/1/", headers={**HTML, **BASIC}, base_url="http://studio.example:9090")
    assert 'href="http://studio.example:8000/projects/1/data"' in answer.text


@pytest.mark.parametrize("action", BUTTONS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Referer": "http://evil.example/localhost"},
        {},
    ],
)
def test_a_foreign_page_presses_nothing_even_with_a_token(visitor: Visitor, furnished, redis, action, headers) -> None:
    before = redis.keys("rq:*"), history.read(redis, KEY)
    answer = visitor.send(action, form_token(furnished, action), headers, file=(io.BytesIO(PNG), "a.png"))
    assert answer.status_code == 403
    assert (redis.keys("rq:*"), history.read(redis, KEY)) == before


@pytest.mark.parametrize("action", BUTTONS)
@pytest.mark.parametrize("token", ["", "x", "1.2", "é.é", "another form's", "an old one", "one of tomorrow"])
def test_a_form_without_its_fresh_token_presses_nothing(visitor: Visitor, furnished, redis, action, token) -> None:
    made = {
        "another form's": form_token(furnished, "/projects/1/other"),
        "an old one": form_token(furnished, action, time.time() - 13 * 3600),
        "one of tomorrow": form_token(furnished, action, time.time() + 24 * 3600),
    }
    before = redis.keys("rq:*")
    answer = visitor.send(action, made.get(token, token), file=(io.BytesIO(PNG[:100]), "a.png"))
    assert answer.status_code == 403
    assert "open the page anew" in answer.text
    assert redis.keys("rq:*") == before


def test_own_forms_are_taken_from_browsers_that_send_less(visitor: Visitor, redis) -> None:
    redis.delete(f"earmark:{KEY}:training")
    for headers in ({"Origin": "http://localhost"}, {"Referer": "http://localhost/projects/1/"}):
        assert visitor.press("/projects/1/samples", headers=headers).status_code == 303


def test_cancel_cancels(visitor: Visitor, redis, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(cancelling, "cancel", lambda _redis, project, by: asked.append((project, by)) or "It stops.")
    answer = visitor.press("/projects/1/cancel")
    assert (answer.status_code, answer.location) == (303, "/projects/1/#training")
    assert asked == [(KEY, "the page")]


def test_start_queues_one_training_and_says_why(visitor: Visitor, redis) -> None:
    redis.delete(f"earmark:{KEY}:training")
    assert visitor.press("/projects/1/train").status_code == 303
    assert jobs.waiting(redis, jobs.TRAIN) == 1
    assert "waits for a worker" in visitor.get("/projects/1/").text
    assert history.read(redis, KEY, 1)[0].event == "the page"


def test_failed_tasks_are_tried_again(visitor: Visitor, redis) -> None:
    assert "Try all of these again" in visitor.get("/projects/1/").text
    answer = visitor.press("/projects/1/retry")
    assert (answer.status_code, answer.location) == (303, "/projects/1/#tasks")
    assert TaskStates(redis, KEY).failures() == {}
    assert jobs.exists(redis, f"reconcile-{KEY}")
    page = visitor.get("/projects/1/").text
    assert f"{len(FAILURES)} failed tasks will be tried again." in page
    assert "Try all of these again" not in page


def test_after_a_rollback_the_panel_says_which_version_serves(visitor: Visitor, furnished, redis) -> None:
    before, made = visitor.versions[-2:]
    trainings.begin(redis, KEY, trainings.Status("job", "Somebody asked.", 1.0))
    trainings.write(redis, KEY, {"promoted": made})
    trainings.end(redis, KEY, f"{made} was promoted.", succeeded=True)
    said = f"{before} serves since."
    assert said not in visitor.get("/projects/1/").text
    VersionStore(furnished).rollback(KEY)
    assert said in visitor.get("/projects/1/").text


def test_samples_are_shown_and_drawn_anew(visitor: Visitor, furnished, redis) -> None:
    version = visitor.versions[-1]
    put_samples(furnished, KEY, version)
    text = visitor.get("/projects/1/").text
    [first, *others] = re.findall(rf'src="(/projects/1/samples/{version}/\d+\.jpg)"', text)
    assert len(others) == 2
    picture = visitor.get(first)
    assert picture.mimetype == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8")
    assert visitor.get(f"/projects/1/samples/{version}/999.jpg").status_code == 404
    assert visitor.get("/projects/1/samples/..%2f..%2fsettings/1.jpg").status_code == 404
    visitor.press("/projects/1/samples")
    assert jobs.exists(redis, f"samples-{KEY}")


def test_a_dropped_file_becomes_a_search(visitor: Visitor, furnished, redis) -> None:
    name = "<b>\x00../../horn.png"
    answer = visitor.press("/projects/1/lookups", file=(io.BytesIO(PNG), name))
    assert answer.status_code == 303
    [lookup] = re.findall(r"^/projects/1/lookups/([0-9a-f-]+)$", answer.location)
    assert jobs.waiting(redis, jobs.INTERACTIVE) == 1
    assert furnished.open_storage().read(lookups.file_of(KEY, lookup)) == PNG
    page = visitor.get(answer.location).text
    assert "Searching" in page
    assert "No worker takes searches" in page
    assert "<b>.." not in page
    asked = lookups.read(redis, KEY, lookup)
    assert asked is not None
    hits = [lookups.Group("Looks like the picture", [lookups.Hit(12, 63.2, 0.914, True)])]
    done = lookups.Lookup(
        **{**vars(asked), "state": lookups.DONE, "groups": hits, "version": visitor.versions[-1]}
        | {"compared": 4, "known": 34}
    )
    lookups.end(redis, furnished.open_storage(), KEY, done)
    page = visitor.get(answer.location).text
    assert 'href="http://localhost:8080/projects/1/data?task=12"' in page
    assert "1:03.2" in page
    assert "nearly the same" in page
    assert "Compared with 4 of 34 clips so far" in page
    with pytest.raises(FileNotFoundError):
        furnished.open_storage().read(lookups.file_of(KEY, lookup))


def test_a_search_that_is_forgotten_or_never_was(visitor: Visitor) -> None:
    for name in ("1795341210-0123456789abcdef", "x", "..%2f..", "1795341210-0123456789abcdef%0a"):
        assert visitor.get(f"/projects/1/lookups/{name}").status_code == 404


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"#EXTM3U\nhttp://evil.example/", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"%!PS-Adobe-3.0 EPSF-3.0", 415),
        (b"ffconcat version 1.0\nfile /etc/passwd", 415),
        (b"MZ" + bytes(100), 415),
    ],
)
def test_what_is_no_media_is_refused_whatever_it_is_called(visitor: Visitor, redis, data, status) -> None:
    answer = visitor.press("/projects/1/lookups", file=(io.BytesIO(data), "clip.mp4"))
    assert answer.status_code == status
    assert jobs.waiting(redis, jobs.INTERACTIVE) == 0


def test_too_large_a_file_is_refused(visitor: Visitor, redis, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 100 << 10)  # the test client keeps larger bodies in temporary files
    answer = visitor.press("/projects/1/lookups", file=(io.BytesIO(PNG + bytes(100 << 10)), "a.png"))
    assert answer.status_code == 413
    assert "larger than" in answer.text
    # One that says so is not even read.
    huge = visitor.client.post(
        "/projects/1/lookups", headers={**HTML, **BASIC, **OWN}, content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(1 << 33)},
    )  # fmt: skip
    assert huge.status_code == 413


def test_a_slow_upload_is_given_up(visitor: Visitor, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "SECONDS", 0.0)
    answer = visitor.press("/projects/1/lookups", file=(io.BytesIO(PNG), "a.png"))
    assert answer.status_code == 408


def test_searches_do_not_pile_up(visitor: Visitor, furnished, redis) -> None:
    for _ in range(lookups.MOST_WAITING):
        lookups.begin(redis, furnished.open_storage(), KEY, kind="image", file="a.png", data=PNG)
    answer = visitor.press("/projects/1/lookups", file=(io.BytesIO(PNG), "a.png"))
    assert answer.status_code == 429
    assert "waiting already" in answer.text


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio"),
        (b"ID3\x04", "audio"),
        (b"\xff\xfb\x90", "audio"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "audio"),
        (b"OggS" + bytes(24) + b"\x80theora", "video"),
        (b"\x00\x00\x00\x20ftypisom", "video"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio"),
        (b"\x00\x00\x00\x20ftypavif", None),
        (b"\x1aE\xdf\xa3", "video"),
        (b"RIFF\x00\x00\x00\x00XXXX", None),
        (b"", None),
    ],
)
def test_files_are_told_by_their_first_bytes(beginning: bytes, kind: str | None) -> None:
    assert uploads.kind_of(beginning) == kind
