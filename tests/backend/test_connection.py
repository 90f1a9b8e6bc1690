"""The connection a running backend sees: `earmark connect` needs no restart."""

import pytest

from backend import connection as module
from backend.connection import Connection
from backend.settings import SettingsError, load, save_connection
from tests.backend.object_store import s3_server


def test_connecting_is_seen_without_a_restart(tmp_path):
    connection = Connection(load(tmp_path))
    assert connection.current().secret is None
    saved = save_connection(load(tmp_path), url="http://localhost:8080", token="t", project="p")
    assert connection.current().secret == saved.secret
    assert connection.current().projects == ("p",)


def test_what_was_given_stays_while_nothing_is_saved(settings):
    assert Connection(settings).current() is settings


@pytest.fixture(params=["a folder", "an object store"])
def shared(request, tmp_path, monkeypatch):
    """EARMARK_STORAGE names a place that several machines reach."""
    if request.param == "a folder":
        monkeypatch.setenv("EARMARK_STORAGE", str(tmp_path / "shared"))
        yield tmp_path / "shared"
    else:
        with s3_server(monkeypatch) as address:
            monkeypatch.setenv("EARMARK_STORAGE", address)
            yield address


def test_another_machine_needs_the_storage_alone(shared, tmp_path):
    save_connection(load(tmp_path / "one"), url="http://localhost:8080", token="t", project="p")
    there = load(tmp_path / "two")
    assert there.label_studio_token.get_secret_value() == "t"
    assert there.projects == ("p",)
    save_connection(there, url="http://localhost:8080", token="t", project="q")  # connected from the other machine
    assert load(tmp_path / "one").projects == ("p", "q")


def test_what_another_machine_connects_is_seen_without_a_restart(shared, tmp_path, monkeypatch):
    connection = Connection(load(tmp_path / "one"))
    assert connection.current().projects == ()
    monkeypatch.setattr(module, "SHARED_SECONDS", 0.0)
    save_connection(load(tmp_path / "two"), url="http://localhost:8080", token="t", project="p")
    assert connection.current().projects == ("p",)


def test_a_shared_folder_keeps_the_token_from_other_users(tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_STORAGE", str(tmp_path / "shared"))
    save_connection(load(tmp_path / "one"), url="http://localhost:8080", token="t", project="p")
    assert (tmp_path / "shared" / "settings.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_shared_connection_is_named_and_what_was_known_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_STORAGE", str(tmp_path / "shared"))
    saved = save_connection(load(tmp_path / "one"), url="http://localhost:8080", token="t", project="p")
    connection = Connection(saved)
    monkeypatch.setattr(module, "SHARED_SECONDS", 0.0)
    (tmp_path / "shared" / "settings.json").write_text("{")
    assert connection.current().projects == ("p",)
    with pytest.raises(SettingsError, match="shared"):
        load(tmp_path / "two")
