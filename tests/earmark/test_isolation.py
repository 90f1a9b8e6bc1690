import functools
import os
import pydoc
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from earmark.isolation import Isolated, IsolationError

# Functions of the standard library, found by name in the child, so that it needs nothing of this module.
EVALUATE = functools.partial(pydoc.locate, "builtins.eval")


@pytest.fixture
def evaluate() -> Iterator[Isolated[str, object]]:
    with Isolated(EVALUATE, timeout=60) as isolated:
        yield isolated


def test_outcomes_come_back_from_one_other_process(evaluate: Isolated) -> None:
    process = evaluate("__import__('os').getpid()")
    assert process not in (os.getpid(), None)
    assert evaluate("__import__('os').getpid()") == process


def test_an_error_is_one_sentence_and_the_process_goes_on(evaluate: Isolated) -> None:
    process = evaluate("__import__('os').getpid()")
    with pytest.raises(IsolationError, match=r"^ZeroDivisionError: division by zero$"):
        evaluate("1 / 0")
    assert evaluate("__import__('os').getpid()") == process


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("__import__('os').abort()", "SIGABRT"),
        ("__import__('signal').raise_signal(11)", "SIGSEGV"),
        ("__import__('os')._exit(3)", "exit code 3"),
    ],
)
def test_a_crash_is_one_sentence_and_the_next_call_works(evaluate: Isolated, fault: str, words: str) -> None:
    with pytest.raises(IsolationError, match=words):
        evaluate(fault)
    assert evaluate("6 * 7") == 42


def test_what_never_ends_is_ended() -> None:
    with Isolated(EVALUATE, timeout=0.5) as evaluate:
        evaluate.start()
        with pytest.raises(IsolationError, match=r"longer than 0\.5 s"):
            evaluate("__import__('time').sleep(3600)")


def test_closing_leaves_no_process() -> None:
    with Isolated(EVALUATE, timeout=60) as evaluate:
        process = evaluate("__import__('os').getpid()")
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_the_process_dies_with_a_parent_that_is_killed() -> None:
    program = (
        "import functools, os, pydoc\n"
        "from earmark.isolation import Isolated\n"
        "if __name__ == '__main__':\n"
        "    call = Isolated(functools.partial(pydoc.locate, 'builtins.eval'), timeout=60)\n"
        "    print(call(\"__import__('os').getpid()\"), flush=True)\n"
        "    call(\"__import__('time').sleep(3600)\")\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 30
    while _runs(child):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.05)


def _runs(process: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_the_function_prints_is_kept_from_the_results(
    evaluate: Isolated, capfd: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("print('chatter', flush=True)") is None
    assert capfd.readouterr().out == ""


def test_preparing_that_fails_says_why() -> None:
    with (
        Isolated(functools.partial(pydoc.safeimport, "earmark.nowhere.at_all", 1, {}), timeout=60) as isolated,
        pytest.raises(IsolationError, match="ModuleNotFoundError: No module named"),
    ):
        isolated("anything")
