"""Starts a command that ends with its parent: `python child.py KILL|TERM PARENT COMMAND...`.

A supervisor that is killed cannot stop what it started; the kernel can: it sends the command that signal when PARENT,
the process that asked, ends. This is a step of its own because Python code between fork and exec is not safe in a
process with threads.
"""

import os
import signal
import sys
from typing import Literal

from training_jobs.processes import die_with_parent


def launcher(signal_name: Literal["KILL", "TERM"]) -> list[str]:
    """What to put before a command so that it ends with this process, by SIGKILL or SIGTERM."""
    # -P: a folder the user happens to be in must not shadow anything.
    return [sys.executable, "-P", __file__, signal_name, str(os.getpid())]


def main() -> None:
    """Become the command."""
    name, parent, *command = sys.argv[1:]
    die_with_parent(int(parent), signal.Signals[f"SIG{name}"])
    os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main()
