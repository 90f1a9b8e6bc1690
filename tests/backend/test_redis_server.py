"""The embedded Redis: started once, attached to, taken over, restarted, and gone at the end."""

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from backend.redis_server import EmbeddedRedis, RedisError, connect
from backend.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a rather long folder name with spaces, longer than a socket's path may be" / "home"


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def test_starts_on_a_private_socket_and_leaves_nothing(home):
    server = EmbeddedRedis(home)
    assert server.start()
    try:
        assert len(os.fsencode(server.socket)) <= 107
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        with Redis.from_url(server.url) as client:
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("port") == {"port": "0"}
    finally:
        pid = server.pid
        server.stop()
    assert not server.socket.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_second_starter_attaches_and_does_not_stop_it(home):
    first, second = EmbeddedRedis(home), EmbeddedRedis(home)
    first.start()
    try:
        assert not second.start()
        assert not second.owner
        second.stop()
        assert first.pid == second.pid is not None
    finally:
        first.stop()


def test_data_survive_a_kill_and_the_stale_socket_is_replaced(home):
    server = EmbeddedRedis(home)
    server.start()
    try:
        with Redis.from_url(server.url) as client:
            client.set("kept", "yes")
            client.config_set("appendfsync", "always")
            client.set("kept", "still")
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: server.pid is None)
        assert server.socket.exists()
        assert server.start()
        with Redis.from_url(server.url) as client:
            assert client.get("kept") == b"still"
    finally:
        server.stop()


def test_stalled_server_is_waited_for_and_no_second_one_is_started_beside_it(home, monkeypatch):
    server = EmbeddedRedis(home)
    server.start()
    answers = server._answers
    stalled = server.pid
    looks: list[bool] = []

    def look() -> bool:
        looks.append(answers())
        os.kill(stalled, signal.SIGCONT)  # after the first look has found it silent
        return looks[-1]

    try:
        os.kill(stalled, signal.SIGSTOP)
        monkeypatch.setattr(server, "_answers", look)
        assert not server.start()
        assert looks[0] is False
        assert server.pid == stalled
    finally:
        os.kill(stalled, signal.SIGCONT)
        server.stop()


def test_server_of_a_dead_owner_is_taken_over_and_stopped(home):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # an owner that dies without a word
        EmbeddedRedis(home).start()
        os.write(writer, b"up")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 2) == b"up"
    server = EmbeddedRedis(home)
    assert not server.start()
    assert server.owner
    orphan = server.pid
    server.stop()
    assert server.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(orphan, 0)


def test_foreign_folder_is_refused(home):
    server = EmbeddedRedis(home)
    server.socket.parent.mkdir(mode=0o755)
    try:
        with pytest.raises(RedisError, match="not a folder of this user alone"):
            server.start()
    finally:
        server.stop()


def test_connect_finds_the_embedded_server_of_the_home(home):
    server = EmbeddedRedis(home)
    server.start()
    try:
        with connect(Settings(home=home, redis_url=None)) as client:
            assert client.ping()
    finally:
        server.stop()


def test_wrong_url_is_one_sentence(home):
    with pytest.raises(RedisError, match="REDIS_URL is wrong"):
        connect(Settings(home=home, redis_url="localhost:6379"))
