"""A small job for the worker's tests, and a worker that runs it (`python -m tests.training_jobs.small_jobs URL`)."""

import os
import sys
import time

from redis import Redis

from backend.leases import Lease
from training_jobs.processes import Stopped
from training_jobs.worker import JobWorker

TTL = 1.0  # seconds: short, so that a test need not wait for a lease of the usual length
HOLD = "tests.training_jobs.small_jobs.hold"


def hold(*, url: str, job: str) -> None:
    """Tell one's process id, then wait until `go` is set; tell the end."""
    with Redis.from_url(url) as redis, Lease(redis, job, ttl=TTL) as lease:
        redis.rpush("jobs", job)
        redis.rpush("began", os.getpid())
        try:
            while not redis.exists("go"):
                lease.check()
                time.sleep(0.02)
        except Stopped:
            redis.rpush("stopped", os.getpid())
            lease.release(finished=False)
            raise
        lease.check()
        redis.rpush("done", os.getpid())


if __name__ == "__main__":
    with Redis.from_url(sys.argv[1]) as connection:
        worker = JobWorker(["interactive", "annotate"], connection)
        connection.rpush("workers", os.getpid())
        worker.work()
        sys.exit(0 if worker.asked_to_stop else 1)
