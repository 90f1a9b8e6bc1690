"""Downloads: what is fetched, and every way in which a URL gives no file."""

import socket
from pathlib import Path

import pytest

from earmark.download import DownloadError, download, guarded, is_url, shown
from tests.earmark.fake_host import Answer, FakeHost

HERE = "https://weights.example/a%20file.pt"


def fetch(folder: Path, answers: dict[str, Answer], url: str = HERE) -> Path:
    return download(url, folder, most_bytes=1000, session=FakeHost(answers).session())


def test_the_file_arrives_whole_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    host = FakeHost({HERE: (200, {"Content-Length": "900"}, b"x" * 900)})
    path = download(HERE, tmp_path, most_bytes=1000, session=host.session(), on_progress=lambda *now: told.append(now))
    assert path == tmp_path / "a file.pt" and path.read_bytes() == b"x" * 900
    assert told[-1] == (900, 900)


def test_packed_files_stay_packed(tmp_path: Path) -> None:
    packed = b"\x1f\x8b some bytes"
    answer = (200, {"Content-Encoding": "gzip"}, packed)
    assert fetch(tmp_path, {HERE: answer}).read_bytes() == packed


def test_a_redirect_is_followed_and_keeps_the_name(tmp_path: Path) -> None:
    there = "https://elsewhere.example/1234"
    path = fetch(tmp_path, {HERE: (302, {"Location": there}, b""), there: (200, {}, b"weights")})
    assert path.name == "a file.pt" and path.read_bytes() == b"weights"


def test_no_credentials_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine weights.example login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    host = FakeHost({HERE: (200, {}, b"weights")})
    download(HERE, tmp_path, most_bytes=1000, session=host.session())
    assert "Authorization" not in host.asked[0].headers


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({HERE: (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>")}, "no file of weights: .* text/html"),
        ({HERE: (404, {}, b"")}, "answers 404"),
        ({HERE: (200, {"Content-Length": "1001"}, b"")}, "larger than"),
        ({HERE: (200, {}, b"x" * 1001)}, "larger than"),
        ({HERE: (200, {}, b"")}, "broke off after 0"),
        ({HERE: (200, {"Content-Length": "9"}, b"abc")}, "cannot be fetched|broke off"),
        ({HERE: (302, {"Location": "http://weights.example/file"}, b"")}, "not https"),
        ({HERE: (302, {"Location": HERE}, b"")}, "more than 5 times"),
    ],
)
def test_what_gives_no_file_is_refused(tmp_path: Path, answers: dict[str, Answer], message: str) -> None:
    with pytest.raises(DownloadError, match=message):
        fetch(tmp_path, answers)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://weights.example/file.pt", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://weights.example/", "names no file"),
        ("https://[::1/file", "no URL"),
    ],
)
def test_what_is_no_https_url_of_a_file_is_refused(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(DownloadError, match=message):
        fetch(tmp_path, {}, url)


@pytest.mark.parametrize(
    "there", ["127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:192.168.0.1]", "inside"]
)
def test_a_redirect_into_the_network_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names({"inside": ["93.184.216.34", "192.168.0.7"]}))
    monkeypatch.setattr("earmark.download.create_connection", lambda *_: pytest.fail("it was connected to"))
    session = guarded(HERE)
    session.mount("https://weights.example/", FakeHost({HERE: (302, {"Location": f"https://{there}/f.pt"}, b"")}))
    with pytest.raises(DownloadError, match=r"redirects to .*, which is no public address"):
        download(HERE, tmp_path, most_bytes=1000, session=session)


def test_the_address_that_was_looked_at_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_more: object, **_options: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", names({"elsewhere.example": ["93.184.216.34", "1.1.1.1"]}, asked))
    monkeypatch.setattr("earmark.download.create_connection", connect)
    session = guarded(HERE)
    there = "https://elsewhere.example/f.pt"
    session.mount("https://weights.example/", FakeHost({HERE: (302, {"Location": there}, b"")}))
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download(HERE, tmp_path, most_bytes=1000, session=session)
    assert asked == ["elsewhere.example"]
    assert connected == [("93.184.216.34", 443), ("1.1.1.1", 443)]


def test_the_host_a_person_named_may_be_inside(tmp_path: Path) -> None:
    """Nothing listens at port 9: it is tried, and not refused."""
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9/f\.pt cannot be fetched \(ConnectionError\)"):
        download("https://127.0.0.1:9/f.pt", tmp_path, most_bytes=1000)


def names(known: dict[str, list[str]], asked: list[str] | None = None, look_up=socket.getaddrinfo):
    """What looks up these names; numbers are their own addresses."""

    def getaddrinfo(host: str, port: int, *_more: object, **_options: object):
        if asked is not None:
            asked.append(host)
        found = [look_up(address, port, type=socket.SOCK_STREAM) for address in known.get(host, [host])]
        return [entry for entries in found for entry in entries]

    return getaddrinfo


def test_secrets_of_a_url_are_not_shown() -> None:
    assert shown("https://me:secret@host.example/f.pt?token=secret#x") == "https://host.example/f.pt"
    assert is_url("https://host/f") and not is_url("a folder/f.pt")
