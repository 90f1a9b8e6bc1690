"""A running job: what becomes of its lease and its place on the list, however it ends."""

import pytest

from backend import history, leases, queues
from backend.label_studio import LabelStudioError
from backend.leases import Lease, LeaseHeld, LeaseLost
from training_jobs.processes import Stopped
from training_jobs.project import Project
from training_jobs.running import running


@pytest.fixture
def job(project: Project) -> str:
    """A job that was queued."""
    [name] = queues.enqueue_reconcile(project.redis, str(project)).jobs
    return name


def held(project: Project, job: str) -> bool:
    """Whether a process holds the job's lease."""
    return bool(project.redis.exists(leases.key(job)))


def test_a_job_that_ends_leaves_the_list(project: Project, job: str) -> None:
    with running(str(project), job) as (opened, lease):
        assert str(opened) == str(project)
        lease.check()
        assert held(project, job)
    assert not held(project, job)
    assert not queues.exists(project.redis, job)


@pytest.mark.parametrize("end", [Stopped(), LeaseLost("Another runs it.")])
def test_a_job_that_is_broken_off_stays_to_be_queued_again(project: Project, job: str, end: BaseException) -> None:
    with pytest.raises(type(end)), running(str(project), job):
        raise end
    assert not held(project, job)
    assert queues.exists(project.redis, job)


def test_a_job_that_fails_says_why_and_is_over(project: Project, job: str) -> None:
    with pytest.raises(LabelStudioError), running(str(project), job):
        raise LabelStudioError("Label Studio does not answer.")
    assert not queues.exists(project.redis, job)
    assert "Label Studio does not answer." in history.read(project.redis, str(project))[0].outcome


def test_a_project_of_another_label_studio_is_refused(project: Project, job: str) -> None:
    with pytest.raises(Exception, match="does not belong"), running("0123abcd-1-1", job):
        pass
    assert not queues.exists(project.redis, job)


def test_two_processes_never_run_one_job(project: Project, job: str) -> None:
    with Lease(project.redis, job), pytest.raises(LeaseHeld), running(str(project), job):
        pass
    assert not held(project, job)
