"""Sources: where media may come from."""

import pytest

from backend.settings import Settings
from backend.sources import FetchError, Source, resolve, shown


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        home=tmp_path,
        label_studio_url="http://label-studio:8080",
        label_studio_aliases=("http://localhost:8080", "https://ls.example.com/team"),
        allowed_hosts=("media.example.com", "store:9000"),
    )


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("/data/upload/1/a.mp4", "http://label-studio:8080/data/upload/1/a.mp4"),
        ("/data/local-files/?d=vids/a.mp4", "http://label-studio:8080/data/local-files/?d=vids/a.mp4"),
        ("http://LABEL-STUDIO:8080/data/upload/1/a.mp4", "http://label-studio:8080/data/upload/1/a.mp4"),
        ("http://localhost:8080/data/upload/1/a.mp4", "http://label-studio:8080/data/upload/1/a.mp4"),
        ("https://ls.example.com/team/data/upload/1/a.mp4", "http://label-studio:8080/data/upload/1/a.mp4"),
        ("/tasks/5/resolve/?fileuri=abc", "http://label-studio:8080/tasks/5/resolve/?fileuri=abc"),
    ],
)
def test_label_studios_own_media_come_with_the_token(settings, url, fetched):
    assert resolve(settings, url) == Source(fetched, with_token=True)


@pytest.mark.parametrize(
    "url", ["https://media.example.com/a.mp4?sig=x", "http://media.example.com/a.mp4", "http://store:9000/a.mp4"]
)
def test_allowed_hosts_come_without(settings, url):
    assert resolve(settings, url) == Source(url, with_token=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/a.mp4",
        "http://localhost:6379/",
        "http://label-studio/data/a.mp4",  # another port
        "https://label-studio:8080/data/a.mp4",  # another scheme
        "https://ls.example.com/data/a.mp4",  # outside the prefix
        "http://media.example.com:81/a.mp4",
        "http://sub.media.example.com/a.mp4",
        "http://media.example.com.evil/a.mp4",
        "//evil/a.mp4",
        "http://user:password@media.example.com/a.mp4",
        "http://media.example.com@evil/a.mp4",
        "http://evil\\@media.example.com/a.mp4",
        "file:///etc/passwd",
        "/etc/passwd",
        "s3://bucket/a.mp4",
        "ftp://media.example.com/a.mp4",
        "data/upload/1/a.mp4",
        "C:\\videos\\a.mp4",
        "http://",
        "http://media.example.com:x/a.mp4",
        "http://media.example.com/a\n.mp4",
        "http://media.example.com/" + "a" * 5000,
        "",
        "   ",
        "/api/users/",
        "/data/../api/users/",
        "/data/%2e%2e/api/users/",
        "http://localhost:8080/user/login/",
        "http://localhost:8080/admin/",
    ],
)
def test_everything_else_is_refused_in_one_sentence(settings, url):
    with pytest.raises(FetchError) as refused:
        resolve(settings, url)
    assert str(refused.value).endswith(".")
    assert "password" not in str(refused.value).replace("a password", "")


def test_media_on_label_studio_need_a_connection(tmp_path):
    with pytest.raises(FetchError, match="earmark connect"):
        resolve(Settings(home=tmp_path, label_studio_url=None), "/data/upload/1/a.mp4")


def test_shown_addresses_hold_no_signature():
    assert shown("https://key:secret@store/a.mp4?X-Amz-Signature=abc") == "store/a.mp4"
    assert shown("http://ls/data/local-files/?d=vids/a.mp4&token=x") == "ls/data/local-files/?d=vids/a.mp4"


@pytest.mark.parametrize(
    ("url", "suffix"),
    [
        ("http://h/a.MP4", ".mp4"),
        ("http://h/data/local-files/?d=v/b%20c.webm", ".webm"),
        ("http://h/a", ""),
        ("http://h/a.mp4;x=1/..;", ""),
        ("http://h/a.m/../../x y", ""),
    ],
)
def test_suffix_is_plain_or_none(url, suffix):
    assert Source(url, with_token=False).suffix == suffix
