"""`earmark status`: what became of every task, and what the trainings led to."""

import json
from typing import Annotated, Any

import typer

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
    from redis.exceptions import RedisError
    from rich.console import Console

    from backend import redis_server
    from backend import settings as settings_module
    from backend.settings import SettingsError

    errors = Console(stderr=True, soft_wrap=True)
    try:
        settings = settings_module.load()
        keys = [key for key in settings.projects if project is None or key.split("-")[1] == str(project)]
        if not keys:
            known = ", ".join(key.split("-")[1] for key in settings.projects) or "none"
            raise SettingsError(f"No such project is connected (connected: {known}): run `earmark connect` first.")
        redis = redis_server.connect(settings)
        found = [_read(redis, key) for key in keys]
    except SettingsError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
    except RedisError as error:
        errors.print(
            f"Redis does not answer ({error}): start `earmark serve` or `earmark demo` first, or set REDIS_URL.",
            style="red",
            markup=False,
            highlight=False,
        )
        raise typer.Exit(1) from None
    for one in found:
        print(json.dumps(one) if as_json else _text(one))


def _read(redis: Any, key: str) -> dict[str, Any]:
    from dataclasses import asdict

    from backend import history, trainings
    from backend.tasks import TaskStates

    states = TaskStates(redis, key)
    training = trainings.read(redis, key)
    return {
        "project": int(key.split("-")[1]),
        "tasks": states.counts(),
        "notes": states.notes(),
        "failed": [{"task": task, "reason": reason} for task, reason in sorted(states.failures().items())],
        "empty": [{"task": task, "reason": reason} for task, reason in sorted(states.empty().items())],
        "training": asdict(training) if training else None,
        "queued": trainings.queued(redis, key),
        "past": [asdict(one) for one in trainings.past(redis, key, PAST)],
        "history": [asdict(entry) for entry in history.read(redis, key, HISTORY)],
    }


def _text(one: dict[str, Any]) -> str:
    lines = [f"Project {one['project']}: " + ", ".join(f"{count} {state}" for state, count in one["tasks"].items())]
    lines += [f"  {note}" for note in one["notes"]]
    lines += [f"  task {row['task']} failed: {row['reason']}" for row in one["failed"]]
    lines += [f"  task {row['task']} has no boxes: {row['reason']}" for row in one["empty"]]
    if one["queued"] is not None:
        lines.append(f"  training: waits for a worker ({one['queued']})")
    if (training := one["training"]) and not training["outcome"]:
        lines += _running(training)
    for ended in one["past"]:
        steps = ", ".join(f"{step} {_span(seconds)}" for step, seconds in ended["spent"].items())
        lines.append(f"  training of {_moment(ended['started'])}: {ended['outcome']}" + f" ({steps})" * bool(steps))
    for entry in one["history"]:
        times = f" ({entry['times']} times)" if entry["times"] > 1 else ""
        lines.append(f"  {_moment(entry['at'])}  {entry['event']}: {entry['outcome']}{times}")
    return "\n".join(lines)


def _running(training: dict[str, Any]) -> list[str]:
    """One line for each step a training has been through, and one for where it is."""
    from backend.trainings import STEPS

    lines = [f"  training since {_moment(training['started'])}: {training['trigger']}"]
    passed = {step: seconds for step, seconds in training["spent"].items() if step != training["step"]}
    lines += [f"    {step:12} {_span(seconds)}" for step, seconds in passed.items()]
    about = [f"{training['done']:g} of {training['total']:g}"] * bool(training["total"]) + [training["detail"]]
    if training["seconds_left"] is not None:
        about.append(f"about {_span(training['seconds_left'])} left")
    place = f"step {STEPS.index(training['step']) + 1} of {len(STEPS)}"
    lines.append(f"    {training['step']:12} {', '.join(part for part in about if part)} ({place})")
    return lines


def _moment(seconds: float) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(seconds):%d %b %H:%M}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
