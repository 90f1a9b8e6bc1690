"""`earmark retry`: failed tasks are tried again."""

from typing import Annotated

import typer


def retry(
    project: Annotated[int, typer.Option(help="Label Studio's number of the project.", show_default=False)],
    task: Annotated[
        list[int] | None, typer.Option(help="One task; give it several times for more. Default: all that failed.")
    ] = None,
) -> None:
    """Have failed tasks annotated again: by themselves they are not, until media, labelling config or model change.

    `earmark status` tells which failed, and why. How many are tried again is printed on stdout.
    """
    from redis.exceptions import RedisError
    from rich.console import Console

    from backend import queues, redis_server
    from backend import settings as settings_module
    from backend.settings import SettingsError
    from backend.tasks import TaskStates
    from earmark.connected import connected

    errors = Console(stderr=True, soft_wrap=True)
    try:
        settings = settings_module.load()
        [key] = connected(settings, project)[-1:]
        redis = redis_server.connect(settings)
        wanted = TaskStates(redis, str(key)).failures() if task is None else task
        retried = queues.retry(redis, str(key), wanted)
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
    print(retried.reason if retried.tasks or task else "No task of this project has failed.")
