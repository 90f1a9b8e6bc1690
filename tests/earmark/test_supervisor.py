import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earmark import supervisor as module
from earmark.supervisor import Supervisor, SupervisorError, read_pids

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
# Starts a process of its own group, as an rq worker does for each job, and waits for it.
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys\n"
    "one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], process_group=0)\n"
    "print(one.pid, flush=True); one.wait()",
]
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(module, "BACKOFF", 0.01)
    one = Supervisor(tmp_path, said.append)
    yield one
    one.stop()


def test_it_lists_what_runs_and_stops_it(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("sleeper", SLEEPER, ENVIRONMENT)
    pids = read_pids(tmp_path)
    assert pids == {"demo": os.getpid(), "sleeper": pids["sleeper"]}
    assert alive(pids["sleeper"])
    supervisor.stop()
    assert not alive(pids["sleeper"])
    assert read_pids(tmp_path) == {}


def test_a_process_that_dies_is_started_again(supervisor: Supervisor, tmp_path: Path, said: list[str]) -> None:
    supervisor.start("sleeper", SLEEPER, ENVIRONMENT)
    first = read_pids(tmp_path)["sleeper"]
    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        supervisor.tend()
        return read_pids(tmp_path).get("sleeper", first) != first

    until(again)
    assert alive(read_pids(tmp_path)["sleeper"])
    assert any("SIGKILL" in sentence for sentence in said)


def test_a_process_that_keeps_dying_stops_the_wait_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start("broken", [sys.executable, "-c", "raise SystemExit('no such thing')"], ENVIRONMENT)
    with pytest.raises(SupervisorError, match=r"broken ended 6 times .*no such thing.*broken\.log"):
        supervisor.wait(lambda: False, "waiting", 60)


def test_what_is_not_ready_in_time_is_told(supervisor: Supervisor) -> None:
    with pytest.raises(SupervisorError, match="waiting for nothing took longer than 0 s"):
        supervisor.wait(lambda: False, "waiting for nothing", 0.2)


def test_stopping_ends_the_processes_that_children_started(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("parent", PARENT, ENVIRONMENT)
    log = tmp_path / "logs" / "parent.log"
    until(lambda: log.exists() and log.read_text().strip().isdigit())
    grandchild = int(log.read_text())
    assert alive(grandchild)
    supervisor.stop()
    until(lambda: not alive(grandchild))


def test_a_server_is_adopted_and_stopped_last(supervisor: Supervisor, tmp_path: Path) -> None:
    order: list[str] = []

    class Server:
        pid: int | None = None

        def start(self) -> bool:
            self.pid = 4242
            return True

        def stop(self) -> None:
            order.append("server, child alive" if alive(child) else "server, child gone")
            self.pid = None

    server = Server()
    supervisor.adopt("server", server)
    supervisor.start("sleeper", SLEEPER, ENVIRONMENT)
    child = read_pids(tmp_path)["sleeper"]
    server.pid = None
    supervisor.tend()
    assert read_pids(tmp_path)["server"] == 4242
    supervisor.stop()
    assert order == ["server, child gone"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent ended")
def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from earmark.supervisor import Supervisor\n"
        "one = Supervisor(Path(sys.argv[1]), print)\n"
        f"one.start('sleeper', {SLEEPER!r}, {ENVIRONMENT!r})\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) as process:
        until(lambda: "sleeper" in read_pids(tmp_path))
        pids = json.loads((tmp_path / "pids.json").read_text())
        log = tmp_path / "logs" / "sleeper.log"
        until(lambda: "up" in log.read_text())  # past the step in which it asks the kernel
        process.kill()
    until(lambda: not alive(pids["sleeper"]))
