"""The annotate job: every task gets its prediction or its reason, once."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from backend import jobs, leases, lookups, queues
from backend.identity import PredictionIdentity
from backend.tasks import DONE, FAILED
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs import annotating
from training_jobs.annotating import annotate
from training_jobs.project import Project
from training_jobs.running import QUEUES


def queue(project: Project, label_studio: FakeLabelStudio, *tasks: int) -> str:
    """Queue tasks as a webhook does; the job's name."""
    rows = [label_studio.row(task) for task in tasks]
    identities = [project.identify(row, project.version) for row in rows]
    return queues.enqueue_annotate(project.redis, str(project), identities).jobs[0]


def work(project: Project, label_studio: FakeLabelStudio, *tasks: int) -> dict[str, int]:
    """Queue tasks and run their job."""
    return annotate(project=str(project), tasks=list(tasks), job=queue(project, label_studio, *tasks))


def record(project: Project, label_studio: FakeLabelStudio, task: int):
    """What is known of a task's prediction."""
    return project.states.get(project.identify(label_studio.row(task), project.version))


def test_delivers_one_prediction_of_the_current_version(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    assert work(project, label_studio, task) == {"delivered": 1}
    [prediction] = label_studio.of(task)
    assert prediction["model_version"] == project.version
    kinds = {item["type"] for item in prediction["result"]}
    assert {"videorectangle", "timelinelabels"} <= kinds
    assert record(project, label_studio, task).state == DONE
    assert not queues.exists(project.redis, "annotate")


def test_a_bad_video_is_told_and_the_others_go_on(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"this is no video" * 100)
    broken = label_studio.add_task(tmp_path / "broken.mp4")
    missing = label_studio.add_task(None)
    good = label_studio.add_task(sounding_clip)
    assert work(project, label_studio, broken, missing, good) == {"failed": 2, "delivered": 1}
    assert label_studio.of(broken) == label_studio.of(missing) == []
    for task in (broken, missing):
        known = record(project, label_studio, task)
        assert known.state == FAILED
        assert known.reason and "\n" not in known.reason
    # What failed is not tried again by itself.
    again = queues.enqueue_annotate(
        project.redis, str(project), [project.identify(label_studio.row(broken), project.version)]
    )
    assert not again.jobs


def test_the_newest_older_prediction_is_rewritten_and_those_before_it_go(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    label_studio.add_prediction(task, "earmark-000000000001")
    opened = label_studio.add_prediction(task, "earmark-000000000002")  # and perhaps in somebody's editor
    foreign = label_studio.add_prediction(task, "another-model")
    work(project, label_studio, task)
    assert {row["id"]: row["model_version"] for row in label_studio.of(task)} == {
        opened: project.version,
        foreign: "another-model",
    }


def test_a_labelled_task_with_a_prediction_is_left_alone(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip, "bell")
    label_studio.add_prediction(task, "earmark-000000000001")
    before = label_studio.row(task)
    assert work(project, label_studio, task) == {"labelled": 1}
    assert label_studio.row(task) == before
    assert label_studio.writes() == []


def test_a_labelled_task_without_prediction_gets_one(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip, "bell")
    assert work(project, label_studio, task) == {"delivered": 1}
    assert len(label_studio.of(task)) == 1


def test_the_nearest_labelled_clip_gives_the_choice(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    # The same clip twice: whatever the network knows, they are alike.
    unlabelled = label_studio.add_task(sounding_clip)
    label_studio.add_task(sounding_clip, "drum")
    work(project, label_studio, unlabelled)
    [choice] = [item for item in label_studio.of(unlabelled)[0]["result"] if item["type"] == "choices"]
    assert choice["value"]["choices"] == ["drum"]
    assert choice["score"] > 0.99


def test_a_claim_of_predict_is_respected(project: Project, label_studio: FakeLabelStudio, sounding_clip: Path) -> None:
    task = label_studio.add_task(sounding_clip)
    project.states.claim(project.identify(label_studio.row(task), project.version), "predict-1")
    assert work(project, label_studio, task) == {"claimed": 1}
    assert label_studio.of(task) == []
    assert record(project, label_studio, task).state == DONE


def test_what_label_studio_does_not_take_is_kept(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    label_studio.fail = lambda call: call.startswith("POST")
    assert work(project, label_studio, task) == {"kept": 1}
    known = record(project, label_studio, task)
    assert known.state == DONE
    assert known.prediction["result"]
    assert project.states.claimed(project.identify(label_studio.row(task), project.version)) is None


def test_a_job_run_again_after_its_push_writes_nothing_twice(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    task = label_studio.add_task(sounding_clip)
    job = queue(project, label_studio, task)
    annotate(project=str(project), tasks=[task], job=job)
    written = label_studio.writes()
    annotate(project=str(project), tasks=[task], job=job)
    assert label_studio.writes() == written
    assert len(label_studio.of(task)) == 1


def test_a_deleted_task_is_forgotten(project: Project, label_studio: FakeLabelStudio, sounding_clip: Path) -> None:
    kept, gone = label_studio.add_task(sounding_clip), label_studio.add_task(sounding_clip)
    job = queue(project, label_studio, kept, gone)
    row = label_studio.tasks.pop(gone)
    assert annotate(project=str(project), tasks=[kept, gone], job=job) == {"delivered": 1}
    assert project.states.get(project.identify(row, project.version)) is None


def test_neither_token_nor_secret_reaches_redis(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path, redis: Redis
) -> None:
    work(project, label_studio, label_studio.add_task(sounding_clip))
    secrets = [project.settings.label_studio_token, project.settings.secret]
    stored = b"".join(redis.dump(key) or b"" for key in redis.scan_iter())
    assert stored
    for secret in secrets:
        assert secret is not None
        assert secret.get_secret_value().encode() not in stored


def between(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have something happen while the job is at its first task."""
    one = annotating._Batch._one
    done: list[str] = []

    def and_do(self, task) -> str:
        done.append(one(self, task))
        if len(done) == 1:
            do()
        return done[-1]

    monkeypatch.setattr(annotating._Batch, "_one", and_do)


def take(project: Project) -> dict[str, int]:
    """Do what a worker does with the first of the queue."""
    waiting = jobs.rq_queue(project.redis, queues.ANNOTATE)
    job = waiting.get_jobs()[0]
    waiting.remove(job)
    return annotate(**job.kwargs)


@pytest.fixture
def three(project: Project, label_studio: FakeLabelStudio, sounding_clip: Path) -> list[int]:
    """Three tasks in the first of two queued jobs; the second is another project's."""
    tasks = [label_studio.add_task(sounding_clip) for _ in range(3)]
    queue(project, label_studio, *tasks)
    other = PredictionIdentity(1, "media", "config", project.version)
    queues.enqueue_annotate(project.redis, "another-1-1", [other])
    return tasks


def somebody_searches(project: Project) -> None:
    """Drop a file on the page."""
    files = project.settings.open_storage()
    lookups.begin(project.redis, files, str(project), kind="image", file="x.png", data=b"x")


def test_a_job_makes_way_for_somebody_who_waits_and_nothing_is_lost_or_done_twice(
    project: Project, label_studio: FakeLabelStudio, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(QUEUES, "interactive,annotate,train")
    beat(project.redis, busy="interactive,annotate,train")
    between(monkeypatch, lambda: somebody_searches(project))
    assert take(project) == {"delivered": 1, "handed back": 2}
    assert project.states.counts() == {"queued": 2, "processing": 0, "done": 1, "failed": 0}
    first, second = jobs.rq_queue(project.redis, queues.ANNOTATE).get_jobs()
    assert (first.kwargs["project"], first.kwargs["tasks"]) == (str(project), three[1:])  # before the other's
    assert {record(project, label_studio, task).job for task in three[1:]} == {first.kwargs["job"]}
    assert {jobs.as_text(name) for name in project.redis.hkeys(leases.JOBS)} >= {
        first.kwargs["job"],
        second.kwargs["job"],
    }
    assert queues.sweep(project.redis) == []
    # The search still waits: each job that is taken all the same does one task at least.
    assert take(project) == {"delivered": 1, "handed back": 1}
    assert take(project) == {"delivered": 1}
    assert [len(label_studio.of(task)) for task in three] == [1, 1, 1]


@pytest.mark.parametrize(
    ("taken", "others"),
    [
        ("interactive,annotate", {"idle": "interactive"}),  # who takes it at once
        ("annotate", {}),  # ending would help nobody
        ("annotate,interactive", {}),  # nor here: what is handed back comes first
    ],
)
def test_a_job_does_not_make_way_where_that_helps_nobody(
    project: Project, three: list[int], monkeypatch: pytest.MonkeyPatch, taken: str, others: dict[str, str]
) -> None:
    monkeypatch.setenv(QUEUES, taken)
    beat(project.redis, busy=taken, **others)
    between(monkeypatch, lambda: somebody_searches(project))
    assert take(project) == {"delivered": 3}


def test_a_job_does_not_make_way_for_what_nobody_waits_for(
    project: Project, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(QUEUES, "interactive,annotate")
    between(monkeypatch, lambda: queues.enqueue_reconcile(project.redis, str(project)))
    assert take(project) == {"delivered": 3}


def test_a_version_that_is_taken_back_annotates_nothing_more(
    project: Project,
    label_studio: FakeLabelStudio,
    three: list[int],
    tiny_version: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = project.version
    project.redis.flushdb()
    work(project, label_studio, *three[:2])
    jobs.rq_queue(project.redis, queues.ANNOTATE).empty()
    project.versions.promote(str(project), project.versions.add(tiny_version))
    queue(project, label_studio, *three)
    between(monkeypatch, lambda: project.versions.rollback(str(project)))
    assert take(project) == {"delivered": 1, "handed back": 1}  # the second has its prediction of the former version
    assert project.version == before
    assert project.states.counts() == {"queued": 1, "processing": 0, "done": 2, "failed": 0}
    assert [row["model_version"] for row in label_studio.of(three[1])] == [before]
    assert take(project) == {"delivered": 1}
    assert [row["model_version"] for row in label_studio.of(three[2])] == [before]
    assert project.states.counts()["done"] == 3


def beat(redis: Redis, **taking: str) -> None:
    """Workers by their state, "idle" or "busy", with the queues they take from, as rq keeps them."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for state, names in taking.items():
        redis.sadd("rq:workers", f"rq:worker:{state}")
        redis.hset(
            f"rq:worker:{state}",
            mapping={"queues": names, "last_heartbeat": at, "state": state, "hostname": "here"},
        )
