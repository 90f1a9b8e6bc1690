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


def test_what_repeats_is_counted_on_one_line(redis):
    for _ in range(3):
        history.note(redis, "p", "START_TRAINING", "Nothing new to learn from.")
    history.note(redis, "p", "reconcile", "Of 3 tasks: 1 queued.")
    history.note(redis, "p", "START_TRAINING", "Nothing new to learn from.")
    told = [(line.event, line.times) for line in history.read(redis, "p")]
    assert told == [("START_TRAINING", 1), ("reconcile", 1), ("START_TRAINING", 3)]


def test_events_in_peoples_words():
    assert history.in_words("TASKS_CREATED") == "Tasks imported"
    assert history.in_words("retrain-a76d8c3e-1-1795341210") == "retrain"
    assert history.in_words("imports found by the poll") == "imports found by the poll"
