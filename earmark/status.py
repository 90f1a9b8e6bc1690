"""`earmark status`: what became of every task, and what the trainings led to."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earmark.connected import connected
from earmark.following import passed, span, standing
from earmark.told import told

if TYPE_CHECKING:
    from backend.projects import ProjectKey

HISTORY = 10  # lines shown
PAST = 5  # ended trainings shown


def status(
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project. Default: every connected one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a project.")] = False,
) -> None:
    """Tell which tasks are queued, processing, done or failed, and why; where the running training is; how the last
    ones ended; what happened lately.

    A failed task is tried again when its media, the labelling config or the model changes, and by `earmark retry`.
    """
    from backend import redis_server
    from backend import settings as settings_module

    with told():
        settings = settings_module.load()
        redis = redis_server.connect(settings)
        found = [_read(redis, key) for key in connected(settings, project)]
    for one in found:
        print(json.dumps(one) if as_json else _text(one))


def _read(redis: Any, project: "ProjectKey") -> dict[str, Any]:
    from dataclasses import asdict

    from backend import history, trainings
    from backend.tasks import TaskStates

    key = str(project)
    states = TaskStates(redis, key)
    training = trainings.read(redis, key)
    return {
        "project": project.id,
        "tasks": states.counts(),
        "notes": states.notes(),
        "failed": [{"task": task, "reason": reason} for task, reason in sorted(states.failures().items())],
        "empty": [{"task": task, "reason": reason} for task, reason in sorted(states.empty().items())],
        "training": asdict(training) if training else None,
        "queued": trainings.queued(redis, key),
        "behind": trainings.waits_behind(redis, key),
        "past": [asdict(one) for one in trainings.past(redis, key, PAST)],
        "history": [asdict(entry) for entry in history.read(redis, key, HISTORY)],
    }


def _text(one: dict[str, Any]) -> str:
    from backend.history import in_words

    lines = [f"Project {one['project']}: " + ", ".join(f"{count} {state}" for state, count in one["tasks"].items())]
    lines += [f"  {note}" for note in one["notes"]]
    lines += [f"  task {row['task']} failed: {row['reason']}" for row in one["failed"]]
    lines += [f"  task {row['task']} has no boxes: {row['reason']}" for row in one["empty"]]
    begun = one["training"] if one["training"] and not one["training"]["outcome"] else None
    if one["queued"] is not None:
        which = "another training" if one["behind"] else "training"
        broken_off = f", broken off in the step {begun['step']}" if begun and not one["behind"] else ""
        lines.append(f"  {which}{broken_off}: waits for a worker ({one['queued']})")
    if begun and (one["queued"] is None or one["behind"]):
        lines += _running(begun)
    for ended in one["past"]:
        steps = ", ".join(f"{step} {span(seconds)}" for step, seconds in ended["spent"].items())
        lines.append(f"  training of {_moment(ended['started'])}: {ended['outcome']}" + f" ({steps})" * bool(steps))
    for entry in one["history"]:
        times = f" ({entry['times']} times)" if entry["times"] > 1 else ""
        lines.append(f"  {_moment(entry['at'])}  {in_words(entry['event'])}: {entry['outcome']}{times}")
    return "\n".join(lines)


def _running(training: dict[str, Any]) -> list[str]:
    """One line for each step a training has been through, and one for where it is."""
    from backend.trainings import STEPS, Status

    status = Status(**training)
    lines = [f"  training since {_moment(status.started)}: {status.trigger}"]
    lines += [f"    {step:12} {span(seconds)}" for step, seconds in passed(status).items()]
    place = f"(step {STEPS.index(status.step) + 1} of {len(STEPS)})"
    lines.append(f"    {status.step:12} {' '.join(part for part in (standing(status), place) if part)}")
    return lines


def _moment(seconds: float) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(seconds):%d %b %H:%M}"
