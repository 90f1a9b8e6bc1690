"""Leases: one holder, renewed while it lives, lost when it stalls, never taken from a successor."""

import os
import signal
import subprocess
import sys
import time

import pytest

from backend import leases
from backend.leases import Lease, LeaseHeld, LeaseLost


def expire(redis, job: str) -> None:
    """Do at once what the end of its time does to a lease nobody renews."""
    redis.delete(leases.key(job))


def test_only_one_holds_and_fences_grow(redis):
    with Lease(redis, "job") as first:
        first.check()
        with pytest.raises(LeaseHeld), Lease(redis, "job"):
            pass
        fence = first.fence
    with Lease(redis, "job") as second:
        assert second.fence > fence


def test_is_renewed_while_its_process_lives(redis):
    with Lease(redis, "job", ttl=4) as lease:
        redis.pexpire(leases.key("job"), 3000)
        deadline = time.monotonic() + 30
        while redis.pttl(leases.key("job")) <= 3000:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        lease.check()


def test_late_writer_learns_that_another_took_over(redis):
    with Lease(redis, "job") as stalled:
        expire(redis, "job")
        with pytest.raises(LeaseLost):
            stalled.check()
        with Lease(redis, "job") as successor:
            with pytest.raises(LeaseLost):
                stalled.check()
            stalled.release()
            successor.check()  # the late release gave back nothing that is another's


def test_finished_job_leaves_the_list_also_after_an_exception(redis):
    redis.hset(leases.JOBS, "job", "{}")
    with pytest.raises(ZeroDivisionError), Lease(redis, "job"):
        raise ZeroDivisionError
    assert not redis.hexists(leases.JOBS, "job")
    assert not redis.exists(leases.key("job"))


def test_lost_job_stays_on_the_list(redis):
    redis.hset(leases.JOBS, "job", "{}")
    with pytest.raises(LeaseLost), Lease(redis, "job") as lease:
        expire(redis, "job")
        lease.check()
    assert redis.hexists(leases.JOBS, "job")


def test_lease_of_a_killed_process_ends_by_itself(redis, redis_server):
    code = (
        "import sys, time; from redis import Redis; from backend.leases import Lease\n"
        f"lease = Lease(Redis.from_url({redis_server.url!r}), 'job', ttl=2)\n"
        "assert lease.acquire(); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert not Lease(redis, "job").acquire()
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    successor = Lease(redis, "job")
    while not successor.acquire():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    successor.release()


def test_redis_that_does_not_answer_loses_the_lease_in_the_end(tmp_path):
    from redis import Redis

    from backend.redis_server import EmbeddedRedis

    server = EmbeddedRedis(tmp_path)
    server.start()
    try:
        lease = Lease(Redis.from_url(server.url, retry=None), "job", ttl=0.5)
        assert lease.acquire()
    finally:
        server.stop()
    with pytest.raises(LeaseLost, match="Redis has not answered"):
        lease.check()
    lease.fence = 0
    lease.release()
