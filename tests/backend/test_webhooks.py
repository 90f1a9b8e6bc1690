"""Webhooks: each leads to work or to a reason, and each leaves a line."""

import pytest
from redis.connection import AbstractConnection

from backend import history, imports, queues, relabelled
from backend.identity import identify
from backend.settings import Settings
from backend.tasks import QUEUED, TaskStates
from backend.webhooks import Webhooks
from tests.backend.calls import CONFIG, KEY, task, webhook

VERSION = "earmark-0123456789ab"


@pytest.fixture
def act(redis):
    webhooks = Webhooks(redis)
    return lambda body, after=20: webhooks.act(KEY, VERSION, body, settings=Settings(retrain_after=after))


def test_imports_are_annotated_and_counted(act, redis):
    outcome = act(webhook("TASKS_CREATED", tasks=[task(number) for number in range(1, 19)]))
    assert outcome.status == "queued"
    assert "18 tasks queued for annotation in 2 jobs." in outcome.reason
    assert "18 of the 20 new imports" in outcome.reason
    assert queues.waiting(redis, "train") == 0
    assert TaskStates(redis, KEY).counts()[QUEUED] == 18


def test_enough_imports_say_when_a_training_starts(act, redis):
    act(webhook("TASKS_CREATED", tasks=[task(1), task(2)]), after=3)
    outcome = act(webhook("TASKS_CREATED", tasks=[task(3)]), after=3)
    assert "3 new imports: a training starts once none has come for 75 s" in outcome.reason
    assert queues.waiting(redis, "train") == 0  # the poll decides, once the import is through


def test_thousands_in_one_body_are_taken_whole(act, redis, monkeypatch):
    sent = []  # what goes to Redis at once, as one round trip
    send = AbstractConnection.send_packed_command
    monkeypatch.setattr(
        AbstractConnection, "send_packed_command", lambda *told, **how: sent.append(1) or send(*told, **how)
    )
    outcome = act(webhook("TASKS_CREATED", tasks=[task(number) for number in range(5000)]))
    assert "5000 tasks queued" in outcome.reason
    assert imports.waiting(redis, KEY).count == 5000
    assert len(sent) < 25


def test_unusable_rows_are_counted_and_lose_no_other(act):
    outcome = act(webhook("TASKS_CREATED", tasks=[task(1), {"id": 2, "data": {"image": "x"}}, "nonsense", {"id": "3"}]))
    assert "1 task queued" in outcome.reason
    assert "2 cannot be annotated" in outcome.reason


def test_same_import_told_twice_queues_nothing_new(act, redis):
    body = webhook("TASKS_CREATED", tasks=[task(1)])
    act(body)
    assert act(body).status == "ignored"
    assert queues.waiting(redis, "annotate") == 1


def test_deleted_tasks_are_forgotten(act, redis):
    act(webhook("TASKS_CREATED", tasks=[task(1), task(2)]))
    assert act(webhook("TASKS_DELETED", tasks=[{"id": 1}, {"id": "x"}, {}])).status == "done"
    states = TaskStates(redis, KEY)
    assert states.get(identify(task(1), CONFIG, VERSION)) is None
    assert states.get(identify(task(2), CONFIG, VERSION)) is not None


def test_button_starts_one_training_and_says_why_not_another(act, redis):
    assert act(webhook("START_TRAINING")).status == "queued"
    again = act(webhook("START_TRAINING"))
    assert again.status == "ignored" and "already" in again.reason
    assert queues.waiting(redis, "train") == 1


def test_toggle_trains_only_on_enough_new_videos(act, redis):
    toggled = webhook("START_TRAINING", project_fields={"min_annotations_to_start_training": 1})
    for _ in range(30):
        outcome = act(toggled)
    assert outcome.status == "ignored"
    assert outcome.reason.startswith("Nothing new to learn from")
    imports.note(redis, KEY, range(20))
    assert act(toggled).status == "noted"
    assert "a training starts once" in act(toggled).reason
    assert queues.waiting(redis, "train") == 0
    # It fires at every submission: that must not push everything else out of the history.
    assert [(line.event, line.times) for line in history.read(redis, KEY)] == [
        ("START_TRAINING", 2),
        ("START_TRAINING", 30),
    ]


def test_changed_config_has_the_project_looked_through(act, redis):
    assert act(webhook("PROJECT_UPDATED")).status == "ignored"
    assert act(webhook("PROJECT_UPDATED", project_fields={"title": "renamed"})).status == "ignored"
    painted = CONFIG.replace('value="sounding"', 'value="sounding" background="#123456"')
    assert act(webhook("PROJECT_UPDATED", project_fields={"label_config": painted})).status == "ignored"
    changed = CONFIG.replace('frameRate="25"', 'frameRate="30"')
    outcome = act(webhook("PROJECT_UPDATED", project_fields={"label_config": changed}))
    assert outcome.status == "queued" and "changed" in outcome.reason
    assert queues.waiting(redis, "interactive") == 1
    assert act(webhook("PROJECT_UPDATED", project_fields={"label_config": None})).status == "queued"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("ANNOTATION_CREATED", {"annotation": {"id": 1}, "task": task(7)}),
        ("ANNOTATIONS_CREATED", {"annotation": [{"id": 1}], "task": [task(7)]}),
        ("ANNOTATION_UPDATED", {"annotation": {"id": 1, "task": 7}}),
        ("ANNOTATIONS_DELETED", {"annotations": [{"id": 1}]}),
    ],
)
def test_annotations_have_the_suggestions_looked_at_at_once(act, redis, action, fields):
    relabelled.remember(redis, KEY, {1: 7})
    outcome = act(webhook(action, **fields))
    assert outcome.status == "queued" and "looked at" in outcome.reason
    assert queues.waiting(redis, "interactive") == 1
    assert relabelled.take(redis, KEY) == {7}
    assert queues.waiting(redis, "train") == 0


def test_many_annotations_lead_to_one_look(act, redis):
    for number in range(1, 6):
        act(webhook("ANNOTATION_CREATED", annotation={"id": number}, task=task(number)))
    assert queues.waiting(redis, "interactive") == 1
    assert relabelled.take(redis, KEY) == {1, 2, 3, 4, 5}
    assert relabelled.waiting(redis, KEY) == 0


@pytest.mark.parametrize("fields", [{}, {"annotations": [{"id": 99}, "x", {}]}, {"annotation": None, "task": 5}])
def test_annotations_nobody_knows_of_are_noted_only(act, redis, fields):
    assert act(webhook("ANNOTATIONS_DELETED", **fields)).status == "noted"
    assert redis.keys("rq:*") == []


@pytest.mark.parametrize("action", ["PROJECT_DELETED", "", None, "\ud800", "x" * 10_000, 5])
def test_anything_else_is_ignored_and_says_so(act, action):
    assert act(webhook(action)).status == "ignored"


def test_each_leaves_a_line(act, redis, caplog):
    caplog.set_level("INFO")
    act(webhook("START_TRAINING"))
    act(webhook("ANNOTATION_CREATED"))
    lines = history.read(redis, KEY)
    assert [line.event for line in lines] == ["ANNOTATION_CREATED", "START_TRAINING"]
    assert lines[1].outcome == "queued: Training queued: Start Training was pressed."
    assert "Start Training was pressed" in caplog.text


@pytest.mark.parametrize("tasks", [None, {}, "x", [None, 5, []]])
def test_import_without_rows_is_no_error(act, tasks):
    assert act(webhook("TASKS_CREATED", tasks=tasks)).status == "ignored"
