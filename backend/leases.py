"""Leases: who is running a job now, told by Redis and not by hope."""

import logging
import threading
import time
from types import TracebackType

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger(__name__)

TTL = 15.0  # seconds; a killed job is queued again at the first sweep after this
JOBS = "earmark:jobs"
"""Hash, by a job's name: what to queue again should its process die."""
MISSED = "earmark:jobs:missed"
"""Hash, by a job's name: Unix seconds when it was first seen in no queue and unleased; 0 once it was leased."""

_ACQUIRE = """
if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
local fence = redis.call("INCR", "earmark:fence")
redis.call("SET", KEYS[1], fence, "PX", ARGV[2])
if redis.call("HEXISTS", KEYS[2], ARGV[1]) == 1 then redis.call("HSET", KEYS[3], ARGV[1], 0) end
return fence
"""
_RENEW = """
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("DEL", KEYS[1])
if ARGV[3] == "1" then
  redis.call("HDEL", KEYS[2], ARGV[2])
  redis.call("HDEL", KEYS[3], ARGV[2])
end
return 1
"""


class LeaseLost(RuntimeError):  # noqa: N818 (an event, as it is spoken of)
    """The lease expired or another process holds it: stop, write nothing more."""


class LeaseHeld(RuntimeError):  # noqa: N818
    """Another living process runs this job."""


class Lease:
    """A job's right to write, for `ttl` seconds at a time, renewed by a thread of the job's own process.

        with Lease(redis, job) as lease:
            ...
            lease.check()  # before every write others can see
            write()

    Leaving the block releases the lease and takes the job off the list that `queues.sweep` watches, also after an
    exception: a job that raised has told its own failure. Only a death or a lost lease leaves it there, to be
    queued again. Every acquisition has a higher fencing number, so a late writer can be told apart.
    """

    def __init__(self, redis: Redis, job: str, *, ttl: float = TTL) -> None:
        """A lease on `job` (the name `queues` gave it). Nothing is acquired yet."""
        self.redis, self.job, self.ttl = redis, job, ttl
        self.fence = 0
        self._key = key(job)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> bool:
        """Take the lease and start renewing it; False when another process holds it."""
        keys = [self._key, JOBS, MISSED]
        self.fence = int(self.redis.eval(_ACQUIRE, 3, *keys, self.job, self._milliseconds))
        if not self.fence:
            return False
        self._stop.clear()
        # A daemon: a job that dies must not be kept alive, and its lease with it, by the renewing.
        self._thread = threading.Thread(target=self._renew, name=f"lease {self.job}", daemon=True)
        self._thread.start()
        return True

    def check(self) -> None:
        """Raise LeaseLost unless this process holds the lease at this moment, by Redis's word.

        While Redis does not answer this waits, at most as long as a lease lasts: a restart loses nothing.
        """
        deadline = time.monotonic() + self.ttl
        while True:
            try:
                held = self.fence and self.redis.get(self._key) == str(self.fence).encode()
                break
            except (RedisConnectionError, RedisTimeoutError):
                if time.monotonic() > deadline:
                    raise LeaseLost(f"Redis has not answered for {self.ttl:g} s: job {self.job} stops.") from None
                time.sleep(0.2)
        if not held:
            raise LeaseLost(f"Job {self.job} lost its lease: another process may run it now, so this one stops.")

    def release(self, *, finished: bool = True) -> None:
        """Stop renewing and give the lease back; `finished` also takes the job off the sweep's list."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self.fence:
            keys = [self._key, JOBS, MISSED]
            self.redis.eval(_RELEASE, 3, *keys, self.fence, self.job, int(finished))
            self.fence = 0

    @property
    def _milliseconds(self) -> int:
        return round(self.ttl * 1000)

    def _renew(self) -> None:
        while not self._stop.wait(self.ttl / 4):
            try:
                if not self.redis.eval(_RENEW, 1, self._key, self.fence, self._milliseconds):
                    return  # lost; check() will say so
            except (RedisConnectionError, RedisTimeoutError) as error:
                log.warning("The lease of %s could not be renewed: %s", self.job, error)

    def __enter__(self) -> "Lease":
        """Acquire. Raises LeaseHeld when another process holds the lease."""
        if not self.acquire():
            raise LeaseHeld(f"Job {self.job} is already running in another process.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release(finished=not isinstance(error, LeaseLost))


def key(job: str) -> str:
    """The Redis key of a job's lease; it exists exactly while a process holds it."""
    return f"earmark:lease:{job}"
