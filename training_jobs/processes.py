"""The life of a job's process: it dies with its parent, and stops cleanly when asked to."""

import ctypes
import os
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Stopped(BaseException):
    """The process was asked to stop: leave the job for another worker.

    A BaseException, as KeyboardInterrupt is: code that reports one failed task and goes on must not swallow it.
    """


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to end this process when its parent dies; exit at once if that has happened already.

    Only Linux can do it; elsewhere the lease alone tells that a worker died, and its child may finish in vain.

    Args:
        parent: process id of the parent, taken before this process was made.
        number: the signal that ends it.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died between the fork and the line above: no signal will come
        os._exit(1)


def stop_on_sigterm() -> None:
    """Raise `Stopped` in the main thread at SIGTERM, and ignore SIGINT, which a terminal sends to everyone."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one is enough: cleaning up is not interrupted
        raise Stopped

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
