"""Handing over: the tasks of a project after a promotion, until each carries a prediction of the new version."""

import json
import time
from collections.abc import Collection, Mapping, Sequence

from redis import Redis

from backend import cancelling, history, jobs, leases, trainings
from backend.identity import PredictionIdentity
from backend.tasks import DONE, FAILED, PROCESSING, QUEUED, TaskRecord, TaskStates
from backend.trainings import Status

LEFT_SECONDS = 120.0  # after which a task that no job has is not waited for; reconciling queues it earlier or never
_FOLLOWED = "earmark:trainings:followed"  # set of the projects whose tasks get the predictions of a promoted version


def follow(
    redis: Redis,
    project: str,
    training: str,
    labelled: Sequence[PredictionIdentity],
    unlabelled: Sequence[PredictionIdentity],
) -> None:
    """Have `look` tell how far these tasks have come, and end the training once all of them have.

    Args:
        training: its name; once another has begun, nothing is followed.
        labelled: tasks that are embedded again, since suggestions come from them; their predictions stay.
        unlabelled: tasks that are embedded and get new predictions.
    """
    places = {
        "re-embed": [(one.task, one.digest) for one in labelled],
        "re-annotate": [(one.task, one.digest) for one in unlabelled],
    }
    redis.set(_wanted(project), json.dumps({"training": training, "places": places}), ex=trainings.KEPT)
    redis.sadd(_FOLLOWED, project)


def look(redis: Redis) -> None:
    """Bring the status of every training up to date whose tasks are being embedded and annotated; cheap."""
    for name in redis.smembers(_FOLLOWED):
        project = jobs.as_text(name)
        status, text = trainings.read(redis, project), redis.get(_wanted(project))
        wanted = json.loads(text) if text else {}
        if status is None or status.outcome or wanted.get("training") != status.training:
            redis.srem(_FOLLOWED, project)
        elif not jobs.running(redis, trainings.job_name(project)):  # else its own job tells
            _look_at(redis, project, status, wanted["places"])


def _look_at(redis: Redis, project: str, status: Status, places: Mapping[str, list[tuple[int, str]]]) -> None:
    if cancelling.cancelled(redis, project, status.training):  # told just as its job ended
        cancelling.undo(redis, project)
        return
    states = TaskStates(redis, project)
    listed = {jobs.as_text(name) for name in redis.hkeys(leases.JOBS)}
    embedded = sum(
        record is None or record.state in (DONE, FAILED) or _left(record, listed)
        for record in states.at(places["re-embed"])
    )
    annotated = list(zip(states.at(places["re-annotate"]), states.written(places["re-annotate"]), strict=True))
    predicted = sum(record is not None and record.state == DONE and written for record, written in annotated)
    failed = sum(record is not None and record.state == FAILED for record, _ in annotated)
    left = sum(record is None or _left(record, listed) for record, _ in annotated)
    if embedded < len(places["re-embed"]):
        step, done, total = "re-embed", embedded, len(places["re-embed"])
    else:
        step, done, total = "re-annotate", predicted + failed + left, len(annotated)
    detail = f"{predicted} of {len(annotated)} tasks carry its predictions"
    detail += f", {failed} failed" * bool(failed) + f", {left} changed meanwhile" * bool(left)
    if step == "re-annotate" and done >= total:
        trainings.write(redis, project, trainings.moved(status, step, done=done, total=total, detail=detail))
        if redis.srem(_FOLLOWED, project):  # of several that look at once only one ends it
            outcome = f"{trainings.promotion(status)}{detail}."
            trainings.end(redis, project, outcome, succeeded=True)
            history.note(redis, project, status.job, outcome)
        return
    since = status.since if status.step == step else time.time()
    seconds_left = round((time.time() - since) / done * (total - done)) if done else None
    trainings.write(
        redis, project, trainings.moved(status, step, done=done, total=total, detail=detail, seconds_left=seconds_left)
    )


def _left(record: TaskRecord, listed: Collection[str]) -> bool:
    """Whether nobody will do what is noted here: the task was deleted, or its config or its version changed."""
    waits = record.state in (QUEUED, PROCESSING)
    return waits and record.job not in listed and time.time() - record.updated > LEFT_SECONDS


def _wanted(project: str) -> str:
    return f"earmark:{project}:training:tasks"
