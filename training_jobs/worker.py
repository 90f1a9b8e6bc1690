"""The worker: takes jobs off the queues, one child process each, and queues again what died with another worker."""

import contextlib
import logging
import math
import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from backend import handover, queues
from training_jobs.processes import Stopped, die_with_parent, stop_on_sigterm
from training_jobs.running import QUEUES

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3  # between two looks for dead jobs, idle or busy
STOP_SECONDS = 5.0  # a job that was asked to stop may take this long before it is killed


class JobWorker(Worker):
    """An rq worker that needs no registry to notice deaths.

    Each job runs in a child process that holds the job's lease and dies with this one. Idle and busy workers alike
    sweep the leases, so the job of a killed worker runs again while any worker lives or as soon as one is started.
    The parent imports what the children need, and runs none of it: threads of torch or LanceDB would not survive
    the fork.
    """

    log_result_lifespan = False

    def __init__(self, names: Sequence[str], redis: Redis, **options: Any) -> None:
        """A worker of these queues, the first of them first."""
        found = [Queue(name, connection=redis, serializer=JSONSerializer) for name in names]
        super().__init__(
            found,
            connection=redis,
            serializer=JSONSerializer,
            # rq waits for a job 15 s less than this; it looks after a running one at the second interval.
            worker_ttl=15 + SWEEP_SECONDS,
            job_monitoring_interval=SWEEP_SECONDS,
            **options,
        )
        self._swept = -math.inf
        self._stop_by: float | None = None

    @property
    def asked_to_stop(self) -> bool:
        """Whether a signal asked this worker to stop, rather than something that went wrong."""
        return self._stop_by is not None

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell rq that this worker lives, and look for jobs of those that do not."""
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as error:  # away for a moment: the worker and its job outlive that
            log.warning("Redis does not answer: %s", error)
        if not self.is_horse:
            self.sweep()

    def run_maintenance_tasks(self) -> None:
        """Sweep before rq cleans its registries: a job whose worker died is queued again, not failed."""
        self.sweep()
        super().run_maintenance_tasks()

    def sweep(self) -> None:
        """Queue again the jobs whose process died; at most every SWEEP_SECONDS."""
        if time.monotonic() - self._swept < SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        try:
            queues.sweep(self.connection)
            handover.look(self.connection)
        except RedisError as error:  # away for a moment: rq waits for it, and the next sweep finds the same
            log.warning("The leases could not be looked through: %s", error)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Start the job's process. SIGTERM waits until the child has its own handler for it."""
        self._parent = os.getpid()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        try:
            super().fork_work_horse(job, queue)
            # As the child does itself: whichever comes first, signals to its group never reach this process.
            with contextlib.suppress(OSError):
                os.setpgid(self.horse_pid, self.horse_pid)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child process: from its first line on it dies with the worker."""
        die_with_parent(self._parent)
        os.environ[QUEUES] = ",".join(self.queue_names())
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """SIGTERM makes the job leave its work to another worker."""
        stop_on_sigterm()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A job that was stopped goes on elsewhere: that is no error, and wants no traceback."""
        if exc_info and exc_info[0] is Stopped:
            self.log.info("%s was stopped, and is left to another worker", job.description)
            return
        super().handle_exception(job, *exc_info)

    def handle_warm_shutdown_request(self) -> None:
        """Asked to stop: the job is asked too, and killed if it does not."""
        super().handle_warm_shutdown_request()
        self._stop_by = time.monotonic() + STOP_SECONDS
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Every SWEEP_SECONDS while a job runs."""
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            log.warning("Redis does not answer: %s", error)
        if self._stop_by is not None and time.monotonic() > self._stop_by:
            self.kill_horse()
