"""Starts a command that ends with its parent: `python -m earmark.child COMMAND...`. Standard library only.

A supervisor that is killed cannot stop what it started; the kernel can. This is a step of its own because Python code
between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
PARENT = "EARMARK_PARENT"  # environment variable: process id of who asked


def main() -> None:
    """Become the command, to be killed when the parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(os.environ[PARENT]):
        sys.exit("the process that wanted this command is gone")  # it ended before the line above
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main()
