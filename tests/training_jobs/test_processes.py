"""The life of a job's process."""

import os
import select
import subprocess
import sys

import pytest

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE)
print(child.stdout.readline().decode().strip(), flush=True)
time.sleep(600)
"""
CHILD = """
import os, sys, time
from training_jobs.processes import die_with_parent
die_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a process with its parent")
def test_a_child_dies_with_its_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        assert select.select([child], [], [], 30)[0], "the child outlived its parent"
        os.close(child)


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    nobody = "2147483647"
    ended = subprocess.run([sys.executable, "-c", CHILD, nobody], capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == b""


def test_a_stopped_job_is_not_swallowed_as_one_failed_task() -> None:
    code = """
import os, signal
from training_jobs.processes import Stopped, stop_on_sigterm
stop_on_sigterm()
try:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    except Exception:
        print("swallowed")
except Stopped:
    os.kill(os.getpid(), signal.SIGTERM)
    print("stopped once")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "stopped once\n"
