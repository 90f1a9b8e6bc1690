"""A fresh clone in a folder with spaces: the demo twice, then all tests, each timed; nothing is left running.

.venv/bin/python -m acceptance.fresh_clone [--without-tests]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from acceptance.running import Findings

DEMO_SECONDS, AGAIN_SECONDS, TEST_SECONDS = 600, 90, 900
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Clone, run, time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-tests", action="store_true", help="the demo alone")
    arguments = parser.parse_args()
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="earmark fresh clone ") as folder:
        clone = Path(folder) / "ear mark"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        for limit, which in ((DEMO_SECONDS, "first"), (AGAIN_SECONDS, "second")):
            seconds, code, output = _make(clone, "demo", "ARGS=--once --port 0 --label-studio-port 0")
            outcome = json.loads(output.splitlines()[-1]) if code == 0 else {}
            findings.check(code == 0 and seconds <= limit, f"the {which} demo took {seconds:.0f} s (at most {limit})")
            findings.tell(json.dumps(outcome))
            findings.check(not _left(clone), f"left running: {_left(clone) or 'nothing'}")
        if not arguments.without_tests:
            seconds, code, output = _make(clone, "test")
            closing = output.splitlines()[-1] if output else ""
            findings.check(
                code == 0 and seconds <= TEST_SECONDS,
                f"the tests took {seconds:.0f} s (at most {TEST_SECONDS}): {closing}",
            )
            findings.check(not _left(clone), f"left running: {_left(clone) or 'nothing'}")
    return findings.code


def _make(clone: Path, *arguments: str) -> tuple[float, int, str]:
    """Seconds, exit code and stdout of `make` in the clone."""
    began = time.monotonic()
    outcome = subprocess.run(["make", *arguments], cwd=clone, stdout=subprocess.PIPE, text=True, check=False)
    return time.monotonic() - began, outcome.returncode, outcome.stdout


def _left(clone: Path) -> list[str]:
    """Command lines of processes that run out of the clone."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(clone) in command and int(process.name) != os.getpid():
            found.append(command[:120])
    return found


if __name__ == "__main__":
    sys.exit(main())
