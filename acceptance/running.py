"""What the scripts share: a demo on a data folder of its own, and one line for each thing that is checked."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.running_demo import Demo, alive


class Findings:
    """What was checked, and whether it held."""

    def __init__(self) -> None:
        self.failed = 0
        self._began = time.monotonic()

    def check(self, holds: bool, what: str) -> None:
        """Print one line; count it if it does not hold."""
        self.failed += not holds
        print(f"{'ok    ' if holds else 'FAILED'} {time.monotonic() - self._began:6.0f} s  {what}", flush=True)

    def tell(self, what: str) -> None:
        """Print a line that checks nothing."""
        print(f"       {time.monotonic() - self._began:6.0f} s  {what}", flush=True)

    @property
    def code(self) -> int:
        """The script's exit code."""
        return 1 if self.failed else 0


@contextmanager
def demo(findings: Findings, **environment: str) -> Iterator[Demo]:
    """A running demo; afterwards nothing of it may be left."""
    findings.tell("starting the demo")
    with tempfile.TemporaryDirectory(prefix="earmark acceptance ") as folder:
        one = Demo.start(Path(folder) / "data", environment)
        findings.tell(f"the demo runs: {one.url}")
        pids: dict[str, int] = {}
        try:
            yield one
            pids = one.pids
        except BaseException:
            for log in sorted((one.home / "logs").glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
            raise
        finally:
            code = one.stop()
        left = [name for name, pid in pids.items() if alive(pid)]
        findings.check(
            code == 0 and not left, f"the demo ended with exit code {code}, leaving {left or 'nothing'} behind"
        )
