"""Project keys: one project, one key, however it is named."""

import pytest

from backend.projects import ProjectKey, normalise_address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("http://LocalHost:8080/", "http://localhost:8080"),
        ("https://ls.example.com:443/label", "https://ls.example.com/label"),
        ("http://user:secret@host:80/", "http://host"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_are_normalised(written, address):
    assert normalise_address(written) == address


@pytest.mark.parametrize(
    "written", ["localhost:8080", "ftp://host", "http://", "http://host:port", "", "http://h:99999"]
)
def test_what_is_no_address_is_refused_in_one_sentence(written):
    with pytest.raises(ValueError, match=r"\.$"):
        normalise_address(written)


def test_api_rows_and_calls_name_the_same_project():
    row = {"id": 7, "created_at": "2026-11-22T09:53:30.651261Z"}
    key = ProjectKey.of_row("http://localhost:8080/", row)
    assert key == ProjectKey.of_call("http://LOCALHOST:8080", "7.1795341210")
    assert str(key).endswith("-7-1795341210")
    assert ProjectKey.parse(str(key), "http://localhost:8080") == key


def test_keys_differ_by_server_id_and_creation():
    keys = {
        str(ProjectKey.of_call(address, call)) for address in ("http://a", "http://b") for call in ("1.5", "1.6", "2.5")
    }
    assert len(keys) == 6


@pytest.mark.parametrize(
    "call", [None, "", "7", "7.", ".5", "7.5.1", "../x.1", "٧.5", "-7.5", {"id": 7}, "9" * 30 + ".1"]
)
def test_what_names_no_project_is_refused(call):
    with pytest.raises(ValueError, match=r"\.$"):
        ProjectKey.of_call("http://a", call)


@pytest.mark.parametrize(
    "row", [{}, {"id": 7}, {"id": "x", "created_at": "2026-11-22T09:53:30Z"}, {"id": 1, "created_at": "soon"}]
)
def test_rows_without_id_or_time_are_refused(row):
    with pytest.raises(ValueError, match="id and created_at"):
        ProjectKey.of_row("http://a", row)


def test_key_of_another_server_is_refused():
    key = str(ProjectKey.of_call("http://a", "7.5"))
    with pytest.raises(ValueError, match="does not belong to http://b"):
        ProjectKey.parse(key, "http://b")
