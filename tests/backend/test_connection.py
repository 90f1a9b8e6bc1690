"""The connection a running backend sees: `earmark connect` needs no restart."""

from backend.connection import Connection
from backend.settings import load, save_connection


def test_connecting_is_seen_without_a_restart(tmp_path):
    connection = Connection(load(tmp_path))
    assert connection.current().secret is None
    saved = save_connection(load(tmp_path), url="http://localhost:8080", token="t", project="p")
    assert connection.current().secret == saved.secret
    assert connection.current().projects == ("p",)


def test_what_was_given_stays_while_nothing_is_saved(settings):
    assert Connection(settings).current() is settings
