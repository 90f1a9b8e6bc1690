"""A real Label Studio, backend, workers and Redis: started once for all end-to-end tests, on free ports."""

from collections.abc import Iterator

import pytest

from earmark import studio
from model.checkpoints import SHIPPED, CheckpointError, version_of
from tests.end_to_end.running_demo import Demo, alive


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The running demo, for this folder's tests alone; its processes must all be gone after Ctrl-C."""
    if not studio.PYTHON.exists():
        pytest.skip("Label Studio is not installed in .venv-labelstudio: `make test` does that")
    try:
        version_of(SHIPPED)
    except CheckpointError as error:
        pytest.skip(f"there are no shipped weights: {error}")
    one = Demo.start(tmp_path_factory.mktemp("demo") / "data", {"EARMARK_POLL_SECONDS": "5"})
    try:
        yield one
    except BaseException:
        one.stop()
        raise
    pids = one.pids
    assert one.stop() == 0
    left = {name: pid for name, pid in pids.items() if alive(pid)}
    assert not left, f"still running after Ctrl-C: {left}"
