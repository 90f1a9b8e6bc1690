"""Starts a command that ends with its parent: `python child.py KILL|TERM PARENT COMMAND...`. Standard library only.

A supervisor that is killed cannot stop what it started; the kernel can: it sends the command that signal when PARENT,
the process that asked, ends. This is a step of its own because Python code between fork and exec is not safe in a
process with threads.
"""

import ctypes
import os
import signal
import sys
from typing import Literal

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def launcher(signal_name: Literal["KILL", "TERM"]) -> list[str]:
    """What to put before a command so that it ends with this process, by SIGKILL or SIGTERM."""
    # -P: a folder the user happens to be in must not shadow anything.
    return [sys.executable, "-P", __file__, signal_name, str(os.getpid())]


def main() -> None:
    """Become the command."""
    name, parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.Signals[f"SIG{name}"], 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the process that wanted this command is gone")  # it ended before the lines above
    os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main()
