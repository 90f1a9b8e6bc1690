"""Queues: batches, nothing queued twice, and dead jobs queued again exactly once."""

import json
import threading
from dataclasses import replace

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from backend import history, imports, leases, lookups, queues, trainings
from backend import jobs as jobs_module
from backend.identity import PredictionIdentity
from backend.leases import Lease
from backend.storage import Storage
from backend.tasks import FAILED, QUEUED, TaskStates
from training_jobs.progress import TrainingProgress

FIRST = PredictionIdentity(1, "media", "config", "earmark-0123456789ab")
TASKS = [replace(FIRST, task=number) for number in range(1, 41)]


def jobs(redis, name: str) -> list:
    """The rq jobs waiting in a queue, oldest first."""
    return Queue(name, connection=redis, serializer=JSONSerializer).get_jobs()


def take(redis, name: str) -> str:
    """Do what a worker does first: take the oldest job out of its queue; the name Earmark gave it."""
    queue = Queue(name, connection=redis, serializer=JSONSerializer)
    job = queue.get_jobs()[0]
    queue.remove(job)
    return job.kwargs["job"]


def outlive_grace(monkeypatch) -> None:
    monkeypatch.setattr(jobs_module, "START_GRACE", -1.0)


def test_tasks_are_queued_in_batches_as_json(redis):
    queued = queues.enqueue_annotate(redis, "p", TASKS)
    waiting = jobs(redis, "annotate")
    assert [len(job.kwargs["tasks"]) for job in waiting] == [16, 16, 8]
    assert [task for job in waiting for task in job.kwargs["tasks"]] == list(queued.tasks) == list(range(1, 41))
    assert {job.func_name for job in waiting} == {"training_jobs.annotating.annotate"}
    assert tuple(job.kwargs["job"] for job in waiting) == queued.jobs
    assert all(job.kwargs["project"] == "p" and job.timeout and job.failure_ttl for job in waiting)
    assert json.loads(redis.hget(leases.JOBS, queued.jobs[0]))["queue"] == "annotate"
    assert TaskStates(redis, "p").get(TASKS[20]).job == queued.jobs[1]
    assert queued.reason == "40 tasks queued for annotation in 3 jobs."


def test_nothing_is_queued_twice(redis):
    states = TaskStates(redis, "p")
    states.done(TASKS[0], {"result": []})
    states.failed(TASKS[1], "broken")
    queues.enqueue_annotate(redis, "p", TASKS[2:3])
    again = queues.enqueue_annotate(redis, "p", [*TASKS[:4], TASKS[3]])
    assert again.tasks == (4,)
    assert again.skipped == {"done": 1, "failed": 1, "queued": 1}
    none = queues.enqueue_annotate(redis, "p", TASKS[:1])
    assert (none.jobs, none.reason) == ((), "No task to annotate: 1 done.")


def test_failed_tasks_are_tried_again_when_a_person_says_so(redis):
    states = TaskStates(redis, "p")
    states.done(TASKS[0], {"result": []})
    states.failed(TASKS[1], "broken")
    retried = queues.retry(redis, "p", [1, 2, 3])
    assert (retried.tasks, retried.jobs) == ((2,), ("reconcile-p",))
    assert queues.enqueue_annotate(redis, "p", TASKS[:2]).tasks == (2,)
    assert queues.retry(redis, "p", [1]).reason == "None of these tasks has failed."


def test_what_was_queued_under_a_job_that_is_gone_is_queued_again(redis):
    TaskStates(redis, "p").queued(TASKS[:1], "lost")
    assert queues.enqueue_annotate(redis, "p", TASKS[:1]).tasks == (1,)


def test_opening_a_task_twice_at_once_queues_it_once(redis):
    barrier, queued = threading.Barrier(8), []

    def ask() -> None:
        barrier.wait()
        queued.extend(queues.enqueue_annotate(redis, "p", TASKS[:1], queue=queues.INTERACTIVE).jobs)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queued) == len(jobs(redis, "interactive")) == 1


def test_one_training_a_project_and_the_reason_why_not(redis):
    first = queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    second = queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    assert first.jobs and first.reason == "Training queued: Start Training was pressed."
    assert not second.jobs and "already" in second.reason
    assert queues.enqueue_retrain(redis, "q", "Start Training was pressed.").jobs
    assert len(jobs(redis, "train")) == 2
    with Lease(redis, take(redis, "train")):
        assert not queues.enqueue_retrain(redis, "p", "again").jobs  # running counts as well
    assert queues.enqueue_retrain(redis, "p", "again").jobs


def test_projects_take_turns_however_much_one_imports(redis):
    many = [replace(FIRST, task=number) for number in range(5000)]
    queues.enqueue_annotate(redis, "a-1-2", many)
    queues.enqueue_annotate(redis, "a-2-2", [replace(one, media="x") for one in many[:10]])
    queues.enqueue_annotate(redis, "a-3-2", [replace(one, media="y") for one in many[:40]])
    waiting = [job.kwargs for job in jobs(redis, "annotate")]
    first = [one["project"] for one in waiting[:6]]
    assert first == ["a-1-2", "a-2-2", "a-3-2", "a-1-2", "a-3-2", "a-1-2"]
    # Nothing is lost by dealing, and each project's own tasks stay in their order.
    of = {name: [task for one in waiting if one["project"] == name for task in one["tasks"]] for name in set(first)}
    assert of == {"a-1-2": list(range(5000)), "a-2-2": list(range(10)), "a-3-2": list(range(40))}
    # What comes once some are taken waits for one job of each project, not for all of them.
    taken = [take(redis, "annotate") for _ in range(6)]
    assert len(set(taken)) == 6
    queues.enqueue_annotate(redis, "a-4-2", [replace(one, media="z") for one in many[:10]])
    assert [job.kwargs["project"] for job in jobs(redis, "annotate")[:3]] == ["a-3-2", "a-1-2", "a-4-2"]


def test_what_people_did_goes_before_the_looks_at_projects(redis, monkeypatch, tmp_path):
    for name in ("p", "q", "r"):
        queues.enqueue_reconcile(redis, name)
    queues.enqueue_renew(redis, "q", [1])
    queues.enqueue_reconcile(redis, "s")
    search = lookups.begin(redis, Storage(tmp_path, tmp_path), "p", kind="image", file="a.jpg", data=b"a")
    [opened] = queues.enqueue_annotate(redis, "r", TASKS[:1], queue=queues.INTERACTIVE).jobs
    urgent = ["renew-q", lookups.job_of("p", search.name), opened]
    looks = [f"reconcile-{name}" for name in ("p", "q", "r", "s")]
    assert [job.kwargs["job"] for job in jobs(redis, "interactive")] == [*urgent, *looks]
    assert queues.awaited(redis) == 3
    # So does the next try of one whose process died.
    outlive_grace(monkeypatch)
    take(redis, "interactive")
    queues.sweep(redis)
    assert [job.kwargs["job"] for job in jobs(redis, "interactive")] == [*urgent[1:], urgent[0], *looks]


def test_the_next_try_of_a_dead_job_takes_its_turn_too(redis, monkeypatch):
    outlive_grace(monkeypatch)
    queues.enqueue_annotate(redis, "q", TASKS[:1])
    take(redis, "annotate")
    queues.enqueue_annotate(redis, "p", TASKS)
    queues.sweep(redis)
    assert [job.kwargs["project"] for job in jobs(redis, "annotate")] == ["p", "q", "p", "p"]


def test_sweep_leaves_waiting_and_running_jobs_alone(redis, monkeypatch):
    outlive_grace(monkeypatch)
    queues.enqueue_annotate(redis, "p", TASKS)
    with Lease(redis, take(redis, "annotate")):
        assert queues.sweep(redis) == []
    assert len(jobs(redis, "annotate")) == 2
    assert queues.sweep(redis) == []


def test_job_of_a_dead_process_is_queued_again_once_with_its_arguments(redis):
    queues.enqueue_annotate(redis, "p", TASKS[:3])
    job = take(redis, "annotate")
    dead = Lease(redis, job, ttl=0.05)
    dead.acquire()
    dead._stop.set()  # a process that was killed renews nothing
    while redis.exists(leases.key(job)):
        pass
    barrier, again = threading.Barrier(4), []

    def sweep() -> None:
        barrier.wait()
        again.extend(queues.sweep(redis))

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert again == [job]
    (waiting,) = jobs(redis, "annotate")
    assert waiting.kwargs == {"project": "p", "tasks": [1, 2, 3], "job": job}
    assert queues.exists(redis, job)
    assert queues.enqueue_annotate(redis, "p", TASKS[:3]).skipped == {"queued": 3}


def test_job_that_just_left_its_queue_gets_time_to_begin(redis, monkeypatch):
    queues.enqueue_annotate(redis, "p", TASKS[:1])
    job = take(redis, "annotate")
    assert queues.sweep(redis) == []
    outlive_grace(monkeypatch)
    assert queues.sweep(redis) == [job]  # it never began: its worker died between queue and lease


def test_time_in_the_queue_is_no_sign_of_death(redis):
    redis.hset(leases.MISSED, "old", 1)
    queues.enqueue_annotate(redis, "p", TASKS[:1])
    (job,) = (waiting.kwargs["job"] for waiting in jobs(redis, "annotate"))
    redis.hset(leases.MISSED, job, 1)  # seen between listing and queueing, long ago
    queues.sweep(redis)
    take(redis, "annotate")
    assert queues.sweep(redis) == []


def test_job_that_keeps_killing_its_worker_is_given_up(redis, monkeypatch):
    outlive_grace(monkeypatch)
    states = TaskStates(redis, "p")
    queues.enqueue_annotate(redis, "p", TASKS[:2])
    for _ in range(queues.MAX_TRIES - 1):
        job = take(redis, "annotate")
        states.processing(TASKS[0], job)
        assert queues.sweep(redis) == [job]
    take(redis, "annotate")
    assert queues.sweep(redis) == []
    assert not queues.exists(redis, job)
    assert states.get(TASKS[0]).state == FAILED
    assert "died 5 times" in states.get(TASKS[0]).reason
    assert states.get(TASKS[1]) is None  # never begun: free to be queued anew
    assert "died 5 times" in history.read(redis, "p")[0].outcome
    assert queues.enqueue_annotate(redis, "p", TASKS[:2]).tasks == (2,)


def test_a_training_that_keeps_killing_its_worker_says_so(redis, monkeypatch):
    outlive_grace(monkeypatch)
    imports.note(redis, "p", [1, 2])
    queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    for _ in range(queues.MAX_TRIES):
        job = take(redis, "train")
        TrainingProgress(redis, "p").begin(job, "Start Training was pressed.")
        queues.sweep(redis)
    status = trainings.read(redis, "p")
    assert status.outcome == history.read(redis, "p")[0].outcome
    assert "died 5 times" in status.outcome and not status.succeeded
    assert trainings.past(redis, "p") == [status]
    assert imports.waiting(redis, "p").tried == 2  # nothing was learnt from them
    assert queues.enqueue_retrain(redis, "p", "Start Training was pressed.").jobs


def test_deaths_count_only_while_a_job_gets_no_further(redis, monkeypatch):
    outlive_grace(monkeypatch)
    queues.enqueue_retrain(redis, "p", "Start Training was pressed.")
    for number in range(3 * queues.MAX_TRIES):
        job = take(redis, "train")
        if number % 3 == 0:
            jobs_module.progressed(redis, job)
        else:
            jobs_module.excuse(redis, job)  # it was asked to stop, as at each update of the software
        assert queues.sweep(redis) == [job]


def test_one_look_at_a_project_at_a_time(redis):
    assert queues.enqueue_reconcile(redis, "p").jobs
    assert not queues.enqueue_reconcile(redis, "p").jobs
    assert [job.func_name for job in jobs(redis, "interactive")] == [queues.RECONCILE_JOB]


def test_large_import_is_queued_whole(redis):
    many = [replace(FIRST, task=number) for number in range(5000)]
    assert len(queues.enqueue_annotate(redis, "p", many).tasks) == 5000
    assert TaskStates(redis, "p").counts()[QUEUED] == 5000


@pytest.mark.parametrize("path", [queues.ANNOTATE_JOB, queues.RETRAIN_JOB, queues.RECONCILE_JOB])
def test_named_jobs_exist_and_take_what_they_are_given(path):
    import ast
    from pathlib import Path

    module, _, function = path.rpartition(".")
    tree = ast.parse((Path(queues.__file__).parents[1] / f"{module.replace('.', '/')}.py").read_text())
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    assert {argument.arg for argument in found.args.kwonlyargs} >= {"project", "job"}
