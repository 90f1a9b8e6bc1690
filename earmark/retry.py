"""`earmark retry`: failed tasks are tried again."""

from typing import Annotated

import typer

from earmark.connected import chosen
from earmark.told import told


def retry(
    project: Annotated[int, typer.Option(help="Label Studio's number of the project.", show_default=False)],
    task: Annotated[
        list[int] | None, typer.Option(help="One task; give it several times for more. Default: all that failed.")
    ] = None,
) -> None:
    """Have failed tasks annotated again: by themselves they are not, until media, labelling config or model change.

    `earmark status` tells which failed, and why. How many are tried again is printed on stdout.
    """
    from backend import queues, redis_server
    from backend import settings as settings_module
    from backend.tasks import TaskStates

    with told():
        settings = settings_module.load()
        key = str(chosen(settings, project))
        redis = redis_server.connect(settings)
        wanted = TaskStates(redis, key).failures() if task is None else task
        retried = queues.retry(redis, key, wanted)
    print(retried.reason if retried.tasks or task else "No task of this project has failed.")
