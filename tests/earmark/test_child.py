import os
import subprocess
import sys

from earmark.child import launcher


def test_the_command_takes_the_launchers_place() -> None:
    code = "import os; print(os.getpid())"
    with subprocess.Popen(
        [*launcher("TERM"), sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.communicate()[0] == f"{process.pid}\n"


def test_a_command_whose_parent_is_gone_does_not_begin() -> None:
    command = launcher("KILL")
    command[command.index(str(os.getpid()))] = "1"  # as if the parent had ended and init taken over
    outcome = subprocess.run([*command, "echo", "begun"], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout) == (1, "")
