"""Work in a child process: a decoder that crashes or never ends costs one sentence, not the command."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, TypeVar

from training_jobs.processes import die_with_parent

Argument = TypeVar("Argument")
Outcome = TypeVar("Outcome")

_START_SECONDS = 300.0  # importing torch and loading weights from a slow disk


class IsolationError(RuntimeError):
    """The child process gave no outcome: why, in one sentence."""


class Isolated(Generic[Argument, Outcome]):
    """A function that runs in a child process of its own, one call at a time.

    The child starts with the first call and is started anew after it crashed or was ended for taking too long.
    Use as a context manager: the child ends with it.
    """

    def __init__(self, prepare: Callable[[], Callable[[Argument], Outcome]], *, timeout: float) -> None:
        """`prepare` runs once in each child and returns the function; both are pickled. timeout: seconds a call."""
        self._prepare = prepare
        self._timeout = timeout
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> "Isolated[Argument, Outcome]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child and wait until it is prepared; nothing if one is running.

        Raises:
            IsolationError: `prepare` failed.
        """
        if self._process is not None:
            return
        # A forked child would inherit whatever threads and locks the parent holds: it starts afresh.
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._prepare, other, os.getpid()), daemon=True)
        self._process.start()
        other.close()  # so that the child's end of the pipe closes with the child
        try:
            self._receive(_START_SECONDS)
        except BaseException:
            self.close()
            raise

    def __call__(self, argument: Argument) -> Outcome:
        """The function's outcome.

        Raises:
            IsolationError: the function raised, its process died, or the time was up.
        """
        self.start()
        assert self._pipe is not None  # noqa: S101 (for the type checker: start() made it)
        with contextlib.suppress(BrokenPipeError):  # it died meanwhile; receiving says so
            self._pipe.send(argument)
        return self._receive(self._timeout)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._process is None or self._pipe is None:
            return
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()
        self._process = self._pipe = None

    def _receive(self, seconds: float) -> Any:
        assert self._pipe is not None and self._process is not None  # noqa: S101
        try:
            if not self._pipe.poll(seconds):
                self.close()
                raise IsolationError(f"it took longer than {seconds:g} s and was ended.")
            done, value = self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            self._process.join()
            ended = self._process.exitcode or 0
            self.close()
            raise IsolationError(f"its process crashed ({_ending(ended)}).") from error
        if not done:
            raise IsolationError(value)
        return value


def _serve(prepare: Callable[[], Callable[[Any], Any]], pipe: Connection, parent: int) -> None:
    """The child: prepare, then answer each argument with (True, outcome) or (False, sentence)."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer, and it ends this process
    os.dup2(2, 1)  # what libraries print must not mix with the command's results
    with contextlib.suppress(EOFError, ConnectionError):  # the parent has closed the pipe, or is gone
        try:
            function = prepare()
        except Exception as error:
            pipe.send((False, sentence(error)))
            return
        pipe.send((True, None))
        while True:
            argument = pipe.recv()
            try:
                answer = (True, function(argument))
            except Exception as error:
                answer = (False, sentence(error))
            pipe.send(answer)


def sentence(error: Exception) -> str:
    """An unexpected error as one line: its class and message."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}."


def _ending(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
