"""The history of a project: newest first, bounded."""

from backend import history


def test_newest_first_and_per_project(redis):
    history.note(redis, "p", "TASKS_CREATED", "2 tasks queued.")
    history.note(redis, "p", "START_TRAINING", "Training queued.")
    assert [entry.event for entry in history.read(redis, "p")] == ["START_TRAINING", "TASKS_CREATED"]
    assert history.read(redis, "q") == []


def test_oldest_are_dropped(redis):
    for number in range(history.KEPT + 5):
        history.note(redis, "p", "event", str(number))
    entries = history.read(redis, "p")
    assert len(entries) == history.KEPT
    assert entries[0].outcome == str(history.KEPT + 4)
