"""Relabelled tasks: remembered until they are taken, each once; deleted annotations lead to their tasks."""

import time

from redis import Redis

from backend import relabelled


def test_what_is_taken_is_no_longer_waiting(redis: Redis) -> None:
    relabelled.note(redis, "p", [3, 1])
    relabelled.note(redis, "p", [3])
    relabelled.note(redis, "other", [9])
    relabelled.note(redis, "p", [])
    assert relabelled.waiting(redis, "p") == 2
    assert relabelled.take(redis, "p") == {1, 3}
    assert relabelled.take(redis, "p") == set()
    assert relabelled.waiting(redis, "other") == 1


def test_what_came_while_tasks_were_listed_is_told(redis: Redis) -> None:
    relabelled.note(redis, "p", [1])
    began = time.time()
    relabelled.note(redis, "p", [2])
    relabelled.take(redis, "p")
    assert relabelled.since(redis, "p", began) == {2}
    assert relabelled.since(redis, "p", began - 60) == {1, 2}


def test_an_annotation_leads_to_its_task(redis: Redis) -> None:
    relabelled.remember(redis, "p", {10: 1, 11: 2})
    relabelled.remember(redis, "p", {})
    assert relabelled.owners(redis, "p", [10, 11, 12]) == {1, 2}
    assert relabelled.owners(redis, "p", []) == relabelled.owners(redis, "other", [10]) == set()
