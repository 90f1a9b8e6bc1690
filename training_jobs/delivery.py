"""Delivery: a finished prediction into Label Studio, once, whoever else may be writing it."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.identity import PredictionIdentity
from backend.label_studio import LabelStudioError
from training_jobs.feedback import Feedback
from training_jobs.project import Project, Row, is_labelled, own_predictions


def deliver(
    project: Project,
    identity: PredictionIdentity,
    prediction: Mapping[str, Any],
    *,
    owner: str,
    check: Callable[[], None],
) -> bool:
    """Write a prediction into Label Studio unless someone else has claimed it.

    The claim decides between this worker and an answer of `/predict`; the task, read again just before, decides
    what is left to do: a labelled task that has a prediction of ours stays as it is, else the newest row of ours is
    rewritten in place, be it of another version: whoever has it open can still submit what they made of it, which
    Label Studio refuses once the row is gone. Other rows of ours are deleted.

    Args:
        prediction: `result`, `model_version` and, where there are some, `score`, `neighbors` and `cluster`.
        owner: name of the job that writes.
        check: raises when the job has lost its lease; called before each write.

    Returns:
        Whether the prediction is in Label Studio by this call; False when another writes it.

    Raises:
        LabelStudioError: nothing was written; the claim is given back, so that reconciling tries again.
    """
    if not project.states.claim(identity, owner):
        return False
    try:
        task = project.read([identity.task]).get(identity.task)
        if task is not None:
            _write(project, task, identity, prediction, check)
    except LabelStudioError:
        project.states.release(identity)
        raise
    if task is None:  # deleted meanwhile
        project.states.release(identity)
        project.states.forget([identity.task])
    return task is not None


def _write(
    project: Project,
    task: Row,
    identity: PredictionIdentity,
    prediction: Mapping[str, Any],
    check: Callable[[], None],
) -> None:
    ours = own_predictions(task)
    if ours and is_labelled(task):
        return
    result = list(prediction["result"])
    fields = {name: prediction.get(name) for name in ("score", "neighbors", "cluster")}
    same = [row for row in ours if row["model_version"] == identity.version]
    current = next(reversed(same or ours), None)
    check()
    if current is None:
        project.label_studio.create_prediction(identity.task, result, model_version=identity.version, **fields)
    else:
        wanted = {"result": result, "model_version": identity.version, **fields}
        if any(current.get(name) != value for name, value in wanted.items()):
            Feedback(project.settings.home, str(project)).before_change(task, [current])
            project.label_studio.update_prediction(current["id"], **wanted)
            current.update(wanted)  # it is of this version now: not among the outdated ones
    if not is_labelled(task):
        drop_outdated(project, task, identity.version, check=check)


def drop_outdated(project: Project, task: Mapping[str, Any], version: str, *, check: Callable[[], None]) -> int:
    """Delete a task's predictions of other versions of ours, and all but the newest of `version`; how many.

    Two concurrent `/predict` calls of Label Studio can store one answer twice; only the newest row is shown.
    """
    ours = own_predictions(task)
    same = [row for row in ours if row["model_version"] == version]
    outdated = [row for row in ours if row["model_version"] != version] + same[:-1]
    Feedback(project.settings.home, str(project)).before_change(task, outdated)
    for row in outdated:
        check()
        project.label_studio.delete_prediction(row["id"])
    return len(outdated)
