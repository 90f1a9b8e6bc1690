"""`earmark retrain`: start a training and watch it, or stop one."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from earmark.connected import chosen
from earmark.following import shown
from earmark.told import told

if TYPE_CHECKING:
    from redis import Redis
    from rich.console import Console

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
    from rich.console import Console

    from backend import cancelling, history, queues, redis_server
    from backend import settings as settings_module

    console = Console(stderr=True)
    with told():
        settings = settings_module.load()
        key = str(chosen(settings, project))
        redis = redis_server.connect(settings)
        if cancel:
            print(cancelling.cancel(redis, key, CANCELLER))
            return
        queued = queues.enqueue_retrain(redis, key, TRIGGER, minutes=minutes)
        history.note(redis, key, "earmark retrain", queued.reason)
        console.print(queued.reason, markup=False, highlight=False, soft_wrap=True)
        if not _trainers(redis):
            console.print(
                "No worker takes trainings yet: start `earmark worker --queues train,annotate`.",
                style="yellow",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        ended = _follow(redis, key, console)
    print(ended.outcome)
    if not ended.succeeded:
        raise typer.Exit(1)


def _trainers(redis: "Redis") -> int:
    """Number of workers that take trainings."""
    from rq import Queue, Worker
    from rq.serializers import JSONSerializer

    from backend.queues import TRAIN

    return Worker.count(queue=Queue(TRAIN, connection=redis, serializer=JSONSerializer))


def _follow(redis: "Redis", project: str, console: "Console") -> "Status":
    """Show the training's progress until it has ended; its last status."""
    from backend import queues
    from backend.trainings import Status, read

    job, begun = f"retrain-{project}", time.time()
    with shown(console) as view:
        while True:
            alive = queues.exists(redis, job)
            status = read(redis, project)
            if status is not None and status.outcome and status.updated < begun:
                status = None  # of the training before
            if status is not None:
                if status.outcome and not alive:
                    return status
                view.show(status)
            elif not alive:
                return Status(job, TRIGGER, begun, outcome="The training ended before it began: see the history.")
            time.sleep(LOOK)
