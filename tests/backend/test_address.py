"""The backend's address: what it left word of, else what the settings say."""

from backend import address
from backend.settings import Settings


def test_what_listens_everywhere_is_reached_on_the_loopback(tmp_path):
    assert address.address(Settings(home=tmp_path, host="::", port=1)) == "http://127.0.0.1:1"
    assert address.http("::1", 2) == "http://[::1]:2"


def test_a_backend_that_ends_takes_back_only_its_own_word(tmp_path):
    settings = Settings(home=tmp_path, port=1)
    address.leave(tmp_path, "http://127.0.0.1:2")
    address.leave(tmp_path, "http://127.0.0.1:3")  # another has come since
    address.take_back(tmp_path, "http://127.0.0.1:2")
    assert address.address(settings) == "http://127.0.0.1:3"
    address.take_back(tmp_path, "http://127.0.0.1:3")
    assert address.address(settings) == "http://127.0.0.1:1"
