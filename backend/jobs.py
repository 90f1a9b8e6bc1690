"""Jobs: named work in rq's queues, at most one of a name, queued again when its process dies.

Jobs are named by dotted path, so nothing of them is imported here.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from redis import Redis
from rq import Queue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from backend import leases, metrics

log = logging.getLogger(__name__)

INTERACTIVE, ANNOTATE, TRAIN = "interactive", "annotate", "train"
QUEUES = (INTERACTIVE, ANNOTATE, TRAIN)
LOOK = "reconcile-"  # beginning of the names of jobs that look at a whole project
OWN_ACCORD = (LOOK, "samples-")  # and of all interactive ones that nobody sits and waits for
MAX_TRIES = 5  # a job whose process died this often without getting any further is given up
START_GRACE = 30.0  # seconds from leaving the queue to holding the lease, before a worker counts as dead
RESULT_KEPT, FAILURE_KEPT = 3600, 24 * 3600  # seconds rq remembers a job after its end


@dataclass(frozen=True)
class Spec:
    """What queues a job, now and again after its process died.

    Attributes:
        queue: name of its queue.
        function: its dotted path.
        timeout: the longest it may run, seconds.
        kwargs: its arguments but for `job`; JSON.
        tries: how often it was queued.
        deaths: processes that died on it since it last got further.
        excused: whether the process that has it was asked to stop: its end is no death.
    """

    queue: str
    function: str
    timeout: float
    kwargs: dict[str, object]
    tries: int = 1
    deaths: int = 0
    excused: bool = False

    def data(self, job: str, *, front: bool = False) -> EnqueueData:
        """What rq needs to queue it, at the end or the front of its queue."""
        return Queue.prepare_data(
            self.function,
            kwargs={**self.kwargs, "job": job},
            timeout=round(self.timeout),
            result_ttl=RESULT_KEPT,
            failure_ttl=FAILURE_KEPT,
            job_id=self.rq_id(job),
            description=job,
            at_front=front,
        )

    def rq_id(self, job: str) -> str:
        """Each try has an rq id of its own: what rq still notes about a dead try must not touch the next."""
        return f"{job}-try{self.tries}"

    @property
    def text(self) -> str:
        """As the list of jobs holds it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class GivenUp:
    """A job that is not queued again by itself."""

    job: str
    spec: Spec
    reason: str
    """One sentence."""


def enqueue(redis: Redis, queue: str, function: str, *, job: str, timeout: float, kwargs: dict[str, object]) -> bool:
    """Queue `function(**kwargs, job=job)` unless a job of this name is queued or running; whether it was.

    `timeout` is the longest it may run, seconds; `kwargs` must be JSON. The job stays on the sweep's list until its
    Lease is released.
    """
    spec = Spec(queue, function, timeout, kwargs)
    # Listed first: should this process die before the push, the sweep queues the job.
    if not redis.hsetnx(leases.JOBS, job, spec.text):
        return False
    push(redis, queue, {job: spec})
    return True


# Projects take turns in a waiting list: the first job of each in the order they came, then the second of each, and so
# on. ids are "annotate-<project>-<12 hex>-try<n>".
_DEAL = """
local ids = redis.call("LRANGE", KEYS[1], 0, -1)
local hands, order, most = {}, {}, 0
for _, id in ipairs(ids) do
  local whose = string.match(id, "^(.*)%-%x+%-try%d+$") or id
  if not hands[whose] then
    hands[whose] = {}
    order[#order + 1] = whose
  end
  local hand = hands[whose]
  hand[#hand + 1] = id
  most = math.max(most, #hand)
end
if #order < 2 then return 0 end
redis.call("DEL", KEYS[1])
for turn = 1, most do
  for _, whose in ipairs(order) do
    if hands[whose][turn] then redis.call("RPUSH", KEYS[1], hands[whose][turn]) end
  end
end
return #order
"""


# What somebody waits for, in the order it came; then the looks at whole projects, in theirs.
_LOOKS_LAST = """
local moved = 0
for _, id in ipairs(redis.call("LRANGE", KEYS[1], 0, -1)) do
  if string.sub(id, 1, string.len(ARGV[1])) == ARGV[1] then
    redis.call("LREM", KEYS[1], 1, id)
    redis.call("RPUSH", KEYS[1], id)
    moved = moved + 1
  end
end
return moved
"""


def push(redis: Redis, queue: str, jobs: Mapping[str, Spec], *, front: bool = False) -> None:
    """Put listed jobs into their queue, at its end or its front.

    Of the interactive ones the looks at whole projects, which the poll queues for each, are behind what people did and
    wait for. Those that wait to be annotated are dealt anew, so that a project with thousands of tasks keeps no other
    waiting longer than one job of each project. Trainings are one a project, first come, first served.
    """
    waiting_list = rq_queue(redis, queue)
    waiting_list.enqueue_many([spec.data(job, front=front) for job, spec in jobs.items()])
    if queue == INTERACTIVE:
        redis.eval(_LOOKS_LAST, 1, waiting_list.key, LOOK)
    elif queue == ANNOTATE:
        redis.eval(_DEAL, 1, waiting_list.key)


def exists(redis: Redis, job: str) -> bool:
    """Whether `job` is queued, running, or waiting to be queued again."""
    return bool(redis.hexists(leases.JOBS, job))


def find(redis: Redis, job: str) -> Spec | None:
    """What queued `job`; None when it is neither queued nor running."""
    text = redis.hget(leases.JOBS, job)
    return Spec(**json.loads(text)) if text else None


def running(redis: Redis, job: str) -> bool:
    """Whether a living process has `job`."""
    return bool(redis.exists(leases.key(job)))


def waiting(redis: Redis, queue: str) -> int:
    """Number of jobs waiting in `queue`."""
    return rq_queue(redis, queue).count


def awaited(redis: Redis) -> int:
    """Number of interactive jobs waiting that somebody waits for."""
    return sum(not name.startswith(OWN_ACCORD) for name in rq_queue(redis, INTERACTIVE).job_ids)


def workers(redis: Redis) -> int:
    """Number of workers that are registered."""
    return redis.scard("rq:workers")


_WITHDRAW = """
if redis.call("EXISTS", KEYS[1]) == 1 or redis.call("HGET", KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call("HDEL", KEYS[2], ARGV[1])
redis.call("HDEL", KEYS[3], ARGV[1])
redis.call("LREM", KEYS[4], 0, ARGV[3])
return 1
"""


def withdraw(redis: Redis, job: str) -> Spec | None:
    """Take a job that no process has off the list and out of its queue; what had queued it, None where none was.

    A worker that took it from the queue at this very moment may still begin: a job that can be withdrawn looks with
    `exists` first.
    """
    text = redis.hget(leases.JOBS, job)
    if not text:
        return None
    spec = Spec(**json.loads(text))
    keys = [leases.key(job), leases.JOBS, leases.MISSED, rq_queue(redis, spec.queue).key]
    return spec if redis.eval(_WITHDRAW, 4, *keys, job, text, spec.rq_id(job)) else None


def progressed(redis: Redis, job: str) -> None:
    """Note that a job got further than any process before: those that died on it no longer count."""
    _change(redis, job, deaths=0)


def excuse(redis: Redis, job: str) -> None:
    """Note that the process of a job stops because it was asked to: that is no death of the job's making."""
    _change(redis, job, excused=True)


_CHANGE = """
if redis.call("HGET", KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[3])
return 1
"""


def _change(redis: Redis, job: str, **fields: object) -> None:
    text = redis.hget(leases.JOBS, job)
    if text:
        changed = replace(Spec(**json.loads(text)), **fields)  # type: ignore[arg-type]
        # Not where a sweep has queued the job again meanwhile: then it is another's.
        redis.eval(_CHANGE, 1, leases.JOBS, job, text, changed.text)


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


def sweep(redis: Redis) -> tuple[list[str], list[GivenUp]]:
    """Queue again, exactly once, the jobs whose process died; their names, and the jobs given up.

    A job is dead when no process holds its lease and it is in no queue: at once if it held a lease before, after
    START_GRACE if it never did. One that died MAX_TRIES times without getting any further is given up.
    """
    listed = redis.hgetall(leases.JOBS)
    if not listed:
        return [], []
    queued = {name for queue in QUEUES for name in rq_queue(redis, queue).job_ids}
    again: list[str] = []
    given_up: list[GivenUp] = []
    for name, text in listed.items():
        job, spec = as_text(name), Spec(**json.loads(text))
        if spec.rq_id(job) in queued:
            redis.hdel(leases.MISSED, job)
            continue
        if running(redis, job) or not _dead(redis, job):
            continue
        deaths = spec.deaths + (not spec.excused)
        retry = replace(spec, tries=spec.tries + 1, deaths=deaths, excused=False)
        enough = deaths >= MAX_TRIES
        keys = [leases.key(job), leases.JOBS, leases.MISSED]
        # Only one sweep sees the entry unchanged, so only one queues the job.
        if not redis.eval(_TAKE, 3, *keys, job, text, "" if enough else retry.text):
            continue
        metrics.count(redis, "earmark_job_deaths", int(not spec.excused), kind=metrics.kind_of(job))
        if enough:
            reason = f"The worker's process died {deaths} times on this; it is not tried again by itself."
            given_up.append(GivenUp(job, spec, reason))
        else:
            log.warning("%s: its process %s; try %d is queued", job, "stopped" if spec.excused else "died", retry.tries)
            push(redis, retry.queue, {job: retry})
            again.append(job)
    return again, given_up


def _dead(redis: Redis, job: str) -> bool:
    """Whether a job that is in no queue and holds no lease has died, rather than not begun yet."""
    redis.hsetnx(leases.MISSED, job, time.time())
    missed = redis.hget(leases.MISSED, job)
    return missed is not None and time.time() - float(missed) > START_GRACE


def rq_queue(redis: Redis, name: str) -> Queue:
    """rq's own queue of this name."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def as_text(value: bytes | str) -> str:
    """What Redis answers, as text."""
    return value.decode() if isinstance(value, bytes) else value
