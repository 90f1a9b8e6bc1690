"""`earmark retrain`: start a training and watch it, or stop one."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from redis import Redis
    from rich.console import Console

    from backend.settings import Settings
    from backend.trainings import Status

TRIGGER = "`earmark retrain` was called."
CANCELLER = "`earmark retrain --cancel`"
LOOK = 0.5  # seconds between two looks at the progress


def retrain(
    project: Annotated[int, typer.Option(help="Label Studio's number of the project.", show_default=False)],
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, help="Budget of the training proper. Default: EARMARK_RETRAIN_MINUTES, else 3."),
    ] = None,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Stop the training that runs or waits, instead of starting one.")
    ] = False,
) -> None:
    """Train on a project's unlabelled videos, starting from the version that serves it now.

    The new version serves only if it tells corresponding sight and sound no worse on videos held out; then the tasks
    nobody labelled are annotated again. Ctrl-C ends the watching, not the training: `--cancel` does, within seconds,
    and leaves nothing of it. The outcome is printed on stdout.
    """
    from redis.exceptions import RedisError
    from rich.console import Console

    from backend import history, queues, redis_server, trainings
    from backend import settings as settings_module
    from backend.settings import SettingsError

    console = Console(stderr=True)
    try:
        settings = settings_module.load()
        key = _key(settings, project)
        redis = redis_server.connect(settings)
        if cancel:
            print(trainings.cancel(redis, key, CANCELLER))
            return
        queued = queues.enqueue_retrain(redis, key, TRIGGER, minutes=minutes)
        history.note(redis, key, "earmark retrain", queued.reason)
        console.print(queued.reason, markup=False, highlight=False)
        if not _trainers(redis):
            console.print(
                "No worker takes trainings yet: start `earmark worker --queues train,annotate`.",
                style="yellow",
                markup=False,
                highlight=False,
            )
        ended = _follow(redis, key, console)
    except SettingsError as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
    except RedisError as error:
        console.print(
            f"Redis does not answer ({error}): start `earmark serve` first, or set REDIS_URL.",
            style="red",
            markup=False,
            highlight=False,
        )
        raise typer.Exit(1) from None
    print(ended.outcome)
    if not ended.succeeded:
        raise typer.Exit(1)


def _key(settings: "Settings", number: int) -> str:
    """The key of the connected project of this number. Raises SettingsError."""
    from backend.projects import ProjectKey
    from backend.settings import SettingsError

    connected = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    found = [key for key in connected if key.id == number]
    if found:
        return str(found[-1])
    known = ", ".join(str(key.id) for key in connected) or "none"
    raise SettingsError(f"Project {number} is not connected (connected: {known}): run `earmark connect` for it.")


def _trainers(redis: "Redis") -> int:
    """Number of workers that take trainings."""
    from rq import Queue, Worker
    from rq.serializers import JSONSerializer

    from backend.queues import TRAIN

    return Worker.count(queue=Queue(TRAIN, connection=redis, serializer=JSONSerializer))


def _follow(redis: "Redis", project: str, console: "Console") -> "Status":
    """Show the training's progress until it has ended; its last status."""
    import time

    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from backend import queues
    from backend.trainings import Status, read

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[about]}"),
    )
    job, begun = f"retrain-{project}", time.time()
    with Progress(*columns, console=console) as bars:
        shown, step = bars.add_task("waiting", total=None, about=""), "waiting"
        while True:
            alive = queues.exists(redis, job)
            status = read(redis, project)
            if status is not None and status.outcome and status.updated < begun:
                status = None  # of the training before
            if status is not None:
                if status.outcome and not alive:
                    return status
                if not status.outcome and status.step != step:
                    bars.update(shown, completed=bars.tasks[shown].total)
                    step = status.step
                    shown = bars.add_task(step, total=None, about="")
                bars.update(shown, completed=status.done, total=status.total or None, about=_about(status))
            elif not alive:
                return Status(job, TRIGGER, begun, outcome="The training ended before it began: see the history.")
            time.sleep(LOOK)


def _about(status: "Status") -> str:
    left = "" if status.seconds_left is None else f"about {status.seconds_left:.0f} s left"
    return ", ".join(part for part in (status.detail, left) if part)
