import os
import subprocess
import sys
from pathlib import Path

from earmark.lock import Lock, holder


def test_only_one_holds_it_and_the_holder_is_known(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    assert holder(tmp_path) is None
    assert first.acquire()
    assert not second.acquire()
    assert holder(tmp_path) == os.getpid()
    first.release()
    assert holder(tmp_path) is None
    assert second.acquire()


def test_it_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from earmark.lock import Lock\n"
        "print(Lock(Path(sys.argv[1])).acquire(), flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        assert holder(tmp_path) == process.pid
        process.kill()
        process.wait()
    assert holder(tmp_path) is None
    assert Lock(tmp_path).acquire()


def test_a_folder_nobody_used_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path / "nothing") is None
