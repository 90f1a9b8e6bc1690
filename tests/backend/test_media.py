"""The fetcher, against servers with every fault that real ones have."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import media
from backend.media import Fetcher, FetchError
from backend.settings import Settings
from tests.backend.media_host import MediaHost, body, redirect, status

TOKEN = "0123456789abcdef0123456789abcdef01234567"
CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40


@pytest.fixture
def label_studio() -> Iterator[MediaHost]:
    with MediaHost() as host:
        yield host


@pytest.fixture
def store() -> Iterator[MediaHost]:
    with MediaHost() as host:
        yield host


@pytest.fixture
def settings(tmp_path: Path, label_studio: MediaHost, store: MediaHost) -> Settings:
    return Settings(
        home=tmp_path / "a home",
        label_studio_url=label_studio.url,
        label_studio_token=TOKEN,
        allowed_hosts=(store.netloc,),
        max_media_bytes=100_000,
        media_timeout=20,
    )


@pytest.fixture
def fetcher(settings: Settings) -> Fetcher:
    return Fetcher(settings)


def kept(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "media").iterdir() if path.suffix not in (".json", ".lock")]


def test_upload_is_fetched_with_the_token(fetcher, label_studio):
    label_studio.answers["/data/upload/1/a.mp4"] = body(CLIP)
    path = fetcher.fetch("/data/upload/1/a.mp4")
    assert path.read_bytes() == CLIP
    assert path.suffix == ".mp4"
    assert label_studio.requests[0][2]["Authorization"] == f"Token {TOKEN}"


def test_token_and_netrc_go_to_no_other_host(fetcher, store, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    store.answers["/a.mp4"] = body(CLIP)
    assert fetcher.fetch(f"{store.url}/a.mp4").read_bytes() == CLIP
    assert "Authorization" not in store.requests[0][2]


def test_redirect_to_storage_leaves_the_token_behind(fetcher, label_studio, store):
    label_studio.answers["/tasks/1/resolve/"] = redirect(f"{store.url}/signed.mp4?sig=x", 303)
    store.answers["/signed.mp4"] = body(CLIP)
    assert fetcher.fetch("/tasks/1/resolve/?fileuri=x").read_bytes() == CLIP
    assert "Authorization" in label_studio.requests[0][2]
    assert "Authorization" not in store.requests[0][2]


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "file:///etc/passwd", "http://127.0.0.1:1/"])
def test_redirect_to_anywhere_else_is_refused(fetcher, store, location):
    store.answers["/a.mp4"] = redirect(location)
    with pytest.raises(FetchError, match=r"\.$"):
        fetcher.fetch(f"{store.url}/a.mp4")


def test_redirect_to_the_login_page_says_so(fetcher, label_studio):
    label_studio.answers["/data/upload/1/a.mp4"] = redirect("/user/login/?next=/data")
    with pytest.raises(FetchError, match="login"):
        fetcher.fetch("/data/upload/1/a.mp4")
    assert label_studio.paths() == ["/data/upload/1/a.mp4"]


def test_endless_redirects_end(fetcher, store):
    store.answers["/a.mp4"] = redirect("/a.mp4")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetcher.fetch(f"{store.url}/a.mp4")


def test_unchanged_file_is_not_fetched_again(fetcher, store, settings):
    store.answers["/a.mp4"] = body(CLIP, ETag='"one"')
    first = fetcher.fetch(f"{store.url}/a.mp4")
    os.utime(first, (1, 1))
    assert fetcher.fetch(f"{store.url}/a.mp4") == first
    assert store.requests[1][2]["If-None-Match"] == '"one"'
    assert first.stat().st_mtime > 1  # used: it goes to the end of the line

    store.answers["/a.mp4"] = status(304)
    assert fetcher.fetch(f"{store.url}/a.mp4") == first


def test_upload_is_fetched_once(fetcher, label_studio):
    label_studio.answers["/data/upload/1/0a1b2c3d-a.mp4"] = body(CLIP)
    assert fetcher.fetch("/data/upload/1/0a1b2c3d-a.mp4") == fetcher.fetch("/data/upload/1/0a1b2c3d-a.mp4")
    assert len(label_studio.requests) == 1


def test_local_storage_that_is_off_is_named(fetcher, label_studio):
    label_studio.answers["/data/local-files/"] = status(403)
    with pytest.raises(FetchError, match="LOCAL_FILES_SERVING_ENABLED"):
        fetcher.fetch("/data/local-files/?d=vids/a.mp4")


def test_replaced_file_is_fetched_anew_under_another_name(fetcher, store):
    store.answers["/a.mp4"] = body(CLIP, ETag='"one"')
    first = fetcher.fetch(f"{store.url}/a.mp4")
    store.answers["/a.mp4"] = body(CLIP[::-1], ETag='"two"')
    second = fetcher.fetch(f"{store.url}/a.mp4")
    assert (first.read_bytes(), second.read_bytes()) == (CLIP, CLIP[::-1])


def test_host_that_went_away_leaves_what_was_fetched(settings, tmp_path):
    with MediaHost() as store:
        fetcher = Fetcher(settings.model_copy(update={"allowed_hosts": (store.netloc,)}))
        store.answers["/a.mp4"] = body(CLIP)
        first = fetcher.fetch(f"{store.url}/a.mp4")
        other = f"{store.url}/b.mp4"
    assert fetcher.fetch(other.replace("b.mp4", "a.mp4")) == first
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher.fetch(other)


def announced(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "video/mp4")
    handler.send_header("Content-Length", str(10**9))
    handler.end_headers()


def unannounced(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "video/mp4")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"\x00" * 10_000)


def compressed(handler) -> None:
    import gzip

    handler.send_response(200)
    handler.send_header("Content-Type", "video/mp4")
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress(b"\x00" * 10_000_000))


@pytest.mark.parametrize("answer", [announced, unannounced, compressed])
def test_too_large_a_file_is_refused_and_leaves_nothing(fetcher, store, settings, answer):
    store.answers["/a.mp4"] = answer
    with pytest.raises(FetchError, match="EARMARK_MAX_MEDIA_BYTES"):
        fetcher.fetch(f"{store.url}/a.mp4")
    assert kept(settings) == []


def test_file_that_breaks_off_is_not_kept(fetcher, store, settings):
    def answer(handler) -> None:
        announced_length = len(CLIP) + 1
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.send_header("Content-Length", str(announced_length))
        handler.end_headers()
        handler.wfile.write(CLIP)

    store.answers["/a.mp4"] = answer
    with pytest.raises(FetchError, match="broke off"):
        fetcher.fetch(f"{store.url}/a.mp4")
    assert kept(settings) == []


@pytest.mark.parametrize("part", ["headers", "body"])
def test_trickle_ends_at_the_time_cap(settings, store, part):
    stop = threading.Event()

    def trickle(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n")
        handler.wfile.write(b"\r\n" if part == "body" else b"")
        while not stop.wait(0.05):
            handler.wfile.write(b"X-A: b\r\n")
            handler.wfile.flush()

    store.answers["/a.mp4"] = trickle
    fetcher = Fetcher(settings.model_copy(update={"media_timeout": 0.5}))
    try:
        with pytest.raises(FetchError, match="in time" if part == "headers" else "too long"):
            fetcher.fetch(f"{store.url}/a.mp4")
    finally:
        stop.set()
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!doctype html><title>Log in</title>", "text/html; charset=utf-8"),
        (b"<!DOCTYPE html>", "video/mp4"),
        (b'{"detail": "no"}', "application/json"),
        (b'{"detail": "no"}', "application/octet-stream"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "video/mp4"),
        (b"\xef\xbb\xbf\n#EXTM3U\n", "application/octet-stream"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4"),
        (b'<?xml version="1.0"?><MPD/>', "application/dash+xml"),
        (b"", "video/mp4"),
    ],
)
def test_pages_playlists_and_nothing_are_no_media(fetcher, store, settings, content, kind):
    store.answers["/a.mp4"] = body(content, kind)
    with pytest.raises(FetchError, match=r"no media file|playlist|is empty"):
        fetcher.fetch(f"{store.url}/a.mp4")
    assert kept(settings) == []


@pytest.mark.parametrize(
    ("code", "says"), [(401, "check the token"), (403, "check the token"), (404, "answered 404"), (500, "answered 500")]
)
def test_refusals_say_what_to_do_and_hold_no_token(fetcher, label_studio, code, says):
    label_studio.answers["/data/a.mp4"] = status(code)
    with pytest.raises(FetchError, match=says) as refused:
        fetcher.fetch("/data/a.mp4")
    assert TOKEN not in str(refused.value)


def test_token_is_never_logged(fetcher, label_studio, caplog):
    caplog.set_level("DEBUG")
    label_studio.answers["/data/a.mp4"] = body(CLIP)
    fetcher.fetch("/data/a.mp4")
    assert caplog.records
    assert TOKEN not in caplog.text


def test_least_recently_used_files_go_first(settings, store):
    room = 3 * len(CLIP) + 2000  # three clips and their notes
    fetcher = Fetcher(settings.model_copy(update={"media_cache_bytes": room}))
    paths = []
    for number in range(3):
        store.answers[f"/{number}.mp4"] = body(CLIP + bytes([number]), ETag=f'"{number}"')
        paths.append(fetcher.fetch(f"{store.url}/{number}.mp4"))
        os.utime(paths[-1], (1000 + number, 1000 + number))
    fetcher.fetch(f"{store.url}/0.mp4")  # used again
    store.answers["/3.mp4"] = body(CLIP + b"3")
    paths.append(fetcher.fetch(f"{store.url}/3.mp4"))
    assert [path.exists() for path in paths] == [True, False, True, True]
    assert fetcher.fetch(f"{store.url}/1.mp4").exists()


def test_what_a_killed_fetch_left_is_removed(fetcher, store, settings):
    folder = settings.home / "media"
    folder.mkdir(parents=True)
    old, young = folder / "old.partial", folder / "young.partial"
    for path, age in ((old, 2 * media.PARTIAL_KEPT), (young, 0)):
        path.write_bytes(b"x")
        os.utime(path, (time.time() - age,) * 2)
    store.answers["/a.mp4"] = body(CLIP)
    fetcher.fetch(f"{store.url}/a.mp4")
    assert not old.exists() and young.exists()


def test_many_fetch_the_same_at_once(fetcher, store):
    store.answers["/a.mp4"] = body(CLIP)
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(fetcher.fetch(f"{store.url}/a.mp4"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert found[0].read_bytes() == CLIP


def test_unconnected_backend_says_what_to_run(tmp_path, label_studio):
    fetcher = Fetcher(Settings(home=tmp_path, label_studio_url=label_studio.url, label_studio_token=None))
    with pytest.raises(FetchError, match="earmark connect"):
        fetcher.fetch("/data/a.mp4")
