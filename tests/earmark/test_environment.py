"""What the command hands on to every process it starts."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("given", "there"),
    [({}, "1000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "None")],
)
def test_torchs_waiting_threads_soon_sleep_unless_somebody_chose_otherwise(given: dict[str, str], there: str) -> None:
    """Set before anything loads torch, which reads it once."""
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    environment = {name: value for name, value in os.environ.items() if name not in names} | given
    program = "import earmark.cli, os, sys; print(os.environ.get('GOMP_SPINCOUNT'), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [there, "False"]
