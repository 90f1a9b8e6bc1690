"""`earmark demo`: everything at once on this machine, with sample videos, to look at and to try."""

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from earmark import ports

_SETTINGS = ("REDIS_URL", "EARMARK_STORAGE", "EARMARK_SECRET", "EARMARK_PROJECTS", "EARMARK_HOST")


class _Stopped(BaseException):
    """Somebody asked the demo to end."""


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="Stop when every task has its prediction; the last line is the outcome as JSON."),
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="The backend's port; 0: any free one. [default: EARMARK_PORT, else 9090]")
    ] = None,
    label_studio_port: Annotated[
        int, typer.Option(help="Label Studio's port; 0: any free one.")
    ] = ports.LABEL_STUDIO_PORT,
) -> None:
    """Show Earmark at work in a Label Studio of its own, with sample videos.

    Starts Redis, the backend, two workers and Label Studio, all on this machine's loopback; makes a project, imports
    sample videos and waits until each has its boxes. Stays until Ctrl-C, then leaves no process behind. What it keeps
    lies in .earmark (EARMARK_HOME): a second run starts in seconds with everything still there. It is a world of its
    own: REDIS_URL, EARMARK_STORAGE and a connection in the environment do not count in it.
    """
    home = Path(os.environ.get("EARMARK_HOME") or ".earmark").resolve()
    # The demo is a world of its own: a connection to another Label Studio, Redis or storage must not leak into it.
    for name in [*_SETTINGS, *(name for name in os.environ if name.startswith("EARMARK_LABEL_STUDIO_"))]:
        os.environ.pop(name, None)
    os.environ["EARMARK_HOME"] = str(home)

    from backend.label_studio import LabelStudioError
    from backend.redis_server import RedisError
    from backend.settings import SettingsError
    from earmark.demo_outcome import Outcome
    from earmark.demonstration import DemoError, Demonstration
    from earmark.lock import Lock, holder
    from earmark.supervisor import SupervisorError

    lock = Lock(home)
    if not lock.acquire():
        _refuse(f"a demo runs already on {home} (process {holder(home)}): stop it there with Ctrl-C, or use it")
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
        signals.append(signal.SIGHUP)
    for number in signals:
        signal.signal(number, _stop)
    code = 0
    demonstration: Demonstration | None = None
    try:
        demonstration = Demonstration(home, ports.backend_port() if port is None else port, label_studio_port)
        outcome = demonstration.run()
        if once:
            code = 0 if outcome.predicted == outcome.tasks > 0 else 1
        else:
            demonstration.stay()
    except _Stopped:
        code = 130 if once else 0
    except (DemoError, ports.PortError, SupervisorError, LabelStudioError, RedisError, SettingsError) as error:
        print(f"The demo stopped: {error}", file=sys.stderr)
        code = 1
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        if demonstration is not None:
            demonstration.stop()
        lock.release()
    if once and code != 130:
        reached = Outcome() if demonstration is None else demonstration.outcome
        print(json.dumps(reached.as_json()), flush=True)
    raise typer.Exit(code)


def _refuse(reason: str) -> NoReturn:
    print(f"The demo did not start: {reason}", file=sys.stderr)
    raise typer.Exit(1)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # stopping takes seconds and is not to be interrupted
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped
