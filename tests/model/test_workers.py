import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model.workers import available, spread

# Two workers that write their numbers into the folder and then would work on for minutes.
BUSY = """
import os, sys, time
from pathlib import Path
from model.workers import spread

def work(folder, number):
    (folder / f"{number}.part").write_text(str(os.getpid()))
    (folder / f"{number}.part").rename(folder / f"{number}.pid")
    time.sleep(300)

if __name__ == "__main__":
    list(spread(work, [(Path(sys.argv[1]), number) for number in range(4)], workers=2))
"""


def fails_at(bad: int, number: int) -> int:
    if number == bad:
        raise ValueError(f"{number} is bad")
    return number**2


def test_results_come_in_order_from_one_worker_or_several() -> None:
    numbers = [(-1, number) for number in range(5)]
    assert list(spread(fails_at, numbers, workers=1)) == [0, 1, 4, 9, 16]
    assert list(spread(fails_at, numbers, workers=2)) == [0, 1, 4, 9, 16]
    assert list(spread(fails_at, [])) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_what_goes_wrong_in_a_worker_is_raised_here(workers: int) -> None:
    with pytest.raises(ValueError, match="3 is bad"):
        list(spread(fails_at, [(3, number) for number in range(6)], workers=workers))


def test_as_many_as_this_process_may_use() -> None:
    assert 1 <= available() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_end_with_the_process_they_work_for(tmp_path: Path) -> None:
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=environment) as parent:
        try:
            wait_until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
        finally:
            parent.kill()
    workers = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    try:
        wait_until(lambda: not any(runs(worker) for worker in workers))
    finally:
        for worker in filter(runs, workers):
            os.kill(worker, signal.SIGKILL)


def wait_until(holds, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(process: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
