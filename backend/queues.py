"""Queues: how work reaches the workers. Jobs are named by dotted path, so nothing of them is imported here."""

import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from redis import Redis
from rq import Queue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from backend import history, leases, relabelled
from backend.identity import PredictionIdentity
from backend.tasks import DONE, FAILED, TaskStates

log = logging.getLogger(__name__)

INTERACTIVE, ANNOTATE, TRAIN = "interactive", "annotate", "train"
BATCH = 16  # tasks in one annotate job: the model is loaded once for them
MAX_TRIES = 5  # a job whose process died this often is given up
START_GRACE = 30.0  # seconds from leaving the queue to holding the lease, before a worker counts as dead
RESULT_KEPT, FAILURE_KEPT = 3600, 24 * 3600  # seconds rq remembers a job after its end

ANNOTATE_TIMEOUT = 3600.0  # seconds a batch may take: minutes of video on a slow machine, and no forever
RETRAIN_TIMEOUT = 24 * 3600.0
RECONCILE_TIMEOUT = 900.0

ANNOTATE_JOB = "training_jobs.annotating.annotate"  # (*, project: str, tasks: list[int], job: str)
RETRAIN_JOB = "training_jobs.retraining.retrain"  # (*, project: str, trigger: str, job: str, minutes: float = ...)
RECONCILE_JOB = "training_jobs.reconciling.reconcile"  # (*, project: str, job: str)
RENEW_JOB = "training_jobs.renewing.renew"  # (*, project: str, job: str)


@dataclass(frozen=True)
class Enqueued:
    """What a request for work led to."""

    jobs: tuple[str, ...] = ()
    """Names of the jobs queued; empty when none was."""
    tasks: tuple[int, ...] = ()
    """Tasks in them."""
    reason: str = ""
    """One sentence: what was queued, or why nothing was."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Tasks not queued, by the state that made it needless."""


@dataclass(frozen=True)
class _Spec:
    """What queues a job, now and again after its process died."""

    queue: str
    function: str
    timeout: float
    kwargs: dict[str, object]
    tries: int = 1

    def data(self, job: str) -> EnqueueData:
        """What rq needs to queue it."""
        return Queue.prepare_data(
            self.function,
            kwargs={**self.kwargs, "job": job},
            timeout=round(self.timeout),
            result_ttl=RESULT_KEPT,
            failure_ttl=FAILURE_KEPT,
            # Each try has an rq id of its own: what rq still notes about a dead try must not touch the next.
            job_id=_rq_id(job, self.tries),
            description=job,
        )

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


def enqueue(redis: Redis, queue: str, function: str, *, job: str, timeout: float, kwargs: dict[str, object]) -> bool:
    """Queue `function(**kwargs, job=job)` unless a job of this name is queued or running; whether it was.

    `timeout` is the longest it may run, seconds; `kwargs` must be JSON. The job stays on the sweep's list until its
    Lease is released.
    """
    spec = _Spec(queue, function, timeout, kwargs)
    # Listed first: should this process die before the push, the sweep queues the job.
    if not redis.hsetnx(leases.JOBS, job, spec.text):
        return False
    _queue(redis, queue).enqueue_many([spec.data(job)])
    return True


def enqueue_annotate(
    redis: Redis,
    project: str,
    identities: Iterable[PredictionIdentity],
    *,
    queue: str = ANNOTATE,
    retry_failed: bool = False,
) -> Enqueued:
    """Queue these tasks in batches of BATCH and mark them queued.

    Skipped are those done, failed (unless `retry_failed`), or queued or processing under a job that still exists.
    """
    identities = list(dict.fromkeys(identities))
    # Label Studio asks twice at once when a task is opened: looking and marking must not interleave.
    with redis.lock(f"earmark:{project}:enqueue", timeout=30, blocking_timeout=10):
        return _enqueue_annotate(redis, project, identities, queue, retry_failed)


def enqueue_retrain(redis: Redis, project: str, trigger: str, *, minutes: float | None = None) -> Enqueued:
    """Queue a training of `project` because of `trigger` (one sentence); at most one is queued or running.

    `minutes` is its budget, where it is not to be the one of the worker's settings.
    """
    job = f"retrain-{project}"
    kwargs: dict[str, object] = {"project": project, "trigger": trigger}
    if minutes is not None:
        kwargs["minutes"] = minutes
    if not enqueue(redis, TRAIN, RETRAIN_JOB, job=job, timeout=RETRAIN_TIMEOUT, kwargs=kwargs):
        return Enqueued(reason="A training of this project is already queued or running.")
    redis.delete(_imports(project))
    return Enqueued((job,), reason=f"Training queued: {trigger}")


def note_imports(redis: Redis, project: str, tasks: Iterable[int]) -> int:
    """Count these tasks as imported since the last training; how many there are now. Telling twice counts once."""
    tasks = list(tasks)
    if tasks:
        redis.sadd(_imports(project), *tasks)
    return redis.scard(_imports(project))


def forget_imports(redis: Redis, project: str, tasks: Iterable[int]) -> None:
    """Take these tasks off the count: a training has them in."""
    tasks = list(tasks)
    if tasks:
        redis.srem(_imports(project), *tasks)


def enqueue_retrain_if_due(redis: Redis, project: str, after: int) -> Enqueued:
    """Queue a training when at least `after` tasks were imported since the last one."""
    imports = redis.scard(_imports(project))
    if imports < after:
        return Enqueued(reason=f"{imports} of the {after} new imports that start a training.")
    return enqueue_retrain(redis, project, f"{_count(imports, 'new import')} since the last training.")


def enqueue_reconcile(redis: Redis, project: str) -> Enqueued:
    """Queue a look at everything of `project`; at most one is queued or running."""
    job = f"reconcile-{project}"
    if not enqueue(redis, INTERACTIVE, RECONCILE_JOB, job=job, timeout=RECONCILE_TIMEOUT, kwargs={"project": project}):
        return Enqueued(reason="The project is already being looked through.")
    return Enqueued((job,), reason="The project will be looked through.")


def enqueue_renew(redis: Redis, project: str, tasks: Iterable[int]) -> Enqueued:
    """Have the suggestions of `project` looked at, since people changed the annotations of `tasks`.

    At most one look is queued or running; one that runs takes up what is noted meanwhile.
    """
    tasks = list(tasks)
    relabelled.note(redis, project, tasks)
    job = f"renew-{project}"
    if not enqueue(redis, INTERACTIVE, RENEW_JOB, job=job, timeout=RECONCILE_TIMEOUT, kwargs={"project": project}):
        return Enqueued(reason="Its suggestions are already being looked at.")
    return Enqueued((job,), tuple(tasks), "Its suggestions will be looked at.")


def exists(redis: Redis, job: str) -> bool:
    """Whether `job` is queued, running, or waiting to be queued again."""
    return bool(redis.hexists(leases.JOBS, job))


def workers(redis: Redis) -> int:
    """Number of workers that are registered."""
    return redis.scard("rq:workers")


def waiting(redis: Redis, queue: str) -> int:
    """Number of jobs waiting in `queue`."""
    return _queue(redis, queue).count


_TAKE = """
if redis.call("EXISTS", KEYS[1]) == 1 or redis.call("HGET", KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == "" then
  redis.call("HDEL", KEYS[2], ARGV[1])
else
  redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
end
redis.call("HDEL", KEYS[3], ARGV[1])
return 1
"""


def sweep(redis: Redis) -> list[str]:
    """Queue again, exactly once, the jobs whose process died; their names. Cheap: every worker calls it often.

    A job is dead when no process holds its lease and it is in no queue: at once if it held a lease before, after
    START_GRACE if it never did. One that died MAX_TRIES times is given up, and the task it was at is failed.
    """
    listed = redis.hgetall(leases.JOBS)
    if not listed:
        return []
    queued = {name for queue in (INTERACTIVE, ANNOTATE, TRAIN) for name in _queue(redis, queue).job_ids}
    again = []
    for name, text in listed.items():
        job, spec = _text(name), _Spec(**json.loads(text))
        if _rq_id(job, spec.tries) in queued:
            redis.hdel(leases.MISSED, job)
            continue
        if redis.exists(leases.key(job)) or not _dead(redis, job):
            continue
        retry = replace(spec, tries=spec.tries + 1)
        given_up = spec.tries >= MAX_TRIES
        keys = [leases.key(job), leases.JOBS, leases.MISSED]
        # Only one sweep sees the entry unchanged, so only one queues the job.
        if not redis.eval(_TAKE, 3, *keys, job, text, "" if given_up else retry.text):
            continue
        if given_up:
            _give_up(redis, job, spec)
        else:
            log.warning("%s: its process died; try %d is queued", job, retry.tries)
            _queue(redis, retry.queue).enqueue_many([retry.data(job)])
            again.append(job)
    return again


def _dead(redis: Redis, job: str) -> bool:
    """Whether a job that is in no queue and holds no lease has died, rather than not begun yet."""
    redis.hsetnx(leases.MISSED, job, time.time())
    missed = redis.hget(leases.MISSED, job)
    return missed is not None and time.time() - float(missed) > START_GRACE


def _give_up(redis: Redis, job: str, spec: _Spec) -> None:
    project, tasks = str(spec.kwargs.get("project")), spec.kwargs.get("tasks")
    reason = f"The worker's process died {spec.tries} times on this; it is not tried again by itself."
    if isinstance(tasks, list):
        TaskStates(redis, project).abandon(tasks, job, reason)
    history.note(redis, project, job, reason)


def _queue(redis: Redis, name: str) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def _rq_id(job: str, tries: int) -> str:
    return f"{job}-try{tries}"


def _imports(project: str) -> str:
    return f"earmark:{project}:imports"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _enqueue_annotate(
    redis: Redis, project: str, identities: list[PredictionIdentity], queue: str, retry_failed: bool
) -> Enqueued:
    states = TaskStates(redis, project)
    listed = {_text(name) for name in redis.hkeys(leases.JOBS)}
    wanted, skipped = [], Counter[str]()
    for identity, record in zip(identities, states.get_many(identities), strict=True):
        needless = record is not None and (
            record.state == DONE
            or (record.state == FAILED and not retry_failed)
            or (record.job is not None and record.job in listed)
        )
        if record is not None and needless:
            skipped[record.state] += 1
        else:
            wanted.append(identity)
    jobs: dict[str, _Spec] = {}
    with redis.pipeline() as pipe:
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            job = f"annotate-{project}-{secrets.token_hex(6)}"
            kwargs: dict[str, object] = {"project": project, "tasks": [identity.task for identity in batch]}
            jobs[job] = _Spec(queue, ANNOTATE_JOB, ANNOTATE_TIMEOUT, kwargs)
            states.queued(batch, job, pipe)
            pipe.hset(leases.JOBS, job, jobs[job].text)
        pipe.execute()
    if jobs:
        _queue(redis, queue).enqueue_many([spec.data(job) for job, spec in jobs.items()])
    reason = f"{_count(len(wanted), 'task')} queued for annotation in {_count(len(jobs), 'job')}."
    if not wanted:
        known = ", ".join(f"{number} {state}" for state, number in sorted(skipped.items()))
        reason = f"No task to annotate: {known}." if known else "No task to annotate."
    return Enqueued(tuple(jobs), tuple(identity.task for identity in wanted), reason, dict(skipped))
