"""Leases: who is running a job now, told by Redis and not by hope."""

from types import TracebackType

from redis import Redis

TTL = 15.0  # seconds; a killed job is running again within about twice this


class LeaseLost(RuntimeError):
    """The lease expired or another process holds it: stop, write nothing more."""


class LeaseHeld(RuntimeError):
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

    def acquire(self) -> bool:
        """Take the lease and start renewing it; False when another process holds it."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise LeaseLost unless this process holds the lease at this moment, by Redis's word."""
        raise NotImplementedError

    def release(self, *, finished: bool = True) -> None:
        """Stop renewing and give the lease back; `finished` also takes the job off the sweep's list."""
        raise NotImplementedError

    def __enter__(self) -> "Lease":
        """Acquire. Raises LeaseHeld when another process holds the lease."""
        if not self.acquire():
            raise LeaseHeld(f"Job {self.job} is already running in another process.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release(finished=not isinstance(error, LeaseLost))
