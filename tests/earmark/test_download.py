"""Downloads: what is fetched, and every way in which a URL gives no file."""

from pathlib import Path

import pytest

from earmark.download import DownloadError, download, is_url, shown
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


def test_secrets_of_a_url_are_not_shown() -> None:
    assert shown("https://me:secret@host.example/f.pt?token=secret#x") == "https://host.example/f.pt"
    assert is_url("https://host/f") and not is_url("a folder/f.pt")
