"""The poll: each project's turn once however many replicas look, and dead jobs found."""

import time

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from backend import jobs, queues, relabelled
from backend.connection import Connection
from backend.polling import Poll


@pytest.fixture
def connection(settings) -> Connection:
    return Connection(settings.model_copy(update={"projects": ("p", "q")}))


def test_replicas_take_turns(redis, connection):
    replicas = [Poll(redis, connection) for _ in range(3)]
    queued = [name for replica in replicas for name in replica.look()]
    assert sorted(queued) == ["reconcile-p", "reconcile-q"]
    assert queues.waiting(redis, "interactive") == 2


def test_no_project_waits_twice_in_the_queue(redis, connection):
    poll = Poll(redis, connection)
    poll.look()
    redis.delete("earmark:p:polled", "earmark:q:polled")  # their next turn has come
    assert poll.look() == []
    assert queues.waiting(redis, "interactive") == 2


def test_turns_come_every_poll_seconds(redis, connection):
    Poll(redis, connection).look()
    assert 0 < redis.pttl("earmark:p:polled") <= 30_000


def test_annotations_noted_as_a_look_ended_are_not_left_waiting(redis, connection):
    relabelled.note(redis, "p", [7])
    assert "renew-p" in Poll(redis, connection).look()


def test_dead_jobs_are_found(redis, settings, monkeypatch):
    monkeypatch.setattr(jobs, "START_GRACE", -1.0)
    queues.enqueue(redis, "annotate", "f", job="job", timeout=1, kwargs={})
    Queue("annotate", connection=redis, serializer=JSONSerializer).empty()  # taken by a worker that died
    assert Poll(redis, Connection(settings)).look() == ["job"]


def test_thread_looks_at_once_and_outlives_faults(redis, connection, settings, monkeypatch, caplog):
    monkeypatch.setattr("backend.polling.LOOK", 0.01)
    settings.home.mkdir(parents=True)
    settings.saved.write_text("{")  # a broken file: the look fails
    poll = Poll(redis, connection)
    poll.start()
    try:
        deadline = time.monotonic() + 30
        while "could not look" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        settings.saved.write_text('{"projects": ["r"]}')
        while not queues.exists(redis, "reconcile-r"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        poll.stop()
