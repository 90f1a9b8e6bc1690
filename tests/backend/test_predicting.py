"""Answers to `/predict`: never more, never less, and never of a shape that loses the others."""

import threading
import time

import pytest

from backend import predicting, queues
from backend.identity import identify
from backend.predicting import Predictor
from backend.tasks import QUEUED, TaskStates
from tests.backend.calls import BASIC, CONFIG, KEY, predict, task

VERSION = "earmark-0123456789ab"
ITEM = {"id": "a", "type": "videorectangle", "value": {"sequence": []}}
READY = {"result": [ITEM], "score": 0.7, "model_version": VERSION}


@pytest.fixture
def predictor(redis) -> Predictor:
    return Predictor(redis, waiters=2)


@pytest.fixture
def states(redis) -> TaskStates:
    return TaskStates(redis, KEY)


def answer(predictor: Predictor, *tasks, **context):
    return predictor.answer(KEY, VERSION, predict(*tasks, **context))


def test_unknown_tasks_are_queued_once_and_skipped(predictor, redis, states):
    for _ in range(2):
        assert answer(predictor, task(1), task(2)) == [{"model_version": VERSION}] * 2
    assert queues.waiting(redis, queues.ANNOTATE) == 1
    assert states.get(identify(task(1), CONFIG, VERSION)).state == QUEUED


def test_a_single_task_goes_first(predictor, redis):
    answer(predictor, task(1))
    assert (queues.waiting(redis, queues.INTERACTIVE), queues.waiting(redis, queues.ANNOTATE)) == (1, 0)


def test_ready_predictions_are_answered_to_one_asker(predictor, states):
    states.done(identify(task(1), CONFIG, VERSION), READY)
    assert answer(predictor, task(1)) == [READY]
    assert answer(predictor, task(1)) == [{"model_version": VERSION}]


def test_of_two_askers_at_once_one_gets_it(predictor, states):
    states.done(identify(task(1), CONFIG, VERSION), READY)
    barrier, answers = threading.Barrier(2), []

    def ask() -> None:
        barrier.wait()
        answers.extend(answer(predictor, task(1)))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("result" in given for given in answers) == [False, True]


def test_what_the_worker_writes_is_not_answered_too(predictor, states):
    identity = identify(task(1), CONFIG, VERSION)
    states.done(identity, READY)
    states.claim(identity, "annotate-job")
    assert answer(predictor, task(1)) == [{"model_version": VERSION}]


def test_silence_is_an_empty_result(predictor, states):
    states.done(identify(task(1), CONFIG, VERSION), {**READY, "result": []}, "no sound")
    assert answer(predictor, task(1))[0]["result"] == []


def test_failed_tasks_are_neither_answered_nor_queued_again(predictor, states, redis):
    states.failed(identify(task(1), CONFIG, VERSION), "broken file")
    assert answer(predictor, task(1)) == [{"model_version": VERSION}]
    assert queues.waiting(redis, queues.INTERACTIVE) == 0


@pytest.mark.parametrize(
    "settled",
    [
        {"predictions": [{"model_version": VERSION}]},
        {"predictions": [{"model_version": "earmark-ba9876543210"}], "annotations": [{"id": 1}]},
        {"predictions": [{"model_version": "earmark-ba9876543210"}], "total_annotations": 1},
    ],
)
def test_labelled_and_predicted_tasks_are_left_alone(predictor, states, redis, settled):
    states.done(identify(task(1), CONFIG, VERSION), READY)
    assert answer(predictor, task(1, **settled)) == [{"model_version": VERSION}]
    assert answer(predictor, task(2, **settled)) == [{"model_version": VERSION}]
    assert redis.keys("rq:queue:*") == []


@pytest.mark.parametrize(
    "open_task",
    [
        {"annotations": [{"id": 1}], "total_annotations": 1},
        {"predictions": [{"model_version": "earmark-ba9876543210"}]},
        {"predictions": [{"model_version": "someone-else"}], "annotations": [{"id": 1}]},
    ],
)
def test_labelled_tasks_without_ours_and_stale_ones_get_theirs(predictor, states, open_task):
    states.done(identify(task(1), CONFIG, VERSION), READY)
    assert answer(predictor, task(1, **open_task)) == [READY]


def test_interactive_asking_uses_up_nothing(predictor, states):
    states.done(identify(task(1), CONFIG, VERSION), READY)
    drafted = task(1, drafts=[{"id": 1}], file_upload="name.mp4", predictions=[{"model_version": VERSION}])
    for _ in range(2):
        assert answer(predictor, drafted, context={"result": [{"x": 1}]}) == [READY]
    assert answer(predictor, task(1)) == [READY]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ({"result": None}, {}),
        ({"result": {"a": 1}}, {}),
        ({"result": ["x"]}, {}),
        ({"result": [ITEM], "score": None}, {"result": [ITEM]}),
        ({"result": [ITEM], "score": "high"}, {"result": [ITEM]}),
        ({"result": [], "neighbors": [4, 2], "cluster": 2}, {"result": [], "neighbors": [4, 2], "cluster": 2}),
        ({"result": [], "neighbors": ["4"], "cluster": None}, {"result": []}),
        ({"result": [ITEM], "score": float("nan")}, {"result": [ITEM]}),
        ({"result": [ITEM], "score": 1, "model_version": "other"}, {"result": [ITEM], "score": 1.0}),
    ],
)
def test_answers_have_the_one_shape_label_studio_takes(predictor, states, stored, shown):
    states.done(identify(task(1), CONFIG, VERSION), stored)
    assert answer(predictor, task(1)) == [{"model_version": VERSION, **shown}]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        "task",
        [],
        {},
        {"id": "1", "data": {}},
        {"id": 1},
        {"id": 2, "data": {"video": None}},
        {"id": None},
        task(1, data={"video": "\ud800"}),
        task(1, predictions=5, annotations="x"),
        task(1, predictions=[None]),
        task(10**30),
        task(-1),
        task(1, created_at=5),
    ],
)
def test_broken_tasks_lose_neither_the_others_nor_the_count(client, version, states, broken):
    good = identify(task(7), CONFIG, version)
    states.done(good, {**READY, "model_version": version})
    body = client.post("/predict", json=predict(broken, task(7), broken), headers=BASIC)
    assert body.status_code == 200
    results = body.json["results"]
    assert len(results) == 3
    assert results[1]["result"] == [ITEM]
    assert all(isinstance(result, dict) and "result" not in result for result in (results[0], results[2]))


@pytest.mark.parametrize(
    "change",
    [{"tasks": None}, {"tasks": {}}, {"tasks": "x"}, {"tasks": []}],
)
def test_no_tasks_no_results(client, change):
    body = client.post("/predict", json={**predict(), **change}, headers=BASIC)
    assert (body.status_code, body.json["results"]) == (200, [])


@pytest.mark.parametrize(
    "change",
    [{"label_config": None}, {"label_config": "<View>"}, {"label_config": 5}, {"params": None}, {"params": []}],
)
def test_unusable_config_gives_unready_tasks(client, change):
    body = client.post("/predict", json={**predict(task(1), task(2)), **change}, headers=BASIC)
    assert body.status_code == 200
    assert ["result" in result for result in body.json["results"]] == [False, False]


def finish_soon(states: TaskStates, begun: threading.Event) -> threading.Thread:
    """A worker that finishes task 1 as soon as somebody has begun to wait for it."""

    def work() -> None:
        begun.wait(30)
        states.done(identify(task(1), CONFIG, VERSION), READY)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_one_opened_task_waits_for_what_is_running(predictor, states, monkeypatch, redis):
    monkeypatch.setattr(predicting, "WAIT", 30.0)
    queues.enqueue(redis, "annotate", "f", job="job", timeout=1, kwargs={})
    states.processing(identify(task(1), CONFIG, VERSION), "job")
    begun = threading.Event()
    monkeypatch.setattr(predicting.time, "sleep", lambda seconds, sleep=time.sleep: (begun.set(), sleep(seconds)))
    worker = finish_soon(states, begun)
    assert answer(predictor, task(1)) == [READY]
    worker.join()


def test_nobody_waits_where_waiting_cannot_help(predictor, states, monkeypatch, redis):
    def wait(_seconds: float) -> None:
        raise AssertionError("waited")

    monkeypatch.setattr(predicting.time, "sleep", wait)
    answer(predictor, task(1))  # no worker is there
    redis.sadd("rq:workers", "rq:worker:one")
    answer(predictor, task(2), task(3))  # a batch
    states.processing(identify(task(2), CONFIG, VERSION), "job")
    answer(predictor, task(2), task(3))
    for number in range(4, 6):
        queues.enqueue(redis, "interactive", "f", job=f"job{number}", timeout=1, kwargs={})
    answer(predictor, task(6))  # a long queue
    predictor._waiters.acquire()
    predictor._waiters.acquire()
    states.processing(identify(task(7), CONFIG, VERSION), "job")
    answer(predictor, task(7))  # the waiters' places are taken


def test_waiting_ends(predictor, states, monkeypatch, redis):
    monkeypatch.setattr(predicting, "WAIT", 0.1)
    redis.sadd("rq:workers", "rq:worker:one")
    assert answer(predictor, task(1)) == [{"model_version": VERSION}]
    assert predictor._waiters.acquire(blocking=False) and predictor._waiters.acquire(blocking=False)
