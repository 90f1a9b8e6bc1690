"""The supervisor: starts processes, starts those that die again, and leaves none behind."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from earmark import child

PIDS = "pids.json"
POLL = 0.1  # seconds between two looks
SECOND_TERM = 3.0  # seconds after which a process is asked again: an rq worker then gives up the job it is in
KILL = 8.0  # seconds after which it is killed
STEADY = 60.0  # seconds a process must live for its earlier deaths to be forgotten
MAX_DEATHS = 5
BACKOFF = 1.0  # seconds before the first restart; doubled each time


class SupervisorError(RuntimeError):
    """A process does not stay up or is not ready in time; the message is one sentence and names its log."""


class Server(Protocol):
    """A server that starts and stops its own process."""

    @property
    def pid(self) -> int | None:
        """Its process, or None when it is not running."""

    def start(self) -> bool:
        """Start it if it is not running; True if it was not."""

    def stop(self) -> None:
        """Stop it."""


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    restart_at: float | None = None  # time.monotonic(), while it is down
    codes: list[int] = field(default_factory=list)


class Supervisor:
    """Processes of one data folder: their logs lie in `<home>/logs`, their ids in `<home>/pids.json`.

    Every child leads a session of its own, so that Ctrl-C reaches the supervisor alone, and is killed by the kernel
    when the supervisor dies. The kernel watches the thread that started the child: use one thread, the main one.
    """

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        """`say` is told, one sentence each, of restarts."""
        self.home, self.say = home, say
        self.logs = home / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._children: dict[str, _Child] = {}
        self._servers: dict[str, Server] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start `command` as `name`; its output goes to `<home>/logs/<name>.log`."""
        self._children[name] = _Child(name, command, environment, self._spawn(name, command, environment), _now())
        self._record()

    def adopt(self, name: str, server: Server) -> None:
        """Start a server that looks after its own process; it is stopped after all children."""
        server.start()
        self._servers[name] = server
        self._record()

    def pids(self) -> dict[str, int]:
        """Process id by name, of everything that runs; `demo` is the supervisor itself."""
        ids = {"demo": os.getpid()}
        ids |= {name: pid for name, server in self._servers.items() if (pid := server.pid) is not None}
        return ids | {name: one.process.pid for name, one in self._children.items() if one.restart_at is None}

    def tend(self) -> None:
        """Start again what has died; call it often. Raises SupervisorError for what keeps dying."""
        for name, server in self._servers.items():
            if server.pid is None:
                self.say(f"{name} ended: starting it again")
                server.start()
                self._record()
        for one in self._children.values():
            if one.restart_at is None:
                code = one.process.poll()
                if code is not None:
                    self._died(one, code)
            elif _now() >= one.restart_at:
                one.process, one.started, one.restart_at = (
                    self._spawn(one.name, one.command, one.environment),
                    _now(),
                    None,
                )
                self._record()

    def wait(self, ready: Callable[[], bool], what: str, timeout: float) -> None:
        """Tend until `ready()`; raises SupervisorError after `timeout` seconds."""
        deadline = _now() + timeout
        while not ready():
            self.tend()
            if _now() > deadline:
                raise SupervisorError(f"{what} took longer than {timeout:.0f} s: see the logs in {self.logs}")
            time.sleep(POLL)

    def last_words(self, name: str) -> str:
        """The last line of a process's log."""
        with contextlib.suppress(OSError):
            lines = (self.logs / f"{name}.log").read_text(errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def stop(self) -> None:
        """Stop everything: children first, the newest first asked, then the servers."""
        asked = _now()
        running = [one for one in reversed(self._children.values()) if one.restart_at is None]
        for one in running:
            _signal(one.process.pid, signal.SIGTERM)
        again = False
        while any(one.process.poll() is None for one in running) and _now() - asked < KILL:
            if not again and _now() - asked > SECOND_TERM:
                again = True
                for one in running:
                    if one.process.poll() is None:
                        _signal(one.process.pid, signal.SIGTERM)
            time.sleep(POLL)
        for one in running:
            _kill_session(one.process.pid)
            one.process.wait()
        self._children.clear()
        for server in reversed(self._servers.values()):
            server.stop()
        self._servers.clear()
        (self.home / PIDS).unlink(missing_ok=True)

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*child.launcher("KILL"), *command],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _died(self, one: _Child, code: int) -> None:
        _kill_session(one.process.pid)  # what it had started in turn: a port may still be held there
        one.deaths = 1 if _now() - one.started > STEADY else one.deaths + 1
        if one.deaths > MAX_DEATHS:
            raise SupervisorError(
                f"{one.name} ended {one.deaths} times in a row, last with {self.last_words(one.name)!r}: "
                f"see {self.logs / (one.name + '.log')}"
            )
        pause = BACKOFF * 2 ** (one.deaths - 1)
        one.restart_at = _now() + pause
        self.say(f"{one.name} ended ({_ending(code)}): starting it again in {pause:.0f} s")
        self._record()

    def _record(self) -> None:
        path = self.home / PIDS
        new = path.with_suffix(".new")
        new.write_text(json.dumps(self.pids(), indent=2) + "\n")
        new.replace(path)


def read_pids(home: Path) -> dict[str, int]:
    """The processes a running supervisor of `home` lists; empty when there is none."""
    with contextlib.suppress(OSError, ValueError):
        return {str(name): int(pid) for name, pid in json.loads((home / PIDS).read_text()).items()}
    return {}


def _now() -> float:
    return time.monotonic()


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_session(leader: int) -> None:
    """Kill what is left of the session: an rq worker's job leads a process group of its own, but not a session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # "pid (name) state ppid pgrp session ...": the name may hold anything, so count from its end.
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                _signal(int(stat.parent.name), signal.SIGKILL)


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
