"""A running job: its project and its lease, and a told end whatever happens."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

from backend import history, jobs, metrics, redis_server, settings
from backend.leases import Lease, LeaseLost
from training_jobs.processes import Stopped
from training_jobs.project import Project

DEVICE = "EARMARK_DEVICE"
"""Variable by which a worker tells its jobs where to run the networks."""

QUEUES = "EARMARK_WORKER_QUEUES"
"""Variable by which a worker tells its jobs from which queues it takes them, the first of them first, by commas."""

log = logging.getLogger(__name__)


@contextmanager
def running(project: str, job: str) -> Iterator[tuple[Project, Lease]]:
    """Hold a job's lease for the block, and open its project.

    A job that is stopped, or has lost its lease, stays on the sweep's list, to be queued again. Any other exception
    ends it: the history says why, and the exception goes on to rq.

    Raises:
        LeaseHeld: another living process runs this job.
    """
    now = settings.load()
    with redis_server.connect(now) as redis, Lease(redis, job) as lease, metrics.timed(redis, job):
        try:
            with closing(Project.open(project, now, redis)) as opened:
                yield opened, lease
        except Stopped:
            jobs.excuse(redis, job)
            lease.release(finished=False)
            raise
        except LeaseLost:
            raise
        except Exception as error:
            history.note(redis, project, job, f"Ended without success: {error}")
            raise
